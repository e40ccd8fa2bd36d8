/**
 * The raw tree that all sources produce and the decoder reads: texts, numbers, booleans, null, lists and records (objects without a
 * prototype). Flags, variables, labels and KV pairs give texts only, and may give an object both a value and members.
 */

/** An object that has a value of its own beside its members, as in `tls=true` and `tls.options=x`. */
export class Branch {
  readonly value: string
  readonly members: RawRecord

  constructor(value: string, members: RawRecord) {
    this.value = value
    this.members = members
  }
}

/** A value that a format has and Traefik's configuration has not, such as a YAML date; always an error. */
export class UnsupportedValue {
  readonly type: string
  readonly text: string

  constructor(type: string, text: string) {
    this.type = type
    this.text = text
  }
}

/** Members by name; without a prototype, so that no name is special. */
export type RawRecord = Record<string, unknown>

/** A path into a raw tree, with names as they were written. */
export type RawPath = readonly (string | number)[]

/** Creates an object without a prototype, in which names such as `__proto__` and `constructor` are like any other. */
export function createRecord<T>(): Record<string, T> {
  const record: Record<string, T> = Object.create(null)
  return record
}

/** Prints a scalar the way Traefik's decoder sees it: a fraction gets six digits. Undefined when it is no scalar. */
export function scalarText(raw: unknown): string | undefined {
  if (typeof raw === 'string') return raw
  if (typeof raw === 'boolean' || typeof raw === 'bigint') return String(raw)
  if (typeof raw !== 'number') return undefined
  if (Number.isInteger(raw)) return Math.abs(raw) < 1e21 ? String(raw) : BigInt(raw).toString()
  if (Number.isNaN(raw)) return 'NaN'
  if (!Number.isFinite(raw)) return raw > 0 ? '+Inf' : '-Inf'
  return raw.toFixed(6)
}

/** Says what a raw value is, for error texts. */
export function describeRaw(raw: unknown): string {
  if (raw === null || raw === undefined) return 'nothing'
  if (Array.isArray(raw)) return 'a list'
  if (raw instanceof UnsupportedValue) return `${raw.type} ${raw.text}`
  if (typeof raw === 'object') return 'an object'
  const text = scalarText(raw) ?? ''
  const short = text.length > foundLengthMax ? `${text.slice(0, foundLengthMax)}…` : text
  return JSON.stringify(short)
}

/** Longest piece of a value that is quoted in an error text. */
const foundLengthMax = 80
