import type { TransportPlan } from './plan.ts'

/** A transport that asks for nothing: system roots, no limits of time, no connection kept, HTTP/1.1. */
export const bareTransport: TransportPlan = {
  name: 'default@internal',
  serverName: '',
  insecureSkipVerify: false,
  rootCas: [],
  certificates: [],
  minVersion: '',
  maxVersion: '',
  cipherSuites: [],
  peerCertUri: '',
  peerCertSans: [],
  maxIdlePerServer: -1,
  dialTimeoutMs: 0,
  responseHeaderTimeoutMs: 0,
  idleTimeoutMs: 0,
}

/** How our own calls reach servers: system roots, HTTP/2 where the server offers it. */
export const outboundTransport: TransportPlan = {
  ...bareTransport,
  name: 'outbound@internal',
  maxIdlePerServer: 100,
  dialTimeoutMs: 30_000,
  idleTimeoutMs: 90_000,
  http2: { readIdleTimeoutMs: 0, pingTimeoutMs: 15_000 },
}
