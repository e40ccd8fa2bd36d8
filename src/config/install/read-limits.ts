/** Limits for reading requests, from options that Traefik has and those that it has not. */
import type { EntryPoint } from './install.ts'

/** How long reading a request may take, in milliseconds; 0 is no limit. */
export interface ReadLimits {
  /** From the first byte of the head (or the end of the previous request's answer) to its last. */
  readonly headMs: number
  /** Longest pause within the body. */
  readonly bodyIdleMs: number
  /** The whole request, head and body. */
  readonly totalMs: number
}

/**
 * The limits of an entry point. `readTimeout` that is configured limits the whole request, as in Traefik; its default limits the head and each
 * pause of the body only, so that slow but steady uploads succeed.
 */
export function readLimits(timeouts: EntryPoint['transport']['respondingTimeouts']): ReadLimits {
  const { readTimeout, readTimeoutGiven, headerTimeout, bodyIdleTimeout, totalTimeout } = timeouts
  return {
    headMs: headerTimeout ?? readTimeout,
    bodyIdleMs: bodyIdleTimeout ?? (readTimeoutGiven ? 0 : readTimeout),
    totalMs: totalTimeout ?? (readTimeoutGiven ? readTimeout : 0),
  }
}
