import { fromText, toText } from './bytes.ts'
import { TemplateFault } from './error.ts'

/** The integer types that values of a template can have. */
export type IntegerKind = 'int' | 'int64' | 'int32' | 'uint8' | 'uint32' | 'uint64'

/** A Go integer: a number with its type. */
export class GoInteger {
  readonly kind: IntegerKind
  readonly value: bigint

  constructor(kind: IntegerKind, value: bigint) {
    this.kind = kind
    this.value = value
  }
}

/** A Go slice; `element` is the type of its items. */
export class GoList {
  readonly element: string
  readonly items: readonly Value[]

  constructor(element: string, items: readonly Value[]) {
    this.element = element
    this.items = items
  }
}

/** A Go map with string keys; `element` is the type of its values. Keys live in a Map, so that no key means anything to JavaScript. */
export class GoMap {
  readonly element: string
  readonly entries: Map<string, Value>
  /** A record has only the fields it has: asking for another one is an error, as it is with Go's structs. */
  readonly record: boolean

  constructor(element: string, entries: Map<string, Value>, record = false) {
    this.element = element
    this.entries = entries
    this.record = record
  }
}

/** A method of an object; the evaluator checks the number and kind of its arguments. */
export interface GoMethod {
  readonly parameters: readonly ParameterType[]
  readonly call: (args: readonly Value[]) => Value
}

/** A Go value with methods: a time, a duration, a version. */
export interface GoObject {
  readonly typeName: string
  readonly kind: string
  /** How `%v` prints it. */
  text(): string
  /** How JSON holds it. */
  json(): Value
  method(name: string): GoMethod | undefined
  equals(other: GoObject): boolean
  isZero(): boolean
}

/**
 * A value of a template. Strings are byte strings (see bytes.ts), a JavaScript number is a float64, `null` is Go's nil in an interface and
 * `undefined` is what Go prints as "<no value>".
 */
export type Value = undefined | null | boolean | number | string | GoInteger | GoList | GoMap | GoObject

/** What a function accepts for one argument. */
export type ParameterType = 'any' | 'string' | 'int' | 'int64' | 'uint32' | 'float64' | 'bool' | 'map' | 'list' | 'time' | 'version'

/** The Go type that a parameter has, as errors name it. */
export const parameterTypeNames: Readonly<Record<ParameterType, string>> = {
  any: 'interface {}',
  string: 'string',
  int: 'int',
  int64: 'int64',
  uint32: 'uint32',
  float64: 'float64',
  bool: 'bool',
  map: 'map[string]interface {}',
  list: '[]interface {}',
  time: 'time.Time',
  version: '*semver.Version',
}

/** The type of a list or map whose items may be anything. */
export const anyElement = 'interface {}'

/** Makes an `int`. */
export function int(value: number | bigint): GoInteger {
  return new GoInteger('int', BigInt(value))
}

/** Makes an `int64`, wrapping around as Go does. */
export function int64(value: number | bigint): GoInteger {
  return new GoInteger('int64', BigInt.asIntN(64, BigInt(value)))
}

/** Makes a list of anything. */
export function list(items: readonly Value[]): GoList {
  return new GoList(anyElement, items)
}

/** Makes a list of strings. */
export function strings(items: readonly string[]): GoList {
  return new GoList('string', items)
}

/** Makes a map of anything. */
export function dict(entries: Iterable<readonly [string, Value]> = []): GoMap {
  return new GoMap(anyElement, new Map(entries))
}

/** Tells whether a value is an object with methods. */
export function isObject(value: Value): value is GoObject {
  return typeof value === 'object' && value !== null && !(value instanceof GoInteger || value instanceof GoList || value instanceof GoMap)
}

/** Gives the name of a value's type as `%T` prints it. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return '<nil>'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'string') return 'string'
  if (value instanceof GoInteger) return value.kind
  if (value instanceof GoList) return `[]${value.element}`
  if (value instanceof GoMap) return `map[string]${value.element}`
  return value.typeName
}

/** Gives the kind of a value as Go's reflection names it. */
export function kindOf(value: Value): string {
  if (value === undefined || value === null) return 'invalid'
  if (value instanceof GoList) return 'slice'
  if (value instanceof GoMap) return 'map'
  if (isObject(value)) return value.kind
  return typeName(value)
}

/** Tells what a value counts for in a condition: everything but zero and emptiness is true. */
export function truth(value: Value): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  // NaN is not zero.
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') return value !== ''
  if (value instanceof GoInteger) return value.value !== 0n
  if (value instanceof GoList) return value.items.length > 0
  if (value instanceof GoMap) return value.entries.size > 0
  return value.kind === 'struct' || value.kind === 'ptr' || !value.isZero()
}

/** Gives the zero value that a list or a map of an element type gives for what it does not hold. */
export function zeroOf(element: string): Value {
  return element === 'string' ? '' : element === 'int' ? int(0) : null
}

/** Gives the keys of a map in the order that Go prints and walks them. */
export function sortedKeys(map: GoMap): string[] {
  return [...map.entries.keys()].toSorted(compareBytes)
}

/** Orders byte strings by their bytes. */
export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Data of the caller: plain values, of which a template gets a copy in its own form. A JavaScript Map becomes a `map[string]string`, a plain
 * object a map of anything; whole numbers stay float64, as in decoded JSON, and a bigint is an int.
 */
export type PlainValue =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainValue[]
  | ReadonlyMap<string, string>
  | { readonly [key: string]: PlainValue }

const depthMax = 100

/** Turns plain data into a template's value; only own properties count. */
export function fromPlain(value: PlainValue, record = false, depth = 0): Value {
  if (depth > depthMax) throw new TemplateFault(`data is nested deeper than ${depthMax}`)
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'bigint') return int(value)
  if (typeof value === 'string') return fromText(value)
  if (isPlainList(value)) return list(value.map((item) => fromPlain(item, false, depth + 1)))
  if (value instanceof Map) {
    return new GoMap('string', new Map(Array.from(value, ([key, item]) => [fromText(String(key)), fromText(String(item))])))
  }
  const all = Object.entries(value).map(([key, item]) => [fromText(key), fromPlain(item, false, depth + 1)] as const)
  return new GoMap(anyElement, new Map(all), record)
}

function isPlainList(value: object): value is readonly PlainValue[] {
  return Array.isArray(value)
}

/** Turns a template's value into plain data, for functions of the caller. */
export function toPlain(value: Value, depth = 0): PlainValue {
  if (depth > depthMax) throw new TemplateFault(`a value is nested deeper than ${depthMax}`)
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return value ?? null
  if (typeof value === 'string') return toText(value)
  if (value instanceof GoInteger) return value.value
  if (value instanceof GoList) return value.items.map((item) => toPlain(item, depth + 1))
  if (value instanceof GoMap) {
    return Object.fromEntries(Array.from(value.entries, ([key, item]) => [toText(key), toPlain(item, depth + 1)]))
  }
  return toText(value.text())
}
