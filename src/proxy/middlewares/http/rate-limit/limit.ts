/** What a limit comes to. */
export interface Limit {
  /** Nanoseconds in which a token grows. */
  readonly intervalNs: number
  /** Tokens that a bucket holds, at least 1. */
  readonly burst: number
  /** Longest time that a request is held back until its token has grown, in nanoseconds. */
  readonly maxDelayNs: number
}

/** Makes a limit of what is configured; `average` is above 0, a period of 0 is a second. */
export function limitOf({ average, period, burst }: { readonly average: number; readonly period: number; readonly burst: number }): Limit {
  const periodMs = period === 0 ? 1000 : period
  const perSecond = (average * 1000) / periodMs
  return {
    intervalNs: (periodMs * 1e6) / average,
    burst: Math.max(1, burst),
    maxDelayNs: perSecond < 1 ? 500e6 : 1e9 / (2 * Math.floor(perSecond)),
  }
}
