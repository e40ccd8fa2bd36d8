/** A clock that stands still until a test turns it. */
import type { CancelTimer, Clock } from '../../src/std/clock.ts'

interface Timer {
  readonly atMs: number
  readonly call: () => void
}

/** Time for tests: `advance` moves it and fires what is due, in order. */
export class ManualClock implements Clock {
  readonly #startMs: number
  #elapsedMs = 0
  readonly #timers = new Set<Timer>()

  constructor(startMs = Date.parse('2026-03-04T05:06:07.890Z')) {
    this.#startMs = startMs
  }

  now(): number {
    return this.#startMs + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  after(ms: number, call: () => void): CancelTimer {
    const timer = { atMs: this.#elapsedMs + ms, call }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Number of timers that have not fired. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves on by so many milliseconds and fires the timers on the way. */
  advance(ms: number): void {
    const endMs = this.#elapsedMs + ms
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#elapsedMs = Math.max(this.#elapsedMs, due.atMs)
      due.call()
    }
    this.#elapsedMs = endMs
  }
}
