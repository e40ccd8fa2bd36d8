/** An allowance that is used up by events and fills up with time. */
import type { AllowanceSize } from './limits.ts'

/** What is left of an allowance. */
export class Allowance {
  readonly #size: AllowanceSize
  #left: number
  #filledMs = -1

  constructor(size: AllowanceSize) {
    this.#size = size
    this.#left = size.burst
  }

  /** Takes one; false when there is none left. Time only matters once half of it is gone. */
  take(nowMs: number): boolean {
    const { burst, perSecond } = this.#size
    if (this.#filledMs < 0) this.#filledMs = nowMs
    if (this.#left < burst / 2) {
      this.#left = Math.min(burst, this.#left + ((nowMs - this.#filledMs) * perSecond) / 1000)
      this.#filledMs = nowMs
    }
    this.#left -= 1
    return this.#left >= 0
  }

  /** Gives some back. */
  give(count: number): void {
    this.#left = Math.min(this.#size.burst, this.#left + count)
  }
}
