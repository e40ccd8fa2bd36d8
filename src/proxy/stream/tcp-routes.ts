/** The TCP routers of an entry point, as its connections are looked up in them. */
import type { TcpMatchInput } from '../../rules/match-input.ts'
import type { TcpRouteTable } from '../../rules/tcp-table.ts'
import type { TcpHandler } from './tcp-connection.ts'

/** A TCP router that connections can reach. */
export interface TcpRoute {
  readonly name: string
  /** Nothing but HostSNI(`*`): comes after HTTPS routers too. */
  readonly isCatchAll: boolean
  /** Null without TLS. */
  readonly tls: { readonly passthrough: boolean; readonly options: string } | null
  /** Null when the router is out of use: it takes no connection, nor does any router below it. */
  readonly handler: TcpHandler | null
  /** What its middlewares make of a client's address; all must admit it. */
  readonly admissions: readonly ((remoteIp: string) => boolean)[]
}

/** Routers of an entry point; one object per generation. */
export class TcpRoutes {
  readonly #plain: TcpRouteTable
  readonly #secure: TcpRouteTable
  readonly #routes: readonly TcpRoute[]
  /** Whether some router can take connections without TLS. */
  readonly hasPlain: boolean
  readonly hasSecure: boolean
  /** Connections without TLS can be matched before a byte was read, so that servers may speak first. */
  readonly isImmediate: boolean

  constructor(plain: TcpRouteTable, secure: TcpRouteTable, routes: readonly TcpRoute[], hasHttps: boolean) {
    this.#plain = plain
    this.#secure = secure
    this.#routes = routes
    this.hasPlain = plain.size > 0
    this.hasSecure = secure.size > 0
    this.isImmediate = this.hasPlain && !this.hasSecure && !hasHttps
  }

  /** Who takes a connection without TLS. */
  matchPlain(clientIp: string): TcpRoute | null {
    return this.#routeAt(this.#plain.match({ sni: '', clientIp, alpn: [] }))
  }

  /** Who takes a connection with TLS. */
  matchSecure(input: TcpMatchInput): TcpRoute | null {
    return this.#routeAt(this.#secure.match(input))
  }

  #routeAt(slot: number): TcpRoute | null {
    return slot < 0 ? null : (this.#routes[slot] ?? null)
  }
}
