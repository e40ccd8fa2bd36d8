/** The connections to one server by one servers transport: idle ones are used again, the warmest first. */
import type { UpstreamConnection } from './connection.ts'
import type { DialRoute } from './dial.ts'
import type { Http2Pool } from './http2-pool.ts'
import type { ForwardProxy } from './proxy-environment.ts'

/** Limits of a pool, from the servers transport. */
export interface PoolLimits {
  /** Idle connections kept. */
  readonly idleMax: number
  /** 0: never closed for being idle. */
  readonly idleTimeoutMs: number
  /** 0: none. */
  readonly responseHeaderTimeoutMs: number
}

/** Idle connections of one server, last in first out. */
export class ServerPool {
  /** Server and servers transport. */
  readonly key: string
  readonly route: DialRoute
  readonly limits: PoolLimits
  readonly proxy: ForwardProxy | null
  /** Its connections of HTTP/2; null where that is not spoken. */
  http2: Http2Pool | null = null
  /** Connections that wait for a request, the longest idle first. */
  readonly idle: UpstreamConnection[] = []
  /** Connections that are open or being made. */
  open = 0
  /** When the last connection was closed; pools that nobody uses are forgotten some time after. */
  emptySinceMs = 0

  constructor(key: string, route: DialRoute, limits: PoolLimits) {
    this.key = key
    this.route = route
    this.limits = limits
    this.proxy = route.proxy
  }

  /** A warm connection, or null. */
  take(): UpstreamConnection | null {
    for (;;) {
      const connection = this.idle.pop()
      if (connection === undefined) return null
      if (connection.isUsable) return connection
    }
  }

  /** Keeps a connection whose request and answer are complete; false when there are enough. */
  keep(connection: UpstreamConnection): boolean {
    if (this.idle.length >= this.limits.idleMax) return false
    this.idle.push(connection)
    return true
  }

  /** Forgets an idle connection that was closed. */
  drop(connection: UpstreamConnection): void {
    const index = this.idle.lastIndexOf(connection)
    if (index >= 0) this.idle.splice(index, 1)
  }
}
