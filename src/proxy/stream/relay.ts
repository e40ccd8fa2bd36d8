/**
 * Joins a client connection with a server: dials (another server when one cannot be reached), says who the client is, hands over what was read
 * already, and lets both talk until they have finished.
 */
import type { TimerWheel } from '../../std/timer-wheel.ts'
import { dialTransport } from '../transport/choose.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'
import { Tunnel } from '../transport/tunnel.ts'
import { Dial, type DialRoute } from '../upstream/dial.ts'
import { postgresSslRequest } from './postgres.ts'
import { proxyHeader } from './proxy-header.ts'
import type { TcpConnection } from './tcp-connection.ts'

/** How long a server may take to answer a request for TLS, in milliseconds. */
const postgresTimeoutMs = 10_000

/** A server as a relay sees it. */
export interface RelayServer {
  readonly route: Omit<DialRoute, 'preamble'>
  /** The connection counts as one of the server's from now on. */
  enter(): void
  leave(): void
  /** A connection was made, in so many milliseconds. */
  reached(ms: number): void
  /** None could be made. */
  unreached(): void
}

/** How connections are relayed; one object per service and generation. */
export interface RelayOptions {
  readonly wheel: TimerWheel
  readonly proxyProtocol: 0 | 1 | 2
  /** See `TunnelOptions`. */
  readonly halfOpenMs: number
  /** A server cannot be reached. */
  readonly onDialError: (address: string, error: Error) => void
}

/** Relays a connection to the first of the servers that can be reached; there is at least one. */
export function relay(connection: TcpConnection, servers: readonly RelayServer[], options: RelayOptions): void {
  new Relay(connection, servers, options).dialNext()
}

class Relay {
  readonly #connection: TcpConnection
  readonly #servers: readonly RelayServer[]
  readonly #options: RelayOptions
  #next = 0

  constructor(connection: TcpConnection, servers: readonly RelayServer[], options: RelayOptions) {
    this.#connection = connection
    this.#servers = servers
    this.#options = options
  }

  dialNext(): void {
    const connection = this.#connection
    const server = this.#servers[this.#next]
    this.#next += 1
    if (server === undefined || connection.transport.destroyed) {
      connection.transport.destroy()
      return
    }
    const { proxyProtocol, wheel } = this.#options
    const { route } = server
    const header = proxyProtocol === 0 ? null : proxyHeader(proxyProtocol, connection.facts)
    // With TLS it stands before the handshake; without it leaves together with the first bytes.
    const isSecure = route.tls !== null
    server.enter()
    const beganMs = wheel.clock.monotonicMs()
    const dial = new Dial(
      { ...route, preamble: isSecure ? header : null },
      (ms, call) => wheel.after(ms, call),
      (error, socket) => {
        if (socket === null) {
          connection.onDestroy(null)
          server.leave()
          server.unreached()
          this.#options.onDialError(`${route.host}:${route.port}`, error ?? new Error('connection failed'))
          this.dialNext()
          return
        }
        server.reached(wheel.clock.monotonicMs() - beganMs)
        connection.whenOver(() => server.leave())
        this.#connected(dialTransport(socket), isSecure ? null : header)
      },
    )
    connection.onDestroy(() => {
      dial.cancel()
      server.leave()
    })
  }

  #connected(server: Transport, header: Uint8Array | null): void {
    const connection = this.#connection
    connection.onDestroy(() => server.destroy())
    if (header !== null) server.write(header)
    if (connection.asksPostgresTls)
      new PostgresRequest(server, this.#options.wheel, (isYes) => (isYes ? this.#join(server) : connection.destroy()))
    else this.#join(server)
  }

  #join(server: Transport): void {
    const connection = this.#connection
    if (connection.early !== null && connection.early.length > 0) server.write(connection.early)
    const { wheel, halfOpenMs } = this.#options
    const tunnel = new Tunnel(connection.transport, server, { wheel, idleMs: 0, halfOpenMs, onClose: () => connection.over() })
    connection.onDestroy(() => tunnel.destroy())
  }
}

/** Asks a Postgres server for TLS, as its protocol has it before a ClientHello. */
class PostgresRequest implements TransportEvents {
  readonly #server: Transport
  #onAnswer: ((isYes: boolean) => void) | null
  readonly #cancelTimer: () => void

  constructor(server: Transport, wheel: TimerWheel, onAnswer: (isYes: boolean) => void) {
    this.#server = server
    this.#onAnswer = onAnswer
    this.#cancelTimer = wheel.after(postgresTimeoutMs, () => this.#answer(false))
    server.start(this)
    server.write(postgresSslRequest)
  }

  onData(chunk: Buffer): void {
    this.#server.pauseReading()
    // Anything but a lone yes is a server without TLS, or bytes that somebody slipped in before the handshake.
    this.#answer(chunk.length === 1 && chunk[0] === yes)
  }

  onEnd(): void {
    this.#answer(false)
  }

  onDrain(): void {}

  onClose(): void {
    this.#answer(false)
  }

  #answer(isYes: boolean): void {
    const tell = this.#onAnswer
    if (tell === null) return
    this.#onAnswer = null
    this.#cancelTimer()
    if (!isYes) this.#server.destroy()
    tell(isYes)
  }
}

const yes = 0x53
