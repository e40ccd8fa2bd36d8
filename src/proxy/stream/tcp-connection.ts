/** A client connection that a TCP router has taken, and the contract of those who handle one. */
import type { ConnectionFacts } from '../http/exchange.ts'
import type { ServerConnection } from '../http1/server-options.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'

/** Handles a connection: joins it with a server, or destroys it. */
export type TcpHandler = (connection: TcpConnection) => void

/** Wraps the next handler. Runs once per generation; the handler that it returns runs per connection. */
export type TcpMiddleware = (next: TcpHandler) => TcpHandler

/** What a connection is made of. */
export interface TcpConnectionInput {
  readonly transport: Transport
  readonly facts: ConnectionFacts
  /** Bytes that have been read from the client and belong to the server. */
  readonly early: Uint8Array | null
  /** The client asked for TLS in Postgres' way, and TLS is left to the server: it is to be asked in the same way first. */
  readonly asksPostgresTls: boolean
  /** The connection is over; the last call for it. */
  readonly onClose: (connection: ServerConnection) => void
}

/** A client connection on its way to a server. Nothing is read from it until a relay takes it over. */
export class TcpConnection implements ServerConnection, TransportEvents {
  readonly transport: Transport
  readonly facts: ConnectionFacts
  readonly early: Uint8Array | null
  readonly asksPostgresTls: boolean
  readonly #onClose: (connection: ServerConnection) => void
  #observers: (() => void)[] = []
  #cancel: (() => void) | null = null
  #isOver = false

  constructor(input: TcpConnectionInput) {
    this.transport = input.transport
    this.facts = input.facts
    this.early = input.early
    this.asksPostgresTls = input.asksPostgresTls
    this.#onClose = input.onClose
  }

  /** Begins, paused, so that a connection that goes away is noticed. */
  start(handler: TcpHandler): void {
    this.transport.pauseReading()
    this.transport.start(this)
    handler(this)
  }

  /** Calls once when the connection is over; at once when it is already. */
  whenOver(call: () => void): void {
    if (this.#isOver) call()
    else this.#observers.push(call)
  }

  /** What `destroy` ends besides the client's side; replaces the one before. */
  onDestroy(cancel: (() => void) | null): void {
    this.#cancel = cancel
  }

  /** A connection goes on until one of its ends closes it. */
  drain(): void {}

  destroy(): void {
    this.#cancelRest()
    this.transport.destroy()
  }

  /** For the relay, which gets the events of the transport. */
  over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancel = null
    for (const call of this.#observers) call()
    this.#observers = []
    this.#onClose(this)
  }

  // Events before a relay takes over: nothing is read, so only the end of the connection can come.

  onData(): void {}

  onEnd(): void {}

  onDrain(): void {}

  onClose(): void {
    this.#cancelRest()
    this.over()
  }

  #cancelRest(): void {
    const cancel = this.#cancel
    this.#cancel = null
    cancel?.()
  }
}
