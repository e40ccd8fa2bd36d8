/** Tells whoever waits that something the API shows has changed, so that pages follow without asking all the time. */
import type { CancelTimer, Clock } from '../std/clock.ts'

/** What the feed leans on. */
export interface ChangeFeedContext {
  readonly clock: Clock
  /** Text that differs whenever something that the API shows does. */
  readonly mark: () => string
}

/** Longest wait for a change, in milliseconds: shorter than the idle times of most proxies. */
const waitMsMax = 25_000
/** How often the mark is looked at while somebody waits, in milliseconds. */
const lookMs = 500
/** Most that may wait at once; others are answered at once. Well below what a worker lets wait for the control plane. */
const waitersMax = 256

interface Waiter {
  readonly known: string
  readonly untilMs: number
  readonly resolve: (mark: string) => void
}

/** Waits for changes. */
export class ChangeFeed {
  readonly #context: ChangeFeedContext
  readonly #waiters = new Set<Waiter>()
  #timer: CancelTimer | null = null
  #closed = false

  constructor(context: ChangeFeedContext) {
    this.#context = context
  }

  /** Resolves with the mark once it is another than `known`, or after 25 s. */
  next(known: string): Promise<string> {
    const mark = this.#context.mark()
    if (mark !== known || this.#closed || this.#waiters.size >= waitersMax) return Promise.resolve(mark)
    const untilMs = this.#context.clock.monotonicMs() + waitMsMax
    return new Promise((resolve) => {
      this.#waiters.add({ known, untilMs, resolve })
      this.#timer ??= this.#context.clock.after(lookMs, () => this.#look())
    })
  }

  /** Looks at the mark now: something may have changed. */
  check(): void {
    if (this.#waiters.size === 0) return
    const mark = this.#context.mark()
    const now = this.#context.clock.monotonicMs()
    for (const waiter of this.#waiters) {
      if (waiter.known === mark && now < waiter.untilMs && !this.#closed) continue
      this.#waiters.delete(waiter)
      waiter.resolve(mark)
    }
  }

  /** Answers everybody who waits; later ones are answered at once. */
  close(): void {
    this.#closed = true
    this.#timer?.()
    this.#timer = null
    this.check()
  }

  #look(): void {
    this.#timer = null
    this.check()
    if (this.#waiters.size > 0) this.#timer = this.#context.clock.after(lookMs, () => this.#look())
  }
}
