/** Keeps retries from multiplying the load of servers that fail under it. */

/** Counts requests and retries of one limit in one worker. */
export class RetryBudget {
  active = 0
  readonly #percent: number
  readonly #minConcurrency: number
  #retrying = 0

  constructor(options: { readonly percent: number; readonly minConcurrency: number }) {
    this.#percent = options.percent
    this.#minConcurrency = options.minConcurrency
  }

  /** Takes the place of a retry, to be given back by `leave`; false when there is none. */
  enter(): boolean {
    if (this.#retrying >= Math.max(this.#minConcurrency, Math.floor((this.active * this.#percent) / 100))) return false
    this.#retrying += 1
    return true
  }

  /** Gives a place back. */
  leave(): void {
    this.#retrying -= 1
  }
}
