/** Answers that are wanted whole: of a handler that is called for its answer, not for the client. */
import type { Transport } from '../transport/transport.ts'
import type { Exchange, Handler, ResponseSink } from './exchange.ts'
import type { HeaderList } from './header-list.ts'
import { runContained } from './inner-exchange.ts'
import type { Reason } from './reasons.ts'

/** An answer in memory. */
export interface CollectedAnswer {
  readonly status: number
  readonly headers: HeaderList
  readonly body: Buffer
  readonly trailers: HeaderList | null
  /** Why there is no complete answer from a server; null when there is one. */
  readonly reason: Reason | null
  /** The body was longer than wanted and is cut. */
  readonly isTooLong: boolean
}

/** Collects the answer of a handler. Make the exchange with a `Collector` as its sink. `bytesMax` is the longest body that is kept; -1: any. */
export class Collector implements ResponseSink {
  readonly #bytesMax: number
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #isOver = false
  readonly #done = Promise.withResolvers<CollectedAnswer>()

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Runs the handler; resolves when its answer is over, complete or not. Never rejects. */
  run(exchange: Exchange, handler: Handler): Promise<CollectedAnswer> {
    runContained(exchange, handler)
    return this.#done.promise
  }

  /** Gives the answer up: it is over now, for this reason. */
  giveUp(exchange: Exchange, reason: Reason): void {
    if (this.#isOver) return
    this.#over(exchange, reason, false)
    exchange.abort(reason)
    exchange.finish()
  }

  informational(): void {}

  head(): void {}

  write(exchange: Exchange, chunk: Uint8Array): boolean {
    if (this.#isOver) return true
    this.#bytes += chunk.length
    if (this.#bytesMax >= 0 && this.#bytes > this.#bytesMax) {
      this.#over(exchange, null, true)
      exchange.abort('answer_dropped')
      exchange.finish()
      return true
    }
    this.#chunks.push(Buffer.from(chunk))
    return true
  }

  writeText(exchange: Exchange, text: string): void {
    this.write(exchange, Buffer.from(text, 'latin1'))
  }

  end(exchange: Exchange): void {
    this.#over(exchange, exchange.originStatus === exchange.status ? null : exchange.reason, false)
    exchange.finish()
  }

  abort(exchange: Exchange, reason: Reason): void {
    this.#over(exchange, reason, false)
    exchange.finish()
  }

  upgrade(exchange: Exchange, server: Transport): void {
    server.destroy()
    this.abort(exchange, 'upstream_malformed')
  }

  #over(exchange: Exchange, reason: Reason | null, isTooLong: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#done.resolve({
      status: exchange.status,
      headers: exchange.responseHeaders,
      body: Buffer.concat(this.#chunks),
      trailers: exchange.responseTrailers,
      reason: reason ?? (isTooLong ? null : exchange.reason),
      isTooLong,
    })
  }
}
