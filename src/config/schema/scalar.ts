/** Scalars from texts, by the rules of Go's strconv and with its error texts. */
import { parseDuration } from '../../std/duration.ts'

const trueTexts = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const falseTexts = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])
const integerPattern = /^[+-]?\d+$/
const floatPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

const int64Max = 9_223_372_036_854_775_807n
const int32Max = 2_147_483_647n

/** Either a value or the text that says why there is none. */
export type Parsed<T> = { readonly value: T } | { readonly error: string; readonly allowed: string }

/** Parses a boolean as Go's ParseBool. */
export function parseBool(text: string): Parsed<boolean> {
  if (trueTexts.has(text)) return { value: true }
  if (falseTexts.has(text)) return { value: false }
  return { error: `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`, allowed: 'true, false' }
}

/** Parses a decimal integer of 32 or 64 bits as Go's ParseInt (ParseUint when the minimum is 0 and it has 32 bits). */
export function parseBigInt(text: string, bits: 32 | 64 = 64): Parsed<bigint> {
  const allowed = 'an integer'
  if (!integerPattern.test(text)) return { error: `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`, allowed }
  const max = bits === 32 ? int32Max : int64Max
  // Nineteen digits hold every value in range; more would only cost time.
  const value = text.length > 64 ? max + 1n : BigInt(text.startsWith('+') ? text.slice(1) : text)
  if (value > max || value < -max - 1n) {
    return { error: `strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`, allowed: `${-max - 1n} to ${max}` }
  }
  return { value }
}

/** Parses a fractional number as Go's ParseFloat. */
export function parseFloat64(text: string): Parsed<number> {
  if (floatPattern.test(text)) return { value: Number(text) }
  return { error: `strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`, allowed: 'a number' }
}

/** Parses a duration option: seconds as an integer, or a Go duration; milliseconds. */
export function parseDurationOption(text: string): Parsed<number> {
  const value = parseDuration(text)
  if (value !== undefined) return { value }
  const missing = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)
  const error = missing ? `time: missing unit in duration ${JSON.stringify(text)}` : `time: invalid duration ${JSON.stringify(text)}`
  return { error, allowed: 'seconds, or a duration such as 1m30s or 100ms' }
}

/** Splits a text at commas and trims the pieces, as lists in flags, variables, labels and KV pairs are written. */
export function splitList(text: string): string[] {
  if (text === '') return []
  return text.split(',').map((piece) => piece.trim())
}
