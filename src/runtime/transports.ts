/** Resolves transports to servers: reads the files that they name. */
import type { InstallConfiguration } from '../config/install/install.ts'
import type { HttpServersTransport } from '../config/routing/routing.ts'
import type { TransportPlan } from '../generation/plan.ts'
import { contentOf, type ReadFile } from './file-content.ts'
import type { Merged } from './merge.ts'

/** A transport, or why it cannot be used, and what is wrong without being in the way. */
export interface TransportResult {
  readonly plan: TransportPlan | null
  readonly error: string | null
  readonly warnings: readonly string[]
}

/** Name of the transport that services use which name none. */
export const defaultTransport = 'default@internal'

/** Idle connections per server when a transport does not say. */
const idlePerServerDefault = 200

/** Resolves all transports by qualified name. */
export function resolveTransports(merged: Merged, install: InstallConfiguration, readFile: ReadFile): Map<string, TransportResult> {
  const results = new Map<string, TransportResult>()
  results.set(defaultTransport, resolveTransport(defaultTransport, install.serversTransport, readFile))
  for (const [name, { config }] of merged.transports) results.set(name, resolveTransport(name, config, readFile))
  return results
}

/** What a transport of a provider and the default one of the install configuration have in common. */
type Options = Pick<HttpServersTransport, 'insecureSkipVerify' | 'maxIdleConnsPerHost' | 'rootCAs' | 'spiffe'> &
  Partial<Omit<HttpServersTransport, 'forwardingTimeouts'>> & {
    forwardingTimeouts?: Pick<
      NonNullable<HttpServersTransport['forwardingTimeouts']>,
      'dialTimeout' | 'responseHeaderTimeout' | 'idleConnTimeout'
    > &
      Partial<Pick<NonNullable<HttpServersTransport['forwardingTimeouts']>, 'readIdleTimeout' | 'pingTimeout'>>
  }

/** Resolves one transport. */
export function resolveTransport(name: string, options: Options, readFile: ReadFile): TransportResult {
  if (options.spiffe !== undefined) return { plan: null, error: `servers transport ${name}: spiffe: not supported yet`, warnings: [] }
  const warnings: string[] = []
  const rootCas: string[] = []
  for (const entry of options.rootCAs) {
    const text = contentOf(entry, readFile)
    if (text.includes('-----BEGIN')) rootCas.push(text)
    else warnings.push(`servers transport ${name}: rootCAs: ${entry.slice(0, 80)} is neither a readable file nor a PEM text`)
  }
  // Roots that were asked for but could not be read must not turn into "trust the system's": an empty one makes sure that nothing verifies.
  if (options.rootCAs.length > 0 && rootCas.length === 0) rootCas.push('')
  const certificates: { cert: string; key: string }[] = []
  for (const { certFile, keyFile } of options.certificates ?? []) {
    const cert = contentOf(certFile, readFile)
    const key = contentOf(keyFile, readFile)
    if (cert.includes('-----BEGIN') && key.includes('-----BEGIN')) certificates.push({ cert, key })
    else
      warnings.push(
        `servers transport ${name}: certificates: ${certFile.slice(0, 80)} or its key is neither a readable file nor a PEM text`,
      )
  }
  const timeouts = options.forwardingTimeouts
  const plan: TransportPlan = {
    name,
    serverName: options.serverName ?? '',
    insecureSkipVerify: options.insecureSkipVerify,
    rootCas,
    certificates,
    minVersion: options.minVersion ?? '',
    maxVersion: options.maxVersion ?? '',
    cipherSuites: options.cipherSuites ?? [],
    peerCertUri: options.peerCertURI ?? '',
    peerCertSans: (options.peerCertSANs ?? []).map(({ type, value }) => ({ type, value })),
    maxIdlePerServer: options.maxIdleConnsPerHost === 0 ? idlePerServerDefault : options.maxIdleConnsPerHost,
    dialTimeoutMs: timeouts?.dialTimeout ?? 30_000,
    responseHeaderTimeoutMs: timeouts?.responseHeaderTimeout ?? 0,
    idleTimeoutMs: timeouts?.idleConnTimeout ?? 90_000,
    http2:
      options.disableHTTP2 === true
        ? null
        : { readIdleTimeoutMs: timeouts?.readIdleTimeout ?? 0, pingTimeoutMs: timeouts?.pingTimeout ?? 15_000 },
  }
  return { plan, error: null, warnings }
}
