/**
 * Durations as Go writes them. In memory a duration is a number of milliseconds, fractions included (1 µs is 0.001), so that it can be
 * handed to timers as it is; the texts keep nanoseconds.
 */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Largest duration that Go can hold (2^63-1 ns), in milliseconds. */
export const durationMsMax = 9_223_372_036_854.775

const partPattern = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y

/** Parses a Go duration such as `1h2m3.5s`, `-100ms` or `0`; returns milliseconds, or undefined when the text is none. */
export function parseGoDuration(text: string): number | undefined {
  let at = 0
  let sign = 1
  if (text[0] === '-' || text[0] === '+') {
    sign = text[0] === '-' ? -1 : 1
    at = 1
  }
  if (text.slice(at) === '0') return 0
  if (at === text.length) return undefined
  // Summed in nanoseconds where that is exact, since 0.1 * 1e-3 and the like are not in binary fractions.
  let totalNs = 0
  let restMs = 0
  while (at < text.length) {
    partPattern.lastIndex = at
    const part = partPattern.exec(text)
    const scale = unitMs[part?.[2] ?? '']
    if (part === null || scale === undefined) return undefined
    const ms = Number(part[1]) * scale
    const ns = Math.round(ms * 1e6)
    if (Number.isSafeInteger(totalNs + ns)) totalNs += ns
    else restMs += ms
    at = partPattern.lastIndex
  }
  const total = restMs + totalNs / 1e6
  return total > durationMsMax ? undefined : sign * total || 0
}

/** Parses a duration option: a bare integer counts seconds, everything else is a Go duration. Returns milliseconds or undefined. */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?\d+$/.test(text)) {
    const ms = Number(text) * 1000
    return Math.abs(ms) > durationMsMax ? undefined : ms || 0
  }
  return parseGoDuration(text)
}

/** Prints milliseconds as Go prints a duration: `1m30s`, `1.5s`, `100ms`, `0s`. */
export function formatGoDuration(ms: number): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const ns = BigInt(Math.round(Math.abs(ms) * 1e6))
  if (ns < 1000n) return `${sign}${ns}ns`
  if (ns < 1_000_000n) return `${sign}${fraction(ns, 1000n)}µs`
  if (ns < 1_000_000_000n) return `${sign}${fraction(ns, 1_000_000n)}ms`
  const minutes = ns / 60_000_000_000n
  const seconds = `${fraction(ns % 60_000_000_000n, 1_000_000_000n)}s`
  if (minutes === 0n) return `${sign}${seconds}`
  const hours = minutes / 60n
  return hours === 0n ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60n}m${seconds}`
}

function fraction(value: bigint, unit: bigint): string {
  const rest = value % unit
  if (rest === 0n) return String(value / unit)
  const digits = String(rest)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '')
  return `${value / unit}.${digits}`
}
