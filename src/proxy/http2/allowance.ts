/** An allowance that is used up by events and fills up with time. */
import type { AbuseLimits, AllowanceSize } from './limits.ts'

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

/** Names of the kinds that have an allowance. */
export type AllowanceName = { [K in keyof AbuseLimits]: AbuseLimits[K] extends AllowanceSize ? K : never }[keyof AbuseLimits]

/** The allowances of a connection, each made when it is first needed. */
export class Allowances {
  readonly #limits: AbuseLimits
  readonly #made: { [K in AllowanceName]?: Allowance } = {}

  constructor(limits: AbuseLimits) {
    this.#limits = limits
  }

  /** Takes one; false when there is none left. */
  take(name: AllowanceName, nowMs: number): boolean {
    return (this.#made[name] ??= new Allowance(this.#limits[name])).take(nowMs)
  }

  /** Gives some back. */
  give(name: AllowanceName, count: number): void {
    this.#made[name]?.give(count)
  }
}
