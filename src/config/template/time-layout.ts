/** Times written and read by Go's layouts, in which the reference time Mon Jan 2 15:04:05 MST 2006 shows the form. */
/** The months, January first. */
export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** The days of the week, Sunday first. */
export const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** The calendar's view of a time. */
export interface TimeParts {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** From 0, Sunday. */
  readonly weekday: number
  /** From 1. */
  readonly yearDay: number
  readonly offsetSeconds: number
  readonly abbreviation: string
}

/** What makes a time: fields beyond their range carry over, as in Go. */
export type DateFields = Pick<TimeParts, 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond'>

const elements =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|2|__2|_2(?!006)|3|4|5|PM|pm|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07|[.,](?:0+|9+)(?!\d)/g

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** Prints a time by a layout. */
export function formatTime(parts: TimeParts, layout: string): string {
  return layout.replaceAll(elements, (element) => formatElement(parts, element))
}

function formatElement(parts: TimeParts, element: string): string {
  if (/^[.,]/.test(element)) return formatFraction(parts.nanosecond, element)
  if (/^[-Z]/.test(element)) return formatZone(parts.offsetSeconds, element)
  const hour12 = parts.hour % 12 === 0 ? 12 : parts.hour % 12
  const texts: Readonly<Record<string, string>> = {
    'January': monthNames[parts.month - 1] ?? '',
    'Jan': (monthNames[parts.month - 1] ?? '').slice(0, 3),
    '1': String(parts.month),
    '01': two(parts.month),
    'Monday': dayNames[parts.weekday] ?? '',
    'Mon': (dayNames[parts.weekday] ?? '').slice(0, 3),
    '2': String(parts.day),
    '_2': String(parts.day).padStart(2),
    '02': two(parts.day),
    '__2': String(parts.yearDay).padStart(3),
    '002': String(parts.yearDay).padStart(3, '0'),
    '15': two(parts.hour),
    '3': String(hour12),
    '03': two(hour12),
    '4': String(parts.minute),
    '04': two(parts.minute),
    '5': String(parts.second),
    '05': two(parts.second),
    '2006': parts.year < 0 ? `-${String(-parts.year).padStart(4, '0')}` : String(parts.year).padStart(4, '0'),
    '06': two(((parts.year % 100) + 100) % 100),
    'PM': parts.hour >= 12 ? 'PM' : 'AM',
    'pm': parts.hour >= 12 ? 'pm' : 'am',
    // A time that was read with an offset only has no name for its zone.
    'MST': parts.abbreviation === '' ? formatZone(parts.offsetSeconds, '-0700') : parts.abbreviation,
  }
  return texts[element] ?? element
}

function formatFraction(nanosecond: number, element: string): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, element.length - 1)
    .padEnd(Math.min(element.length - 1, 9), '0')
  if (element[1] === '0') return (element[0] ?? '.') + digits
  const kept = digits.replace(/0+$/, '')
  return kept === '' ? '' : (element[0] ?? '.') + kept
}

function formatZone(offsetSeconds: number, element: string): string {
  if (element.startsWith('Z') && offsetSeconds === 0) return 'Z'
  const size = Math.abs(offsetSeconds)
  const fields = [Math.floor(size / 3600), Math.floor((size % 3600) / 60), size % 60]
  const count = element.replaceAll(/[^0]/g, '').length > 0 ? Math.ceil(element.replaceAll(/\D/g, '').length / 2) : 1
  const text = fields
    .slice(0, count)
    .map(two)
    .join(element.includes(':') ? ':' : '')
  return `${offsetSeconds < 0 ? '-' : '+'}${text}`
}

/** A time that was read, and the zone that stood with it. */
export interface ParsedTime {
  readonly fields: DateFields
  readonly offsetSeconds?: number
  readonly abbreviation?: string
}

/** Why a text could not be read: the element of the layout and the text at which it failed. */
export interface LayoutFault {
  readonly element: string
  readonly rest: string
}

interface Draft {
  year?: number
  month?: number
  day?: number
  yearDay?: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  afternoon?: boolean
  offsetSeconds?: number
  abbreviation?: string
}

/** Reads a time by a layout. */
export function parseTime(text: string, layout: string): ParsedTime | LayoutFault {
  const draft: Draft = { hour: 0, minute: 0, second: 0, nanosecond: 0 }
  let rest = text
  let from = 0
  for (const match of layout.matchAll(elements)) {
    const literal = layout.slice(from, match.index)
    if (!rest.startsWith(literal)) return { element: literal, rest }
    rest = rest.slice(literal.length)
    const element = match[0]
    const width = readElement(draft, element, rest)
    if (width < 0) return { element, rest }
    rest = rest.slice(width)
    from = match.index + element.length
    // A fraction may follow the seconds even where the layout shows none.
    const fraction = element === '5' || element === '05' ? /^[.,]\d+/.exec(rest)?.[0] : undefined
    if (fraction !== undefined && !/^[.,][09]/.test(layout.slice(from))) {
      draft.nanosecond = Number(fraction.slice(1, 10).padEnd(9, '0'))
      rest = rest.slice(fraction.length)
    }
  }
  const last = layout.slice(from)
  if (rest !== last) return { element: last, rest }
  return finish(draft) ?? { element: '', rest: text }
}

const numberForms: Readonly<Record<string, readonly [RegExp, keyof Draft, number, number]>> = {
  '2006': [/^\d{4}/, 'year', 0, 9999],
  '1': [/^\d{1,2}/, 'month', 1, 12],
  '01': [/^\d{2}/, 'month', 1, 12],
  '2': [/^\d{1,2}/, 'day', 1, 31],
  '_2': [/^ ?\d{1,2}/, 'day', 1, 31],
  '02': [/^\d{2}/, 'day', 1, 31],
  '002': [/^\d{3}/, 'yearDay', 1, 366],
  '__2': [/^ {0,2}\d{1,3}/, 'yearDay', 1, 366],
  '15': [/^\d{1,2}/, 'hour', 0, 23],
  '3': [/^\d{1,2}/, 'hour', 0, 12],
  '03': [/^\d{2}/, 'hour', 0, 12],
  '4': [/^\d{1,2}/, 'minute', 0, 59],
  '04': [/^\d{2}/, 'minute', 0, 59],
  '5': [/^\d{1,2}/, 'second', 0, 59],
  '05': [/^\d{2}/, 'second', 0, 59],
}

/** Reads one element into the draft; gives the width of what it read, or -1. */
function readElement(draft: Draft, element: string, text: string): number {
  const form = Object.hasOwn(numberForms, element) ? numberForms[element] : undefined
  if (form !== undefined) {
    const [expression, key, low, high] = form
    const digits = expression.exec(text)?.[0]
    const value = Number(digits)
    if (digits === undefined || value < low || value > high) return -1
    Object.assign(draft, { [key]: value })
    return digits.length
  }
  if (element === '06') {
    const digits = /^\d{2}/.exec(text)?.[0]
    if (digits === undefined) return -1
    draft.year = Number(digits) + (Number(digits) >= 69 ? 1900 : 2000)
    return 2
  }
  if (/^[.,]/.test(element)) return readFraction(draft, element, text)
  if (/^[-Z]/.test(element)) return readOffset(draft, element, text)
  return readName(draft, element, text)
}

function readFraction(draft: Draft, element: string, text: string): number {
  const exact = element[1] === '0'
  const digits = (exact ? new RegExp(`^[.,]\\d{${Math.min(element.length - 1, 9)}}`) : /^[.,]\d{1,9}/).exec(text)?.[0]
  if (digits === undefined) return exact ? -1 : 0
  draft.nanosecond = Number(digits.slice(1).padEnd(9, '0'))
  return digits.length
}

function readOffset(draft: Draft, element: string, text: string): number {
  if (element.startsWith('Z') && text.startsWith('Z')) {
    draft.offsetSeconds = 0
    return 1
  }
  const fields = Math.ceil(element.replaceAll(/\D/g, '').length / 2)
  const colon = element.includes(':') ? ':' : ''
  const match = new RegExp(`^([+-])(\\d{2})${`${colon}(\\d{2})`.repeat(fields - 1)}`).exec(text)
  if (match === null) return -1
  const [whole, sign, hours = '0', minutes = '0', seconds = '0'] = match
  if (Number(hours) > 24 || Number(minutes) >= 60 || Number(seconds) >= 60) return -1
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  draft.offsetSeconds = sign === '-' ? -size : size
  return whole.length
}

function readName(draft: Draft, element: string, text: string): number {
  if (element === 'PM' || element === 'pm') {
    const mark = (element === 'PM' ? /^[AP]M/ : /^[ap]m/).exec(text)?.[0]
    if (mark === undefined) return -1
    draft.afternoon = mark.toLowerCase() === 'pm'
    return 2
  }
  if (element === 'MST') {
    const name = /^(?:UTC|[A-Z]{3,5}|GMT[+-]\d{1,2}|[+-]\d{2,4})/.exec(text)?.[0]
    if (name === undefined) return -1
    draft.abbreviation = name
    return name.length
  }
  const isMonth = element.startsWith('Jan')
  const width = element === 'Jan' || element === 'Mon' ? 3 : Infinity
  const names = (isMonth ? monthNames : dayNames).map((name) => name.slice(0, width))
  const at = names.findIndex((name) => text.slice(0, name.length).toLowerCase() === name.toLowerCase())
  if (at < 0) return -1
  if (isMonth) draft.month = at + 1
  return names[at]?.length ?? -1
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (((year % 400) + 400) % 400), month, 0)).getUTCDate()
}

function finish(draft: Draft): ParsedTime | undefined {
  const year = draft.year ?? 0
  const month = draft.month ?? 1
  const day = draft.day ?? draft.yearDay ?? 1
  if (draft.yearDay === undefined && day > daysIn(year, month)) return undefined
  let hour = draft.hour
  if (draft.afternoon === true && hour < 12) hour += 12
  if (draft.afternoon === false && hour === 12) hour = 0
  return {
    fields: { year, month, day, hour, minute: draft.minute, second: draft.second, nanosecond: draft.nanosecond },
    ...(draft.offsetSeconds === undefined ? {} : { offsetSeconds: draft.offsetSeconds }),
    ...(draft.abbreviation === undefined ? {} : { abbreviation: draft.abbreviation }),
  }
}
