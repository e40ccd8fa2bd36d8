import type { TransportPlan } from './plan.ts'

/** How our own calls reach servers: system roots, HTTP/2 where the server offers it. */
export const outboundTransport: TransportPlan = {
  name: 'outbound@internal',
  serverName: '',
  insecureSkipVerify: false,
  rootCas: [],
  certificates: [],
  minVersion: '',
  maxVersion: '',
  cipherSuites: [],
  peerCertUri: '',
  peerCertSans: [],
  maxIdlePerServer: 100,
  dialTimeoutMs: 30_000,
  responseHeaderTimeoutMs: 0,
  idleTimeoutMs: 90_000,
  http2: { readIdleTimeoutMs: 0, pingTimeoutMs: 15_000 },
}
