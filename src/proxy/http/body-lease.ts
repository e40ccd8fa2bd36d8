/** A request body that is lent out to attempts at an answer: one that leaves it untouched leaves it to the next. */
import type { BodyConsumer, BodySource } from './body.ts'

/** Lends a body to one attempt after the other, until one of them reads it or has the answer that counts. */
export class BodyLease {
  readonly #body: BodySource
  #isStarted = false

  constructor(body: BodySource) {
    this.#body = body
  }

  /** Whether an attempt has begun to read: then there is nothing to lend any more. */
  get isStarted(): boolean {
    return this.#isStarted
  }

  /** The body for an attempt. */
  lend(): LentBody {
    return new LentBody(this.#body, () => {
      this.#isStarted = true
    })
  }
}

/** A body as one attempt sees it. What it throws away unread stays, unless this attempt's answer counts. */
export class LentBody implements BodySource {
  readonly length: number
  readonly #body: BodySource
  readonly #onStart: () => void
  #isStarted = false
  #isDiscarded = false

  constructor(body: BodySource, onStart: () => void) {
    this.length = body.length
    this.#body = body
    this.#onStart = onStart
  }

  get ended(): boolean {
    return this.#isDiscarded || this.#body.ended
  }

  start(consumer: BodyConsumer): void {
    this.#isStarted = true
    this.#onStart()
    this.#body.start(consumer)
  }

  pause(): void {
    this.#body.pause()
  }

  resume(): void {
    this.#body.resume()
  }

  discard(): void {
    this.#isDiscarded = true
    if (this.#isStarted) this.#body.discard()
  }

  /** The answer of this attempt counts: nobody will need the body after it. */
  keep(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    if (this.#isDiscarded) this.#body.discard()
  }
}
