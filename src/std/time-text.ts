/** Points in time as logs and the API print them. Times are milliseconds since 1970 (Date.now()). */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Minutes east of UTC that local time has at the given moment. */
export function localOffsetMinutes(timeMs: number): number {
  return -new Date(timeMs).getTimezoneOffset()
}

/** RFC 3339 without fractions at an offset in minutes: `2026-01-02T15:04:05Z`, `2026-01-02T17:04:05+02:00`. */
export function formatRfc3339(timeMs: number, offsetMinutes: number): string {
  const text = shifted(timeMs, offsetMinutes).toISOString().slice(0, 19)
  return offsetMinutes === 0 ? `${text}Z` : `${text}${offset(offsetMinutes, ':')}`
}

/** The date of common log lines, in UTC: `02/Jan/2006:15:04:05 +0000`. */
export function formatClfTime(timeMs: number): string {
  const text = new Date(timeMs).toISOString()
  return `${text.slice(8, 10)}/${months[Number(text.slice(5, 7)) - 1] ?? ''}/${text.slice(0, 4)}:${text.slice(11, 19)} +0000`
}

function shifted(timeMs: number, offsetMinutes: number): Date {
  return new Date(timeMs + offsetMinutes * 60_000)
}

function offset(minutes: number, separator: string): string {
  const size = Math.abs(minutes)
  const hours = String(Math.floor(size / 60)).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${hours}${separator}${String(size % 60).padStart(2, '0')}`
}
