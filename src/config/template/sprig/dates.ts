/** Sprig's functions for dates; the clock is passed in. */
import { fn, table, type CallContext, type TemplateFunctions } from '../call.ts'
import { TemplateFault } from '../error.ts'
import { GoDuration, GoTime, parseNanoseconds, timeInZone, zeroTime } from '../go-time.ts'
import { parseInteger } from '../number.ts'
import { parseTime } from '../time-layout.ts'
import { fixedZone, loadZone, utc, type Zone } from '../time-zone.ts'
import { GoInteger, type Value } from '../value.ts'

const second = 1_000_000_000n
const minute = 60n * second
const hour = 60n * minute
const day = 24n * hour

function local(context: CallContext): Zone {
  return loadZone(context.host.timeZone) ?? utc
}

function now(context: CallContext): GoTime {
  return new GoTime(BigInt(Math.floor(context.host.nowMs())) * 1_000_000n, local(context))
}

/** Takes a time, or a number of seconds since 1970; anything else is now. */
function timeOf(context: CallContext, value: Value): GoTime {
  if (value instanceof GoTime) return value
  const counts = value instanceof GoInteger && (value.kind === 'int' || value.kind === 'int64' || value.kind === 'int32')
  return counts ? new GoTime(value.value * second, local(context)) : now(context)
}

function format(context: CallContext, layout: string, value: Value, zone: string): string {
  const target = zone === 'Local' ? local(context) : (loadZone(zone) ?? utc)
  return timeOf(context, value).in(target).format(layout)
}

function read(context: CallContext, layout: string, text: string): GoTime {
  const parsed = parseTime(text, layout)
  if ('element' in parsed) {
    const detail = parsed.element === '' ? 'extra text or a day out of range' : `cannot parse "${parsed.rest}" as "${parsed.element}"`
    throw new TemplateFault(`parsing time "${text}" as "${layout}": ${detail}`)
  }
  const { fields, offsetSeconds, abbreviation } = parsed
  const home = local(context)
  if (offsetSeconds === undefined) {
    if (abbreviation === undefined) return timeInZone(fields, home)
    return timeInZone(fields, abbreviation === 'UTC' ? utc : zoneOf(fields, home, abbreviation))
  }
  const fixed = timeInZone(fields, offsetSeconds === 0 ? utc : fixedZone(abbreviation ?? '', offsetSeconds))
  // As Go: an offset that the local zone has at that moment means the local zone.
  return home.at(Number(fixed.unixSeconds)).offsetSeconds === offsetSeconds && (offsetSeconds !== 0 || home !== utc)
    ? fixed.in(home)
    : fixed
}

/** A local abbreviation means the local zone; Go makes up a zone without offset for any other. */
function zoneOf(fields: Parameters<typeof timeInZone>[0], home: Zone, abbreviation: string): Zone {
  return timeInZone(fields, home).parts().abbreviation === abbreviation ? home : fixedZone(abbreviation, 0)
}

function modify(text: string, time: GoTime): GoTime | undefined {
  const nanoseconds = parseNanoseconds(text)
  return nanoseconds === undefined ? undefined : time.plus(nanoseconds)
}

function ago(context: CallContext, value: Value): string {
  const since = now(context).unixNanoseconds - timeOf(context, value).unixNanoseconds
  return new GoDuration(roundTo(since, second)).text()
}

function roundTo(value: bigint, unit: bigint): bigint {
  const size = value < 0n ? -value : value
  const rounded = ((size + unit / 2n) / unit) * unit
  return value < 0n ? -rounded : rounded
}

function seconds(value: Value): bigint {
  if (typeof value === 'string') return parseInteger(value, 10) ?? 0n
  return value instanceof GoInteger && value.kind === 'int64' ? value.value : 0n
}

const units: readonly (readonly [bigint, string])[] = [
  [365n * day, 'y'],
  [30n * day, 'mo'],
  [day, 'd'],
  [hour, 'h'],
  [minute, 'm'],
  [second, 's'],
]

function roundDuration(context: CallContext, value: Value): string {
  let nanoseconds = 0n
  if (typeof value === 'string') nanoseconds = parseNanoseconds(value) ?? 0n
  else if (value instanceof GoInteger && value.kind === 'int64') nanoseconds = value.value
  else if (value instanceof GoTime) nanoseconds = now(context).unixNanoseconds - value.unixNanoseconds
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const unit = units.find(([length]) => size > length)
  return unit === undefined ? '0s' : `${size / unit[0]}${unit[1]}`
}

const inZone = fn(['string', 'any', 'string'], (context, layout, value, zone) => format(context, layout, value, zone))
const modifyOrKeep = fn(['string', 'time'], (_, text, time) => modify(text, time) ?? time)
const modifyOrFail = fn(['string', 'time'], (_, text, time) => {
  const modified = modify(text, time)
  if (modified === undefined) throw new TemplateFault(`time: invalid duration "${text}"`)
  return modified
})

/** Functions that read, change, and print times. */
export const dateFunctions: TemplateFunctions = table({
  ago: fn(['any'], (context, value) => ago(context, value)),
  date: fn(['string', 'any'], (context, layout, value) => format(context, layout, value, 'Local')),
  dateInZone: inZone,
  date_in_zone: inZone,
  dateModify: modifyOrKeep,
  date_modify: modifyOrKeep,
  mustDateModify: modifyOrFail,
  must_date_modify: modifyOrFail,
  duration: fn(['any'], (_, value) => new GoDuration(seconds(value) * second).text()),
  durationRound: fn(['any'], (context, value) => roundDuration(context, value)),
  htmlDate: fn(['any'], (context, value) => format(context, '2006-01-02', value, 'Local')),
  htmlDateInZone: fn(['any', 'string'], (context, value, zone) => format(context, '2006-01-02', value, zone)),
  mustToDate: fn(['string', 'string'], (context, layout, text) => read(context, layout, text)),
  now: fn([], (context) => now(context)),
  toDate: fn(['string', 'string'], (context, layout, text) => {
    const parsed = parseTime(text, layout)
    return 'element' in parsed ? zeroTime : read(context, layout, text)
  }),
  unixEpoch: fn(['time'], (_, time) => String(time.unixSeconds)),
})
