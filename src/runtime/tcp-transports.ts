/** Resolves transports to TCP servers: reads the files that they name. */
import type { InstallConfiguration } from '../config/install/install.ts'
import type { TcpServersTransport } from '../config/routing/routing.ts'
import type { ProxyProtocolVersion, TcpTransportPlan } from '../generation/stream-plan.ts'
import type { ReadFile } from './file-content.ts'
import type { Merged } from './merge.ts'
import { resolveTransport } from './transports.ts'

/** Name of the transport that services use which name none. */
export const defaultTcpTransport = 'default@internal'

/** How long half a connection stays open where nothing says otherwise, in milliseconds; the documented default. */
const terminationDelayMsDefault = 100

/** A transport, or why it cannot be used. */
export interface TcpTransportResult {
  readonly plan: TcpTransportPlan | null
  readonly error: string | null
  readonly warnings: readonly string[]
}

/** Resolves all transports by qualified name. */
export function resolveTcpTransports(merged: Merged, install: InstallConfiguration, readFile: ReadFile): Map<string, TcpTransportResult> {
  const results = new Map<string, TcpTransportResult>()
  const { dialTimeout, dialKeepAlive, terminationDelay, tls } = install.tcpServersTransport
  const defaults = { dialTimeout, dialKeepAlive, terminationDelay: terminationDelay === 0 ? terminationDelayMsDefault : terminationDelay }
  results.set(defaultTcpTransport, resolveOne(defaultTcpTransport, tls === undefined ? defaults : { ...defaults, tls }, readFile))
  for (const [name, { config }] of merged.tcpTransports) results.set(name, resolveOne(name, config, readFile))
  return results
}

/** What a transport of a provider and the default one of the install configuration have in common. */
type Options = Pick<TcpServersTransport, 'dialTimeout' | 'dialKeepAlive' | 'terminationDelay' | 'proxyProtocol'> & {
  tls?: Pick<NonNullable<TcpServersTransport['tls']>, 'insecureSkipVerify' | 'rootCAs' | 'spiffe'> &
    Partial<NonNullable<TcpServersTransport['tls']>>
}

function resolveOne(name: string, options: Options, readFile: ReadFile): TcpTransportResult {
  const tls = resolveTransport(name, { insecureSkipVerify: false, rootCAs: [], maxIdleConnsPerHost: 0, ...options.tls }, readFile)
  if (tls.plan === null) return { plan: null, error: tls.error, warnings: tls.warnings }
  const version = options.proxyProtocol?.version ?? 0
  if (options.proxyProtocol !== undefined && !isSentVersion(version))
    return { plan: null, error: `unknown proxyProtocol version: ${version}`, warnings: tls.warnings }
  const plan: TcpTransportPlan = {
    name,
    tls: tls.plan,
    dialTimeoutMs: options.dialTimeout,
    dialKeepAliveMs: options.dialKeepAlive,
    terminationDelayMs: options.terminationDelay,
    proxyProtocol: isSentVersion(version) ? version : 0,
  }
  return { plan, error: null, warnings: tls.warnings }
}

/** Whether a version of the PROXY protocol can be sent. */
export function isSentVersion(version: number): version is Exclude<ProxyProtocolVersion, 0> {
  return version === 1 || version === 2
}
