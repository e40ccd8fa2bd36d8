/** Time, passed in so that tests can turn it by hand. */

/** Cancels a timer; harmless when it has fired. */
export type CancelTimer = () => void

/** A source of time and timers. */
export interface Clock {
  /** Wall time in milliseconds since 1970. */
  now(): number
  /** Milliseconds that only grow. */
  monotonicMs(): number
  /** Calls once after `ms`; does not keep the process alive. */
  after(ms: number, call: () => void): CancelTimer
}

/** The real one. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
