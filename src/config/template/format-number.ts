/**
 * Floating-point numbers as Go's strconv prints them: the shortest digits that read back as the same number, or exact digits rounded half to
 * even.
 */

/** The digits of a number: 0.d1d2d3… × 10^point. */
interface Digits {
  readonly digits: string
  readonly point: number
}

/** Most digits that are worked out; a double has no more than these after its point, and the rest are zeros. */
const exactDigitsMax = 1100

/** From this exponent on, %g shows one when it is free to choose the digits. */
const shortestExponentMax = 6

/** Prints a number in one of Go's formats; precision -1 asks for as many digits as reading it back needs. */
export function formatFloat(value: number, format: 'e' | 'E' | 'f' | 'g' | 'G', precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return sign + formatMagnitude(Math.abs(value), format, precision)
}

function formatMagnitude(value: number, format: 'e' | 'E' | 'f' | 'g' | 'G', precision: number): string {
  if (format === 'f') return precision < 0 ? plain(shortest(value), -1) : plain(exactPlaces(value, precision), precision)
  if (format === 'e' || format === 'E') {
    const digits = precision < 0 ? shortest(value) : exactSignificant(value, precision + 1)
    return exponential(digits, precision < 0 ? digits.digits.length - 1 : precision, format)
  }
  const asked = precision === 0 ? 1 : precision
  const digits = asked < 0 ? shortest(value) : trimZeros(exactSignificant(value, asked))
  const limit =
    asked < 0 ? shortestExponentMax : digits.digits.length > asked && digits.digits.length >= digits.point ? digits.digits.length : asked
  const exponent = digits.point - 1
  if (exponent < -4 || exponent >= limit) return exponential(digits, digits.digits.length - 1, format === 'g' ? 'e' : 'E')
  return plain(digits, Math.max(digits.digits.length - digits.point, 0))
}

function shortest(value: number): Digits {
  if (value === 0) return { digits: '0', point: 1 }
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }
}

function trimZeros(digits: Digits): Digits {
  const kept = digits.digits.replace(/0+$/, '')
  return kept === '' ? { digits: '0', point: 1 } : { digits: kept, point: digits.point }
}

/** Splits a double into an integer and a power of two, exactly. */
function parts(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  return exponent === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | (1n << 52n), exponent: exponent - 1075 }
}

/** Gives value × 10^places rounded half to even. */
function scaled(value: number, places: number): bigint {
  const { mantissa, exponent } = parts(value)
  let above = mantissa
  let below = 1n
  if (exponent >= 0) above <<= BigInt(exponent)
  else below <<= BigInt(-exponent)
  if (places >= 0) above *= 10n ** BigInt(places)
  else below *= 10n ** BigInt(-places)
  const quotient = above / below
  const twice = 2n * (above % below)
  return twice > below || (twice === below && (quotient & 1n) === 1n) ? quotient + 1n : quotient
}

function exactPlaces(value: number, precision: number): Digits {
  const places = Math.min(precision, exactDigitsMax)
  const text = scaled(value, places)
    .toString()
    .padStart(places + 1, '0')
  return { digits: text, point: text.length - places }
}

function exactSignificant(value: number, count: number): Digits {
  const wanted = Math.min(count, exactDigitsMax)
  if (value === 0) return { digits: '0'.repeat(wanted), point: 1 }
  const point = shortest(value).point
  const text = scaled(value, wanted - point).toString()
  // Rounding up 9.99 gives one place more.
  return text.length > wanted ? { digits: text.slice(0, wanted), point: point + 1 } : { digits: text, point }
}

function plain(digits: Digits, precision: number): string {
  const text = digits.digits
  const whole = digits.point <= 0 ? '0' : text.slice(0, digits.point).padEnd(digits.point, '0')
  const fraction = digits.point <= 0 ? '0'.repeat(-digits.point) + text : text.slice(digits.point)
  const shown = precision < 0 ? fraction : fraction.slice(0, precision).padEnd(precision, '0')
  return shown === '' || (precision < 0 && text === '0') ? whole : `${whole}.${shown}`
}

function exponential(digits: Digits, precision: number, letter: 'e' | 'E'): string {
  const exponent = digits.digits === '0' || /^0+$/.test(digits.digits) ? 0 : digits.point - 1
  const fraction = digits.digits.slice(1, precision + 1).padEnd(precision, '0')
  const shown = fraction === '' ? (digits.digits[0] ?? '0') : `${digits.digits[0] ?? '0'}.${fraction}`
  return `${shown}${letter}${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** Prints a number with a hexadecimal mantissa (`%x`) or a decimal one (`%b`), both with a power of two. */
export function formatBinaryFloat(value: number, format: 'x' | 'X' | 'b'): string {
  if (!Number.isFinite(value)) return formatFloat(value, 'g', -1)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const { mantissa, exponent } = parts(Math.abs(value))
  if (format === 'b') return `${sign}${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
  const hex = mantissa.toString(16)
  const lead = mantissa === 0n ? 0 : mantissa.toString(2).length - 1
  const fraction = ((mantissa << BigInt(52 - lead)) & 0xfffffffffffffn).toString(16).padStart(13, '0').replace(/0+$/, '')
  const power = mantissa === 0n ? 0 : exponent + lead
  const head = hex === '0' ? '0' : '1'
  const text = `${sign}0x${head}${fraction === '' ? '' : `.${fraction}`}p${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  return format === 'X' ? text.toUpperCase() : text
}
