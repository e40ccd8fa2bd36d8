/** The functions that every Go template has. */
import { codePoint, isPrintable, splitRunes } from './bytes.ts'
import { fn, table, variadic, type CallContext, type TemplateFunctions } from './call.ts'
import { TemplateFault } from './error.ts'
import { sprint, sprintln, formatValue } from './format.ts'
import { sprintf } from './sprintf.ts'
import { GoInteger, GoList, GoMap, compareBytes, int, isObject, truth, typeName, zeroOf, type Value } from './value.ts'

/** Compares for `eq`: whether two values are equal, or a fault when their types do not compare. */
export function equal(context: CallContext, a: Value, b: Value): boolean {
  if (a instanceof GoInteger && b instanceof GoInteger) return a.value === b.value
  const [kindA, kindB] = [basicKind(a), basicKind(b)]
  const isNil = (value: Value): boolean => value === undefined || value === null
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b)
  if (kindA !== kindB) throw new TemplateFault('incompatible types for comparison')
  if (kindA !== 'other') return a === b
  if (isObject(a) && isObject(b)) return a.typeName === b.typeName && a.equals(b)
  throw new TemplateFault(`non-comparable type ${formatValue(a, context.budget)}: ${typeName(a)}`)
}

function basicKind(value: Value): string {
  if (value instanceof GoInteger) return 'integer'
  return typeof value === 'object' || value === undefined ? 'other' : typeof value
}

function less(a: Value, b: Value): boolean {
  if (a instanceof GoInteger && b instanceof GoInteger) return a.value < b.value
  const [kindA, kindB] = [basicKind(a), basicKind(b)]
  if (kindA === 'other' || kindB === 'other') throw new TemplateFault('invalid type for comparison')
  if (kindA !== kindB) throw new TemplateFault('incompatible types for comparison')
  if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b) < 0
  if (typeof a === 'number' && typeof b === 'number') return a < b
  throw new TemplateFault('invalid type for comparison')
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return value.length
  if (value instanceof GoList) return value.items.length
  if (value instanceof GoMap) return value.entries.size
  if (value === undefined || value === null) throw new TemplateFault('len of nil pointer')
  throw new TemplateFault(`len of type ${typeName(value)}`)
}

function position(value: Value, length: number): number {
  if (value === undefined || value === null) throw new TemplateFault('cannot index slice/array with nil')
  if (!(value instanceof GoInteger)) throw new TemplateFault(`cannot index slice/array with type ${typeName(value)}`)
  const at = Number(value.value)
  if (at < 0 || at > length) throw new TemplateFault(`index out of range: ${value.value}`)
  return at
}

function itemAt(value: Value, key: Value): Value {
  if (value === undefined || value === null) throw new TemplateFault('index of nil pointer')
  if (value instanceof GoMap && !value.record) {
    if (key === undefined || key === null) throw new TemplateFault('value is nil; should be of type string')
    if (typeof key !== 'string') throw new TemplateFault(`value has type ${typeName(key)}; should be string`)
    return value.entries.has(key) ? value.entries.get(key) : zeroOf(value.element)
  }
  if (typeof value === 'string' || value instanceof GoList) {
    const length = lengthOf(value)
    const at = position(key, length)
    if (at === length) throw new TemplateFault(`index out of range: ${at}`)
    return typeof value === 'string' ? new GoInteger('uint8', BigInt(value.charCodeAt(at))) : value.items[at]
  }
  throw new TemplateFault(`can't index item of type ${typeName(value)}`)
}

function sliceOf(value: Value, bounds: readonly Value[]): Value {
  if (value === undefined || value === null) throw new TemplateFault('slice of untyped nil')
  if (bounds.length > 3) throw new TemplateFault(`too many slice indexes: ${bounds.length}`)
  if (typeof value !== 'string' && !(value instanceof GoList)) throw new TemplateFault(`can't slice item of type ${typeName(value)}`)
  if (typeof value === 'string' && bounds.length === 3) throw new TemplateFault('cannot 3-index slice a string')
  const length = lengthOf(value)
  const [from = 0, to = length, capacity = length] = bounds.map((bound) => position(bound, length))
  if (from > to) throw new TemplateFault(`invalid slice index: ${from} > ${to}`)
  if (to > capacity) throw new TemplateFault(`invalid slice index: ${to} > ${capacity}`)
  return typeof value === 'string' ? value.slice(from, to) : new GoList(value.element, value.items.slice(from, to))
}

const htmlEscapes = new Map([
  ['\0', '\xef\xbf\xbd'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
])

function escapeHtml(text: string): string {
  return text.replaceAll(/[\0"'&<>]/g, (character) => htmlEscapes.get(character) ?? character)
}

function escapeScript(text: string): string {
  return splitRunes(text).map(escapeScriptRune).join('')
}

function escapeScriptRune(rune: string): string {
  if (rune === '\\' || rune === "'" || rune === '"') return `\\${rune}`
  const code = codePoint(rune)
  const isSpecial = code < 0x20 || '<>&='.includes(rune) || (rune.length > 1 && !isPrintable(rune))
  return isSpecial ? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}` : rune
}

/** Escapes a byte string for the query of a URL, a space as `+`. */
export function escapeQuery(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_.~-]/g, (byte) =>
    byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/** The text of the arguments of an escaping function: a single string as it is, anything else as `print` shows it. */
function textOf(context: CallContext, values: readonly Value[]): string {
  const [only] = values
  if (values.length === 1 && typeof only === 'string') return only
  if (values.length === 1 && (only === undefined || only === null)) return '<no value>'
  return sprint(values, context.budget)
}

/** The built-in functions; `and` and `or` are the evaluator's own, since they do not evaluate all arguments. */
export const builtins: TemplateFunctions = table({
  and: variadic(['any'], 'any', (_, __, first) => first),
  or: variadic(['any'], 'any', (_, __, first) => first),
  not: fn(['any'], (_, value) => !truth(value)),
  len: fn(['any'], (_, value) => int(lengthOf(value))),
  index: variadic(['any'], 'any', (_, keys, value) => keys.reduce(itemAt, value)),
  slice: variadic(['any'], 'any', (_, bounds, value) => sliceOf(value, bounds)),
  call: variadic(['any'], 'any', (_, __, value) => {
    if (value === undefined || value === null) throw new TemplateFault('call of nil')
    throw new TemplateFault(`non-function of type ${typeName(value)}`)
  }),
  print: variadic([], 'any', (context, values) => sprint(values, context.budget)),
  println: variadic([], 'any', (context, values) => sprintln(values, context.budget)),
  printf: variadic(['string'], 'any', (context, values, format) => sprintf(format, values, context.budget)),
  html: variadic([], 'any', (context, values) => escapeHtml(textOf(context, values))),
  js: variadic([], 'any', (context, values) => escapeScript(textOf(context, values))),
  urlquery: variadic([], 'any', (context, values) => escapeQuery(textOf(context, values))),
  eq: variadic(['any'], 'any', (context, others, value) => {
    if (others.length === 0) throw new TemplateFault('missing argument for comparison')
    return others.some((other) => equal(context, value, other))
  }),
  ne: fn(['any', 'any'], (context, a, b) => !equal(context, a, b)),
  lt: fn(['any', 'any'], (_, a, b) => less(a, b)),
  le: fn(['any', 'any'], (context, a, b) => less(a, b) || equal(context, a, b)),
  gt: fn(['any', 'any'], (context, a, b) => !(less(a, b) || equal(context, a, b))),
  ge: fn(['any', 'any'], (_, a, b) => !less(a, b)),
})
