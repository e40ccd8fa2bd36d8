/** A server as requests are sent to it: everything about a request that does not depend on the request is prepared here. */
import type { TransportPlan } from '../../generation/plan.ts'
import type { ServerPool } from './server-pool.ts'
import type { ServerAddress } from './server-url.ts'

/** How requests reach a server. */
export interface TargetOptions {
  /** The path of the server's URL goes in front of the request's. */
  readonly preservePath: boolean
  /** The Host of the request is passed on instead of the server's own. */
  readonly passHostHeader: boolean
  readonly transport: TransportPlan
  /** The client's Proxy-Authorization goes on: for authentication servers. */
  readonly passesProxyAuthorization?: boolean
}

/** A server of a load balancer. */
export class UpstreamTarget {
  /** As configured. */
  readonly url: string
  /** Null when the scheme cannot be spoken. */
  pool: ServerPool | null
  /** Host for requests that bring none, or when theirs is not passed on. */
  readonly hostHeader: string
  readonly passHostHeader: boolean
  readonly passesProxyAuthorization: boolean
  /** What stands between method and path: scheme and authority towards a forward proxy, and the path in front of the request's. */
  readonly targetPrefix: string
  /** Fields for a forward proxy, line ends included. */
  readonly proxyFields: string

  constructor(url: string, address: ServerAddress | null, pool: ServerPool | null, options: TargetOptions) {
    this.url = url
    this.pool = pool
    this.passHostHeader = options.passHostHeader
    this.passesProxyAuthorization = options.passesProxyAuthorization ?? false
    const isSocket = address?.scheme === 'unix'
    const authority = address === null || isSocket ? 'localhost' : address.authority
    this.hostHeader = authority
    const proxy = address?.scheme === 'http' ? (pool?.proxy ?? null) : null
    const origin = proxy === null ? '' : `http://${authority}`
    const path = options.preservePath && !isSocket ? (address?.path ?? '') : ''
    this.targetPrefix = origin + (path.endsWith('/') ? path.slice(0, -1) : path)
    this.proxyFields = proxy === null || proxy.authorization === '' ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`
  }
}
