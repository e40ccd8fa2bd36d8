/** The time limits of a client connection, on one timer of the wheel. Only the limit that matters next is set; setting it costs a store. */
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { RequestBody } from './request-body.ts'
import type { Http1Timeouts } from './server-options.ts'

/** How long a connection stays open for reading after its last answer, so that a reset does not destroy what is on its way; in milliseconds. */
const lingerMs = 1000

/** What a connection waits for, and how long it may. */
export class ConnectionTimer {
  readonly #wheel: TimerWheel
  readonly #timer: Timer
  readonly #timeouts: Http1Timeouts
  readonly #openedMs: number
  /** When the first byte of the request came (of the first request: when the connection was opened). */
  #requestAtMs: number
  /** When the head of the request was complete. */
  #headAtMs = 0

  constructor(wheel: TimerWheel, owner: TimerOwner, timeouts: Http1Timeouts) {
    this.#wheel = wheel
    this.#timer = wheel.timer(owner)
    this.#timeouts = timeouts
    this.#openedMs = wheel.coarseMs
    this.#requestAtMs = this.#openedMs
    this.#set(timeouts.headMs)
  }

  /** Milliseconds since the connection was opened. */
  get ageMs(): number {
    return this.#wheel.coarseMs - this.#openedMs
  }

  /** The first bytes of a request have come. */
  awaitHead(): void {
    this.#requestAtMs = this.#wheel.coarseMs
    this.#set(this.#timeouts.headMs)
  }

  /** The head of a request is complete; `isNext` when it came together with the end of the request before. */
  headComplete(isNext: boolean): void {
    const { totalMs, writeMs } = this.#timeouts
    if (totalMs === 0 && writeMs === 0) return
    this.#headAtMs = this.#wheel.coarseMs
    if (isNext) this.#requestAtMs = this.#headAtMs
  }

  /** A request is under way; `body` is the part of it that has not come yet. */
  awaitExchange(body: RequestBody | null, isAnswered: boolean): void {
    const { bodyIdleMs, totalMs, writeMs } = this.#timeouts
    if (body === null && writeMs === 0) {
      this.#timer.clear()
      return
    }
    let deadlineMs = Number.POSITIVE_INFINITY
    if (body !== null) {
      if (totalMs > 0) deadlineMs = this.#requestAtMs + totalMs
      if (bodyIdleMs > 0 && body.isWanted && !body.isPaused) deadlineMs = Math.min(deadlineMs, this.#wheel.coarseMs + bodyIdleMs)
    }
    if (writeMs > 0 && !isAnswered) deadlineMs = Math.min(deadlineMs, this.#headAtMs + writeMs)
    if (deadlineMs === Number.POSITIVE_INFINITY) this.#timer.clear()
    else this.#timer.setAt(deadlineMs)
  }

  /** Nothing is under way, or the last bytes wait for the client to take them. */
  awaitClient(): void {
    this.#set(this.#timeouts.idleMs)
  }

  /** Everything has been sent. */
  linger(): void {
    this.#timer.set(lingerMs)
  }

  /** No limit holds any more. */
  stop(): void {
    this.#timer.close()
  }

  #set(delayMs: number): void {
    if (delayMs > 0) this.#timer.setCoarse(delayMs)
    else this.#timer.clear()
  }
}
