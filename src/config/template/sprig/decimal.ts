/** Decimal arithmetic, in which 0.1 + 0.2 is 0.3: what sprig uses for its functions that end in "f". */
import { TemplateFault } from '../error.ts'

/** A number of the form digits / 10^scale. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

/** How many places a division keeps. */
const divisionPlaces = 16

/** Takes a float64 by its shortest decimal form. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new TemplateFault(`cannot create a decimal from ${value}`)
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const scale = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

/** Gives the nearest float64. */
export function decimalToNumber(value: Decimal): number {
  return Number(`${value.digits}e${-value.scale}`)
}

function align(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale)
  return [a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale), scale]
}

/** Adds. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = align(a, b)
  return { digits: x + y, scale }
}

/** Subtracts. */
export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = align(a, b)
  return { digits: x - y, scale }
}

/** Multiplies. */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale }
}

/** Divides, rounding half away from zero after 16 places. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw new TemplateFault('decimal division by 0')
  const above = a.digits * 10n ** BigInt(b.scale + divisionPlaces)
  const below = b.digits * 10n ** BigInt(a.scale)
  const size = (value: bigint): bigint => (value < 0n ? -value : value)
  const rounded = (2n * size(above) + size(below)) / (2n * size(below))
  return { digits: above < 0n === below < 0n ? rounded : -rounded, scale: divisionPlaces }
}
