/** Go's time.Time, time.Duration, time.Month, and time.Weekday, as far as templates reach them. */
import { formatGoDuration, parseGoDuration } from '../../std/duration.ts'
import { fromText, toText } from './bytes.ts'
import { TemplateFault } from './error.ts'
import { dayNames, formatTime, monthNames, type DateFields, type TimeParts } from './time-layout.ts'
import { utc, type Zone } from './time-zone.ts'
import { GoInteger, int, int64, type GoMethod, type GoObject, type Value } from './value.ts'

const nanosecondsPerSecond = 1_000_000_000n

/** Seconds from 1970 back to the first of January of the year 1: Go's zero time. */
const zeroSeconds = -62135596800n

function fact(value: () => Value): GoMethod {
  return { parameters: [], call: value }
}

/** A number that prints as a name. */
export class GoNamed implements GoObject {
  readonly kind = 'int'
  readonly typeName: string
  readonly value: number
  readonly name: string

  constructor(typeName: string, value: number, name: string) {
    this.typeName = typeName
    this.value = value
    this.name = name
  }

  text(): string {
    return this.name
  }

  json(): Value {
    return int(this.value)
  }

  equals(other: GoObject): boolean {
    return other instanceof GoNamed && other.value === this.value
  }

  isZero(): boolean {
    return this.value === 0
  }

  method(name: string): GoMethod | undefined {
    return name === 'String' ? fact(() => this.name) : undefined
  }
}

/** A length of time in nanoseconds. */
export class GoDuration implements GoObject {
  readonly kind = 'int64'
  readonly typeName = 'time.Duration'
  readonly nanoseconds: bigint

  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds
  }

  text(): string {
    return fromText(formatGoDuration(Number(this.nanoseconds) / 1e6))
  }

  json(): Value {
    return int64(this.nanoseconds)
  }

  equals(other: GoObject): boolean {
    return other instanceof GoDuration && other.nanoseconds === this.nanoseconds
  }

  isZero(): boolean {
    return this.nanoseconds === 0n
  }

  method(name: string): GoMethod | undefined {
    switch (name) {
      case 'Hours':
        return fact(() => Number(this.nanoseconds) / 3.6e12)
      case 'Minutes':
        return fact(() => Number(this.nanoseconds) / 6e10)
      case 'Seconds':
        return fact(() => Number(this.nanoseconds) / 1e9)
      case 'Milliseconds':
        return fact(() => int64(this.nanoseconds / 1_000_000n))
      case 'Microseconds':
        return fact(() => int64(this.nanoseconds / 1000n))
      case 'Nanoseconds':
        return fact(() => int64(this.nanoseconds))
      case 'String':
        return fact(() => this.text())
      default:
        return undefined
    }
  }
}

/** Parses a Go duration to nanoseconds; undefined when it is none. */
export function parseNanoseconds(bytes: string): bigint | undefined {
  const ms = parseGoDuration(toText(bytes))
  return ms === undefined ? undefined : BigInt(Math.round(ms * 1e6))
}

/** A moment, shown in a zone. */
export class GoTime implements GoObject {
  readonly kind = 'struct'
  readonly typeName = 'time.Time'
  readonly unixNanoseconds: bigint
  readonly zone: Zone

  constructor(unixNanoseconds: bigint, zone: Zone) {
    this.unixNanoseconds = unixNanoseconds
    this.zone = zone
  }

  /** Seconds since 1970, rounded down. */
  get unixSeconds(): bigint {
    const seconds = this.unixNanoseconds / nanosecondsPerSecond
    return this.unixNanoseconds % nanosecondsPerSecond < 0n ? seconds - 1n : seconds
  }

  /** Gives the same moment in another zone. */
  in(zone: Zone): GoTime {
    return new GoTime(this.unixNanoseconds, zone)
  }

  /** Gives the time that is so many nanoseconds later. */
  plus(nanoseconds: bigint): GoTime {
    return new GoTime(this.unixNanoseconds + nanoseconds, this.zone)
  }

  parts(): TimeParts {
    const seconds = Number(this.unixSeconds)
    const { offsetSeconds, abbreviation } = this.zone.at(seconds)
    const date = new Date((seconds + offsetSeconds) * 1000)
    if (Number.isNaN(date.getTime())) throw new TemplateFault('a time outside of the calendar')
    const year = date.getUTCFullYear()
    const newYear = new Date(0)
    newYear.setUTCFullYear(year, 0, 1)
    return {
      year,
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      nanosecond: Number(this.unixNanoseconds - this.unixSeconds * nanosecondsPerSecond),
      weekday: date.getUTCDay(),
      yearDay: Math.floor((date.getTime() - newYear.getTime()) / 86_400_000) + 1,
      offsetSeconds,
      abbreviation,
    }
  }

  /** Prints the time by one of Go's layouts. */
  format(layout: string): string {
    return formatTime(this.parts(), layout)
  }

  text(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST')
  }

  json(): Value {
    return this.format('2006-01-02T15:04:05.999999999Z07:00')
  }

  equals(other: GoObject): boolean {
    return other instanceof GoTime && other.unixNanoseconds === this.unixNanoseconds && other.zone.name === this.zone.name
  }

  isZero(): boolean {
    return this.unixNanoseconds === zeroSeconds * nanosecondsPerSecond
  }

  method(name: string): GoMethod | undefined {
    const simple = simpleMethods.get(name)
    if (simple !== undefined) return fact(() => simple(this))
    const compare = comparisons.get(name)
    if (compare !== undefined) {
      return {
        parameters: ['time'],
        call: ([other]) => (other instanceof GoTime ? compare(this.unixNanoseconds, other.unixNanoseconds) : null),
      }
    }
    if (name === 'Format') return { parameters: ['string'], call: ([layout]) => (typeof layout === 'string' ? this.format(layout) : null) }
    if (name === 'AddDate') {
      return {
        parameters: ['int', 'int', 'int'],
        call: (args) => this.#addDate(args.map((value) => (value instanceof GoInteger ? Number(value.value) : 0))),
      }
    }
    return undefined
  }

  #addDate([years = 0, months = 0, days = 0]: readonly number[]): GoTime {
    const parts = this.parts()
    const moved = { ...parts, year: parts.year + years, month: parts.month + months, day: parts.day + days }
    return timeInZone(moved, this.zone)
  }
}

/** Makes the time that clocks of a zone show so. */
export function timeInZone(fields: DateFields, zone: Zone): GoTime {
  const wall = wallSeconds(fields)
  // The first guess of the offset may be off near a change of clocks; the second one holds at the moment itself.
  const guess = zone.at(wall).offsetSeconds
  const { offsetSeconds } = zone.at(wall - guess)
  return new GoTime(BigInt(wall - offsetSeconds) * nanosecondsPerSecond + BigInt(fields.nanosecond), zone)
}

function wallSeconds(fields: DateFields): number {
  const date = new Date(0)
  date.setUTCFullYear(fields.year, fields.month - 1, fields.day)
  date.setUTCHours(fields.hour, fields.minute, fields.second)
  if (Number.isNaN(date.getTime())) throw new TemplateFault('a time outside of the calendar')
  return date.getTime() / 1000
}

/** Go's zero time. */
export const zeroTime = new GoTime(zeroSeconds * nanosecondsPerSecond, utc)

const comparisons = new Map<string, (a: bigint, b: bigint) => Value>([
  ['After', (a, b) => a > b],
  ['Before', (a, b) => a < b],
  ['Compare', (a, b) => int(a < b ? -1 : a > b ? 1 : 0)],
  ['Equal', (a, b) => a === b],
  ['Sub', (a, b) => new GoDuration(a - b)],
])

const simpleMethods = new Map<string, (time: GoTime) => Value>([
  ['Year', (time) => int(time.parts().year)],
  ['Month', (time) => new GoNamed('time.Month', time.parts().month, monthNames[time.parts().month - 1] ?? '')],
  ['Day', (time) => int(time.parts().day)],
  ['Hour', (time) => int(time.parts().hour)],
  ['Minute', (time) => int(time.parts().minute)],
  ['Second', (time) => int(time.parts().second)],
  ['Nanosecond', (time) => int(time.parts().nanosecond)],
  ['Weekday', (time) => new GoNamed('time.Weekday', time.parts().weekday, dayNames[time.parts().weekday] ?? '')],
  ['YearDay', (time) => int(time.parts().yearDay)],
  ['Unix', (time) => int64(time.unixSeconds)],
  ['UnixMilli', (time) => int64(time.unixNanoseconds / 1_000_000n)],
  ['UnixMicro', (time) => int64(time.unixNanoseconds / 1000n)],
  ['UnixNano', (time) => int64(time.unixNanoseconds)],
  ['UTC', (time) => time.in(utc)],
  ['IsZero', (time) => time.isZero()],
  ['String', (time) => time.text()],
])
