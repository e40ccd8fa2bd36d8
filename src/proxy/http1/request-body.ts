/** The body of a request that is being read, as the exchange sees it. */
import type { BodyConsumer, BodySource } from '../http/body.ts'
import type { Reason } from '../http/reasons.ts'

/** The connection that a body is read from. */
export interface BodyOwner {
  /** Somebody wants the body, holds it back, lets it flow again, or does not want it: look at the body's state. */
  bodyChanged(body: RequestBody): void
}

/** One request's body; made only for requests that have one. */
export class RequestBody implements BodySource {
  readonly length: number
  ended = false
  consumer: BodyConsumer | null = null
  isPaused = false
  isDiscarded = false
  /** Bytes that came, wanted or not. */
  receivedBytes = 0
  #failure: Reason | null = null
  readonly #owner: BodyOwner

  constructor(owner: BodyOwner, length: number) {
    this.#owner = owner
    this.length = length
  }

  /** True while chunks may be delivered (a pause holds back the reads to come, not what was read). */
  get isWanted(): boolean {
    return this.consumer !== null || this.isDiscarded
  }

  start(consumer: BodyConsumer): void {
    if (this.consumer !== null) throw new Error('request body: started twice')
    if (this.#failure !== null) {
      consumer.onBodyError(this.#failure)
      return
    }
    if (this.isDiscarded || this.ended) throw new Error('request body: started after it was discarded')
    this.consumer = consumer
    this.#owner.bodyChanged(this)
  }

  pause(): void {
    if (this.isPaused || this.ended) return
    this.isPaused = true
    this.#owner.bodyChanged(this)
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    if (!this.ended) this.#owner.bodyChanged(this)
  }

  discard(): void {
    if (this.isDiscarded || this.ended) return
    this.drop()
    this.#owner.bodyChanged(this)
  }

  /** Discards without telling the owner, which is who calls it. */
  drop(): void {
    this.isDiscarded = true
    this.isPaused = false
    this.consumer = null
  }

  /** Tells the consumer, now or when it comes, that the rest will not come. */
  fail(reason: Reason): void {
    if (this.ended || this.#failure !== null) return
    this.#failure = reason
    const consumer = this.consumer
    if (consumer === null || this.isDiscarded) return
    this.isDiscarded = true
    consumer.onBodyError(reason)
  }
}
