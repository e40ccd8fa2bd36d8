import type { ResponseProducer } from '../http/body.ts'
import type { Exchange, ExchangeObserver } from '../http/exchange.ts'
import type { Reason } from '../http/reasons.ts'
import type { UpstreamConnection } from './connection.ts'
import type { ForwardListener } from './forward-listener.ts'
import type { GunzipSource } from './gunzip.ts'
import type { Upstreams } from './upstreams.ts'

/** What the client's side asks of the connection that makes its answer. */
export class AnswerFlow implements ResponseProducer, GunzipSource {
  readonly #connection: UpstreamConnection

  constructor(connection: UpstreamConnection) {
    this.#connection = connection
  }

  onDrain(): void {
    this.#connection.resumeAnswer()
  }

  onAbort(reason: Reason): void {
    this.#connection.cancel(reason)
  }

  pause(): void {
    this.#connection.pauseAnswer()
  }

  resume(): void {
    this.#connection.resumeAnswer()
  }

  cancel(reason: Reason): void {
    this.#connection.cancel(reason)
  }
}

/** Holds the server's place in flight while a tunnel lasts. */
export class TunnelLease implements ExchangeObserver {
  readonly #connection: UpstreamConnection
  readonly #upstreams: Upstreams
  readonly #listener: ForwardListener

  constructor(connection: UpstreamConnection, upstreams: Upstreams, listener: ForwardListener) {
    this.#connection = connection
    this.#upstreams = upstreams
    this.#listener = listener
  }

  onFinish(exchange: Exchange): void {
    this.#connection.forget()
    this.#upstreams.settled(exchange, this.#listener, null)
  }
}
