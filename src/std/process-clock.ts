/** Time that all threads of the process tell alike, for what they leave each other on the board. */

/**
 * Milliseconds that only grow, as 32 bits with a sign: they wrap every seven weeks. Compare by `elapsedMs`. The `performance.now()` of each thread
 * starts at its own moment, so it is of no use here.
 */
export function processMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return (seconds * 1000 + Math.floor(nanoseconds / 1_000_000)) | 0
}

/** Nanoseconds that only grow, alike in all threads of the process. */
export function processNs(): bigint {
  return process.hrtime.bigint()
}

/** Milliseconds from one moment to another, negative when it is the other way round; right for up to three weeks. */
export function elapsedMs(from: number, to: number): number {
  return (to - from) | 0
}
