/** How sprig turns values of any type into texts, numbers, and lists. */
import type { Budget } from './budget.ts'
import { TemplateFault } from './error.ts'
import { formatValue } from './format.ts'
import { parseFloatText, parseInteger } from './number.ts'
import { GoInteger, GoList, GoMap, isObject, kindOf, truth, typeName, type Value } from './value.ts'

/** Gives the text of a value: a string as it is, anything else as `%v` prints it. */
export function toStringValue(value: Value, budget: Budget): string {
  return typeof value === 'string' ? value : formatValue(value, budget)
}

const int64Min = -(1n << 63n)

/** Gives a value as a 64-bit integer; what is no number gives 0. */
export function toInteger(value: Value): bigint {
  if (value instanceof GoInteger) return BigInt.asIntN(64, value.value)
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return truncate(value)
  if (typeof value === 'string') return parseInteger(trimZeroFraction(value), 0) ?? 0n
  return isObject(value) && value.kind === 'int' ? objectInteger(value.json()) : 0n
}

function objectInteger(value: Value): bigint {
  return value instanceof GoInteger ? value.value : 0n
}

function truncate(value: number): bigint {
  if (!(Math.abs(value) < 2 ** 63)) return int64Min
  return BigInt(Math.trunc(value))
}

/** Takes ".000" off a number that is whole but for it. */
function trimZeroFraction(text: string): string {
  return text.replace(/\.0+$/, '')
}

/** Gives a value as a float64; what is no number gives 0. */
export function toFloat(value: Value): number {
  if (typeof value === 'number') return value
  if (value instanceof GoInteger) return Number(value.value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') return parseFloatText(value) ?? 0
  return isObject(value) && value.kind === 'int' ? Number(objectInteger(value.json())) : 0
}

/** Tells whether a value is what sprig calls empty. */
export function isEmpty(value: Value): boolean {
  return !truth(value)
}

/** Gives the items of a list; anything else is a fault that names the function's purpose, such as "push on". */
export function itemsOf(value: Value, purpose: string): readonly Value[] {
  if (value instanceof GoList) return value.items
  throw new TemplateFault(`cannot ${purpose} type ${value === undefined || value === null ? 'nil' : kindOf(value)}`)
}

/** Gives a list's items as texts, leaving out nil; a value that is no list gives one text. */
export function toStringList(value: Value, budget: Budget): string[] {
  if (value === undefined || value === null) return []
  if (!(value instanceof GoList)) return [toStringValue(value, budget)]
  budget.items(value.items.length)
  return value.items.filter((item) => item !== undefined && item !== null).map((item) => toStringValue(item, budget))
}

/** Compares deeply as Go's reflect.DeepEqual: types must be the same, too. */
export function deepEqual(a: Value, b: Value, budget: Budget): boolean {
  budget.step()
  if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null)
  if (typeName(a) !== typeName(b)) return false
  if (a instanceof GoInteger && b instanceof GoInteger) return a.value === b.value
  if (isObject(a) && isObject(b)) return a.equals(b)
  if (!(a instanceof GoList || a instanceof GoMap)) return a === b
  if (a === b) return true
  budget.enter()
  const same =
    a instanceof GoList && b instanceof GoList
      ? sameItems(a, b, budget)
      : a instanceof GoMap && b instanceof GoMap && sameEntries(a, b, budget)
  budget.leave()
  return same
}

function sameItems(a: GoList, b: GoList, budget: Budget): boolean {
  return a.items.length === b.items.length && a.items.every((item, i) => deepEqual(item, b.items[i], budget))
}

function sameEntries(a: GoMap, b: GoMap, budget: Budget): boolean {
  if (a.entries.size !== b.entries.size) return false
  return Array.from(a.entries).every(([key, item]) => b.entries.has(key) && deepEqual(item, b.entries.get(key), budget))
}

/** Copies a value with all that it holds. */
export function deepCopy(value: Value, budget: Budget): Value {
  if (!(value instanceof GoList || value instanceof GoMap)) return value
  budget.enter()
  let copy: Value
  if (value instanceof GoList) {
    budget.items(value.items.length)
    copy = new GoList(
      value.element,
      value.items.map((item) => deepCopy(item, budget)),
    )
  } else {
    budget.items(value.entries.size)
    copy = new GoMap(value.element, new Map(Array.from(value.entries, ([key, item]) => [key, deepCopy(item, budget)])), value.record)
  }
  budget.leave()
  return copy
}
