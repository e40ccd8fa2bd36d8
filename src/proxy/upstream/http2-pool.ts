/**
 * The HTTP/2 connections to one server by one servers transport. Exchanges share a connection up to what the server takes at a time; more wait for
 * the next one to be made. Whether a server with TLS speaks HTTP/2 is known once one connection was made (ALPN), and forgotten with the last one.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { dialTransport } from '../transport/choose.ts'
import { Dial, type DialRoute } from './dial.ts'
import { dialFailure, type Failure, failures } from './failure.ts'
import type { Http2Call } from './http2-call.ts'
import { Http2Connection, type Http2ConnectionLimits } from './http2-connection.ts'
import type { ServerPool } from './server-pool.ts'
import type { Upstreams } from './upstreams.ts'

/** Exchanges that may wait for a connection to be made. */
const waitingMax = 10_000

/** What a server is known to speak. */
type Protocol = 'unknown' | 'http2' | 'http1'

/** HTTP/2 connections of a server. */
export class Http2Pool {
  readonly server: ServerPool
  readonly #upstreams: Upstreams
  readonly #limits: Http2ConnectionLimits
  /** By prior knowledge, without TLS. */
  readonly #isPlain: boolean
  #protocol: Protocol
  readonly #connections: Http2Connection[] = []
  #dial: Dial | null = null
  #waiting: Http2Call[] = []

  constructor(server: ServerPool, upstreams: Upstreams, limits: Http2ConnectionLimits) {
    this.server = server
    this.#upstreams = upstreams
    this.#limits = limits
    this.#isPlain = server.route.tls === null
    this.#protocol = this.#isPlain ? 'http2' : 'unknown'
  }

  /** Whether exchanges go this way; false once the server is known to speak HTTP/1.1 only. */
  get isWanted(): boolean {
    if (this.#protocol !== 'http1') return true
    // With the last connection the knowledge goes: the server may have learned.
    if (this.server.open > 0) return false
    this.#protocol = 'unknown'
    return true
  }

  /** Sends a call on a connection with room, or as soon as there is one. */
  send(call: Http2Call): void {
    for (const connection of this.#connections) {
      if (!connection.hasRoom) continue
      connection.send(call)
      return
    }
    if (this.#waiting.length >= waitingMax) {
      call.fail(failures.shuttingDown)
      return
    }
    this.#waiting.push(call)
    this.#connect()
  }

  /** Closes what is idle, and the rest when it is done. */
  retire(): void {
    for (const connection of this.#connections.slice()) connection.retire()
  }

  /** The server has told that it takes no streams of this kind. */
  useHttp1(): void {
    if (!this.#isPlain) this.#protocol = 'http1'
  }

  /** A connection can take exchanges again. */
  onRoom(connection: Http2Connection): void {
    while (this.#waiting.length > 0 && connection.hasRoom) {
      const call = this.#waiting.shift()!
      if (!call.isOver) connection.send(call)
    }
  }

  /** A connection takes nothing new. */
  onGoing(connection: Http2Connection): void {
    const index = this.#connections.indexOf(connection)
    if (index >= 0) this.#connections.splice(index, 1)
  }

  /** A connection is gone. */
  onClosed(connection: Http2Connection): void {
    this.onGoing(connection)
    this.#upstreams.onHttp2Closed(connection, this.server)
  }

  #connect(): void {
    if (this.#dial !== null) return
    this.server.open += 1
    this.#dial = new Dial(this.#route(), this.#upstreams.after, (error, socket) => this.#dialed(error, socket))
  }

  #route(): DialRoute {
    const { route } = this.server
    const { tls } = route
    if (tls === null) return route
    return { ...route, tls: { optionsFor: (host) => ({ ...tls.optionsFor(host), ALPNProtocols: ['h2', 'http/1.1'] }) } }
  }

  #dialed(error: NodeJS.ErrnoException | null, socket: Socket | null): void {
    this.#dial = null
    const waiting = this.#waiting.filter((call) => !call.isOver)
    this.#waiting = []
    if (socket === null) {
      this.#upstreams.onHttp2Closed(null, this.server)
      const failure: Failure = error === null ? failures.connect : dialFailure(error)
      for (const call of waiting) call.unreached(failure)
      return
    }
    if (!this.#isPlain && !(socket instanceof TLSSocket && socket.alpnProtocol === 'h2')) {
      this.#protocol = 'http1'
      this.#upstreams.adopt(this.server, socket, waiting)
      return
    }
    this.#protocol = 'http2'
    const transport = dialTransport(socket, this.#upstreams.transportKind)
    const connection = new Http2Connection(this, this.#upstreams, transport, this.#limits)
    this.#connections.push(connection)
    this.#upstreams.onHttp2Opened(connection)
    for (const call of waiting) {
      if (connection.hasRoom) connection.send(call)
      else this.send(call)
    }
    transport.flush()
  }
}
