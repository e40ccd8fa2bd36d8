/** Dates of HTTP (RFC 9110 §5.6.7), in their three forms. */

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const fixed = /^([a-z]{3}), (\d\d) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) gmt$/i
const rfc850 = /^([a-z]{3})[a-z]*day, (\d\d)-([a-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) gmt$/i
const asctime = /^([a-z]{3}) ([a-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/i

/** Longest text that is taken for a date. */
const lengthMax = 40

/** Milliseconds since 1970 of a date; undefined when the text is none. `nowMs` decides the century of dates with two digits for the year. */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  if (text.length > lengthMax) return undefined
  let found = fixed.exec(text)
  if (found !== null) return toMs(found[1], { year: Number(found[4]), month: found[3], day: found[2], time: found.slice(5, 8) })
  found = rfc850.exec(text)
  if (found !== null) {
    const year = fullYear(Number(found[4]), nowMs)
    return toMs(found[1], { year, month: found[3], day: found[2], time: found.slice(5, 8) })
  }
  found = asctime.exec(text)
  if (found === null) return undefined
  return toMs(found[1], { year: Number(found[7]), month: found[2], day: found[3], time: found.slice(4, 7) })
}

/** The preferred form of a date in milliseconds since 1970. */
export function formatHttpDate(ms: number): string {
  return new Date(ms).toUTCString()
}

interface Parts {
  readonly year: number
  readonly month: string | undefined
  readonly day: string | undefined
  readonly time: readonly string[]
}

function toMs(dayName: string | undefined, { year, month, day, time }: Parts): number | undefined {
  const monthIndex = months.indexOf((month ?? '').toLowerCase())
  const [hours = 99, minutes = 99, seconds = 99] = time.map(Number)
  const dayOfMonth = Number(day)
  if (monthIndex < 0 || !days.includes((dayName ?? '').toLowerCase()) || dayOfMonth < 1 || hours > 23 || minutes > 59 || seconds > 60)
    return undefined
  const ms = Date.UTC(year, monthIndex, dayOfMonth, hours, minutes, seconds)
  // The 31st of a month that has 30 days would be the first of the next.
  return new Date(ms).getUTCDate() === dayOfMonth || seconds === 60 ? ms : undefined
}

/** A year that seems to be more than 50 years ahead is one of the past. */
function fullYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}
