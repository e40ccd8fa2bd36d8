/**
 * The way of a new connection to whoever serves it: PROXY protocol, first bytes, ClientHello, and who of TCP routers, HTTPS and HTTP gets it
 * (architecture of Traefik's entry points, so that configuration means the same). Nothing is read before a TCP router that takes everything may have
 * the connection: its server may want to speak first.
 */
import type { CidrSet } from '../../std/cidr.ts'
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { ConnectionFacts } from '../http/exchange.ts'
import { serveHttp1 } from '../http1/server-connection.ts'
import type { ServerConnection } from '../http1/server-options.ts'
import { prefaceMatch } from '../http2/preface.ts'
import { serveHttp2 } from '../http2/server-connection.ts'
import type { Http2ServerOptions } from '../http2/server-options.ts'
import { postgresNo, postgresSslRequest, postgresYes, readSslRequest } from '../stream/postgres.ts'
import { TcpConnection, type TcpHandler } from '../stream/tcp-connection.ts'
import type { TcpRoute, TcpRoutes } from '../stream/tcp-routes.ts'
import { refuseTls, type TlsAcceptor, tlsAlerts, type TlsChoice } from '../tls/acceptor.ts'
import { type ClientHello, looksLikeTls, parseClientHello } from '../tls/client-hello.ts'
import type { TlsConnection } from '../tls/handshake.ts'
import { acceptTransport } from '../transport/choose.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'
import { readProxyHeader } from './proxy-header.ts'

/** How long the first request of a connection may still take once others are refused, in milliseconds. */
const freshMs = 1000

/** What arriving connections ask of their listener; one object for all of them. */
export interface ArrivalContext {
  readonly wheel: TimerWheel
  readonly tls: TlsAcceptor
  /** Of the entry point, as it is now. */
  readonly entryPoint: string
  readonly options: Http2ServerOptions
  readonly secureOptions: Http2ServerOptions
  /** TCP routers of the generation served now; null when there are none. */
  readonly tcp: TcpRoutes | null
  /** Whose PROXY headers count; null without that protocol. */
  readonly proxies: Pick<CidrSet, 'contains'> | null
  /** It is known who serves a connection: `served` stands in the place of `before` from now on. */
  onServed(before: ServerConnection, served: ServerConnection): void
  /** A connection is gone that nobody served, or that a TCP router took. */
  onClose(connection: ServerConnection): void
  /** A fault of this program ended a connection. */
  onFault(error: unknown): void
}

/** What the next bytes are taken for. */
type Stage = 'proxyHeader' | 'firstBytes' | 'clientHello' | 'postgresHello' | 'handshake'

/** Takes a connection in; what is returned stands for it until the context is told who serves it. */
export function arrive(transport: Transport, facts: ConnectionFacts, context: ArrivalContext): Arrival {
  return new Arrival(transport, facts, context)
}

/** A connection of which it is not known yet who serves it. */
export class Arrival implements TransportEvents, TimerOwner, ServerConnection {
  readonly #transport: Transport
  readonly #context: ArrivalContext
  readonly #timer: Timer
  /** Monotonic milliseconds; the time limit counts from here to the end of the handshake. */
  readonly #arrivedMs: number
  #facts: ConnectionFacts
  #stage: Stage
  #isDone = false
  /** Bytes that say too little by themselves. */
  #kept: Buffer | null = null
  /** Ends a handshake under way. */
  #cancelHandshake: (() => void) | null = null

  constructor(transport: Transport, facts: ConnectionFacts, context: ArrivalContext) {
    this.#transport = transport
    this.#facts = facts
    this.#context = context
    this.#stage = context.proxies === null ? 'firstBytes' : 'proxyHeader'
    this.#arrivedMs = context.wheel.coarseMs
    this.#timer = context.wheel.timer(this)
    const { headMs } = context.options.timeouts
    if (headMs > 0) this.#timer.setCoarse(headMs)
  }

  /** Begins; call it once the connection is in the books. */
  start(): void {
    if (this.#stage !== 'firstBytes' || !this.#takeAtOnce(null)) this.#transport.start(this)
  }

  /** A client that has just connected has its first request on the way. */
  drain(): void {
    if (this.#stage !== 'handshake') this.#timer.set(freshMs)
  }

  destroy(): void {
    this.#cancelHandshake?.()
    this.#transport.destroy()
  }

  onTimer(): void {
    this.destroy()
  }

  onData(chunk: Buffer): void {
    const bytes = this.#kept === null ? chunk : Buffer.concat([this.#kept, chunk])
    this.#kept = null
    try {
      if (this.#step(bytes)) return
      this.#kept = Buffer.from(bytes)
    } catch (error) {
      this.#context.onFault(error)
      this.#transport.destroy()
    }
  }

  onEnd(): void {
    this.#transport.destroy()
  }

  onDrain(): void {}

  onClose(): void {
    this.#close()
  }

  #close(): void {
    this.#timer.close()
    if (this.#isDone) return
    this.#isDone = true
    this.#context.onClose(this)
  }

  /** Looks at all bytes that are there; false when more must come first. */
  #step(bytes: Buffer): boolean {
    switch (this.#stage) {
      case 'proxyHeader':
        return this.#takeProxyHeader(bytes)
      case 'firstBytes':
        return this.#tell(bytes)
      case 'clientHello':
      case 'postgresHello':
        return this.#takeHello(bytes)
      case 'handshake':
        return true
    }
  }

  #takeProxyHeader(bytes: Buffer): boolean {
    const header = readProxyHeader(bytes)
    if (header === 'more') return false
    if (header === 'invalid') {
      this.#transport.destroy()
      return true
    }
    this.#stage = 'firstBytes'
    let rest = bytes
    if (header !== 'none') {
      rest = bytes.subarray(header.length)
      // From others the header is read and does not count.
      if (header.addresses !== null && this.#context.proxies?.contains(this.#facts.remoteIp) === true)
        this.#facts = { ...header.addresses, tls: null }
    }
    return this.#takeAtOnce(rest) || rest.length === 0 || this.#tell(rest)
  }

  /** Gives the connection to a TCP router where nothing else could have it. */
  #takeAtOnce(early: Buffer | null): boolean {
    const routes = this.#context.tcp
    if (routes === null || !routes.isImmediate) return false
    const route = routes.matchPlain(this.#facts.remoteIp)
    if (route === null || route.handler === null) return false
    this.#toTcp(route.handler, early === null || early.length === 0 ? null : Buffer.from(early), false)
    return true
  }

  /** Tells by the first bytes what a client speaks. */
  #tell(bytes: Buffer): boolean {
    const first = bytes[0] ?? 0
    if (looksLikeTls(first)) {
      this.#stage = 'clientHello'
      return this.#takeHello(bytes)
    }
    const routes = this.#context.tcp
    if (first === 0 && routes?.isImmediate !== true) {
      const request = readSslRequest(bytes)
      if (request === 'more') return false
      if (request === 'yes') return this.#answerSslRequest(bytes)
    }
    const route = routes === null || !routes.hasPlain ? null : routes.matchPlain(this.#facts.remoteIp)
    if (route === null || route.handler === null) return this.#toHttp(bytes)
    this.#toTcp(route.handler, Buffer.from(bytes), false)
    return true
  }

  #toHttp(bytes: Buffer): boolean {
    const match = prefaceMatch(bytes)
    if (match === 'more') return false
    const { options } = this.#context
    this.#leave()
    const served = match === 'yes' ? serveHttp2(this.#transport, this.#facts, options) : serveHttp1(this.#transport, this.#facts, options)
    this.#context.onServed(this, served)
    served.onData(bytes)
    return true
  }

  #answerSslRequest(bytes: Buffer): boolean {
    if (this.#context.tcp?.hasSecure !== true) {
      // Nobody here could take it: the client is told so in its own language.
      this.#transport.writeText(postgresNo)
      this.#transport.end()
      this.#timer.set(freshMs)
      return true
    }
    // R26: what a client sends behind the request, before its answer, would pass for bytes that came over TLS.
    if (bytes.length > postgresSslRequest.length) {
      this.#transport.destroy()
      return true
    }
    this.#transport.writeText(postgresYes)
    this.#stage = 'postgresHello'
    return true
  }

  #takeHello(bytes: Buffer): boolean {
    const hello = parseClientHello(bytes)
    if (hello === 'more') return false
    if (hello === 'invalid') this.#refuse(tlsAlerts.decodeError)
    else this.#takeSecure(hello, bytes)
    return true
  }

  /** HTTPS routers that name the host, then TCP routers, then HTTPS routers without a host, then TCP routers that take all, then 404 over HTTPS. */
  #takeSecure(hello: ClientHello, bytes: Buffer): void {
    const { tcp, tls, entryPoint } = this.#context
    const { remoteIp, localIp } = this.#facts
    const isPostgres = this.#stage === 'postgresHello'
    const route = tcp?.matchSecure({ sni: hello.serverName, clientIp: remoteIp, alpn: hello.alpn }) ?? null
    if (isPostgres) {
      if (route === null) this.#transport.destroy()
      else this.#toSecureTcp(route, hello, bytes, true)
      return
    }
    const https = tls.choose(entryPoint, hello, localIp)
    const isForTcp = route !== null && https.wanted !== 'host' && !(https.wanted === 'any' && route.isCatchAll)
    if (route !== null && isForTcp) this.#toSecureTcp(route, hello, bytes, false)
    else this.#shakeHands(hello, bytes, https, (connection) => this.#toHttps(connection))
  }

  #toSecureTcp(route: TcpRoute, hello: ClientHello, bytes: Buffer, isPostgres: boolean): void {
    const { handler, tls } = route
    if (handler === null || tls === null) {
      this.#refuse(tlsAlerts.accessDenied)
    } else if (tls.passthrough) {
      this.#toTcp(handler, Buffer.from(bytes), isPostgres)
    } else if (!route.admissions.every((admits) => admits(this.#facts.remoteIp))) {
      this.#transport.destroy()
    } else {
      const choice = this.#context.tls.chooseOptions(tls.options, hello, this.#facts.localIp)
      this.#shakeHands(hello, bytes, choice, ({ socket, facts }) => {
        this.#facts = { ...this.#facts, tls: facts }
        this.#hand(acceptTransport(socket), handler, null, false)
      })
    }
  }

  #shakeHands(hello: ClientHello, bytes: Buffer, choice: TlsChoice, onSecure: (connection: TlsConnection) => void): void {
    const { wheel, tls, options, entryPoint } = this.#context
    this.#stage = 'handshake'
    this.#timer.close()
    const { headMs } = options.timeouts
    const leftMs = headMs === 0 ? 0 : Math.max(1, this.#arrivedMs + headMs - wheel.coarseMs)
    const socket = this.#transport.detach()
    this.#cancelHandshake = () => socket.destroy()
    // A handler that throws ends this connection alone.
    tls.wrap(choice, { socket, head: Buffer.from(bytes), hello, timer: wheel, timeoutMs: leftMs, entryPoint }).then(
      (connection) => {
        this.#cancelHandshake = null
        try {
          onSecure(connection)
        } catch (error) {
          this.#context.onFault(error)
          connection.socket.destroy()
          this.#close()
        }
      },
      () => this.#close(),
    )
  }

  #toHttps({ socket, facts, alpn }: TlsConnection): void {
    if (alpn !== 'h2' && alpn !== '' && !alpn.startsWith('http/1.')) {
      // An option set offers a protocol that nobody here speaks.
      socket.destroy()
      this.#close()
      return
    }
    const { secureOptions } = this.#context
    const transport = acceptTransport(socket)
    const secured = { ...this.#facts, tls: facts }
    this.#leave()
    const served = alpn === 'h2' ? serveHttp2(transport, secured, secureOptions) : serveHttp1(transport, secured, secureOptions)
    this.#context.onServed(this, served)
  }

  #toTcp(handler: TcpHandler, early: Buffer | null, asksPostgresTls: boolean): void {
    this.#hand(this.#transport, handler, early, asksPostgresTls)
  }

  #hand(transport: Transport, handler: TcpHandler, early: Buffer | null, asksPostgresTls: boolean): void {
    this.#leave()
    const context = this.#context
    const connection = new TcpConnection({
      transport,
      facts: this.#facts,
      early,
      asksPostgresTls,
      onClose: (closed) => context.onClose(closed),
    })
    context.onServed(this, connection)
    try {
      connection.start(handler)
    } catch (error) {
      context.onFault(error)
      connection.destroy()
    }
  }

  #leave(): void {
    this.#isDone = true
    this.#timer.close()
  }

  #refuse(alert: number): void {
    const socket = this.#transport.detach()
    refuseTls(socket, alert)
    this.#close()
  }
}
