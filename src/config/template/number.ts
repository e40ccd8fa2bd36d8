/** Numbers as Go writes them in its source, and as its strconv package reads them. */

const integerForm = /^([+-]?)(?:0([xX])((?:_?[0-9a-fA-F])+)|0([bB])((?:_?[01])+)|0[oO]?((?:_?[0-7])+)|(0|[1-9](?:_?[0-9])*))$/
const uint64Max = (1n << 64n) - 1n
const int64Max = (1n << 63n) - 1n
const int64Min = -(1n << 63n)

/** Reads an integer in Go's syntax, with its prefixes and underscores; undefined when it is none or does not fit into 64 bits. */
export function parseIntegerLiteral(text: string): bigint | undefined {
  const match = integerForm.exec(text)
  if (match === null) return undefined
  const [, sign, hexMark, hex, binaryMark, binary, octal, decimal] = match
  const form =
    hexMark !== undefined
      ? `0x${hex ?? ''}`
      : binaryMark !== undefined
        ? `0b${binary ?? ''}`
        : octal !== undefined
          ? `0o${octal}`
          : (decimal ?? '')
  const magnitude = BigInt(form.replaceAll('_', ''))
  const value = sign === '-' ? -magnitude : magnitude
  return value < int64Min || value > (sign === '' ? uint64Max : int64Max) ? undefined : value
}

/** Tells whether an integer fits into an int64. */
export function fitsInt64(value: bigint): boolean {
  return value >= int64Min && value <= int64Max
}

/** Reads an integer of a base as strconv.ParseInt does; undefined when it is none or does not fit into an int64. */
export function parseInteger(text: string, base: number): bigint | undefined {
  if (base === 0) {
    const value = parseIntegerLiteral(text)
    return value !== undefined && fitsInt64(value) ? value : undefined
  }
  const digits = base === 8 ? /^[+-]?[0-7]+$/ : /^[+-]?[0-9]+$/
  if (!digits.test(text)) return undefined
  const magnitude = BigInt(`${base === 8 ? '0o' : ''}${text.replace(/^[+-]/, '')}`)
  const value = text.startsWith('-') ? -magnitude : magnitude
  return fitsInt64(value) ? value : undefined
}

const floatForm = /^[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?$/
const hexFloatForm = /^([+-]?)0[xX]_?([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([+-]?[0-9]+)$/
const special = /^[+-]?(?:inf|infinity|nan)$/i

/** Reads a floating-point number in Go's syntax; undefined when it is none or is too large. */
export function parseFloatLiteral(text: string): number | undefined {
  const hex = hexFloatForm.exec(text)
  if (hex !== null) {
    const digits = `${hex[2] ?? ''}${hex[3] ?? ''}`.replaceAll('_', '')
    if (digits === '' || digits.length > 64) return undefined
    const value = Number(BigInt(`0x${digits}`)) * 2 ** (Number(hex[4]) - 4 * (hex[3] ?? '').replaceAll('_', '').length)
    return Number.isFinite(value) ? (hex[1] === '-' ? -value : value) : undefined
  }
  if (!floatForm.test(text)) return undefined
  const value = Number(text.replaceAll('_', ''))
  return Number.isFinite(value) ? value : undefined
}

/** Reads a floating-point number as strconv.ParseFloat does: "inf" and "nan" are numbers, too. */
export function parseFloatText(text: string): number | undefined {
  if (special.test(text)) {
    if (/nan$/i.test(text)) return Number.NaN
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  return parseFloatLiteral(text)
}
