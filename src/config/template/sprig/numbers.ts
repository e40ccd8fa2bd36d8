/** Sprig's functions for numbers. */
import type { CallContext } from '../call.ts'
import { fn, table, variadic, type TemplateFunctions } from '../call.ts'
import { toFloat, toInteger, toStringValue } from '../convert.ts'
import { TemplateFault } from '../error.ts'
import { parseInteger } from '../number.ts'
import { GoList, int, int64, type Value } from '../value.ts'
import { addDecimals, decimalOf, decimalToNumber, divideDecimals, multiplyDecimals, subtractDecimals, type Decimal } from './decimal.ts'

/** Counts from `start` to before `stop`; the number of items is checked first. */
function range(context: CallContext, start: number, stop: number, step: number): number[] {
  const forward = stop >= start
  if (forward ? step <= 0 : step >= 0) return []
  const count = Math.ceil((stop - start) / step)
  context.budget.items(count)
  return Array.from({ length: count }, (_, i) => start + i * step)
}

function integers(values: readonly number[]): GoList {
  return new GoList(
    'int',
    values.map((value) => int(value)),
  )
}

function sequence(context: CallContext, values: readonly number[]): string {
  const [a = 0, b = 0, c = 0] = values
  switch (values.length) {
    case 1: {
      const step = a < 1 ? -1 : 1
      return range(context, 1, a + step, step).join(' ')
    }
    case 2: {
      const step = b < a ? -1 : 1
      return range(context, a, b + step, step).join(' ')
    }
    case 3:
      if (c < a) return b > 0 ? '' : range(context, a, c - 1, b).join(' ')
      return range(context, a, c + 1, b).join(' ')
    default:
      return ''
  }
}

function round(value: number, places: number, roundOn: number): number {
  const power = 10 ** places
  const moved = power * value
  // Negative numbers have negative fractions, which never reach the limit.
  return (moved - Math.trunc(moved) >= roundOn ? Math.ceil(moved) : Math.floor(moved)) / power
}

function divide(a: Value, b: Value): readonly [bigint, bigint] {
  const divisor = toInteger(b)
  if (divisor === 0n) throw new TemplateFault('runtime error: integer divide by zero')
  return [toInteger(a), divisor]
}

function fold(combine: (a: Decimal, b: Decimal) => Decimal): (first: Decimal, rest: readonly Value[]) => number {
  return (first, rest) => decimalToNumber(rest.reduce<Decimal>((sum, value) => combine(sum, decimalOf(toFloat(value))), first))
}

const add = fold(addDecimals)
const subtract = fold(subtractDecimals)
const multiply = fold(multiplyDecimals)
const quotient = fold(divideDecimals)
const zero: Decimal = { digits: 0n, scale: 0 }

const largest = variadic(['any'], 'any', (_, rest, first) => int64([first, ...rest].map(toInteger).reduce((a, b) => (b > a ? b : a))))

/** Functions that calculate, count, and convert numbers. */
export const numberFunctions: TemplateFunctions = table({
  add: variadic([], 'any', (_, values) => int64(values.reduce<bigint>((sum, value) => BigInt.asIntN(64, sum + toInteger(value)), 0n))),
  add1: fn(['any'], (_, value) => int64(toInteger(value) + 1n)),
  add1f: fn(['any'], (_, value) => add(decimalOf(toFloat(value)), [int(1)])),
  addf: variadic([], 'any', (_, values) => add(zero, values)),
  atoi: fn(['string'], (_, text) => int(parseInteger(text, 10) ?? 0)),
  biggest: largest,
  ceil: fn(['any'], (_, value) => Math.ceil(toFloat(value))),
  div: fn(['any', 'any'], (_, a, b) => {
    const [x, y] = divide(a, b)
    return int64(x / y)
  }),
  divf: variadic(['any'], 'any', (_, rest, first) => quotient(decimalOf(toFloat(first)), rest)),
  float64: fn(['any'], (_, value) => toFloat(value)),
  floor: fn(['any'], (_, value) => Math.floor(toFloat(value))),
  int: fn(['any'], (_, value) => int(toInteger(value))),
  int64: fn(['any'], (_, value) => int64(toInteger(value))),
  max: largest,
  maxf: variadic(['any'], 'any', (_, rest, first) => Math.max(toFloat(first), ...rest.map(toFloat))),
  min: variadic(['any'], 'any', (_, rest, first) => int64([first, ...rest].map(toInteger).reduce((a, b) => (b < a ? b : a)))),
  minf: variadic(['any'], 'any', (_, rest, first) => Math.min(toFloat(first), ...rest.map(toFloat))),
  mod: fn(['any', 'any'], (_, a, b) => {
    const [x, y] = divide(a, b)
    return int64(x % y)
  }),
  mul: variadic(['any'], 'any', (_, rest, first) =>
    int64(rest.reduce<bigint>((product, value) => BigInt.asIntN(64, product * toInteger(value)), toInteger(first))),
  ),
  mulf: variadic(['any'], 'any', (_, rest, first) => multiply(decimalOf(toFloat(first)), rest)),
  round: variadic(['any', 'int'], 'float64', (_, roundOn, value, places) => round(toFloat(value), places, roundOn[0] ?? 0.5)),
  seq: variadic([], 'int', (context, values) => sequence(context, values)),
  sub: fn(['any', 'any'], (_, a, b) => int64(toInteger(a) - toInteger(b))),
  subf: variadic(['any'], 'any', (_, rest, first) => subtract(decimalOf(toFloat(first)), rest)),
  toDecimal: fn(['any'], (context, value) => int64(parseInteger(toStringValue(value, context.budget), 8) ?? 0n)),
  toString: fn(['any'], (context, value) => toStringValue(value, context.budget)),
  until: fn(['int'], (context, count) => integers(range(context, 0, count, count < 0 ? -1 : 1))),
  untilStep: fn(['int', 'int', 'int'], (context, start, stop, step) => integers(range(context, start, stop, step))),
})
