/** Plain YAML scalars by the rules of the library that Traefik uses (yaml.v3): YAML 1.2 booleans, YAML 1.1 octals, dates refused. */
import { UnsupportedValue } from '../schema/raw.ts'

const words = new Map<string, unknown>([
  ['', null],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['.nan', Number.NaN],
  ['.NaN', Number.NaN],
  ['.NAN', Number.NaN],
])
const infinityPattern = /^([+-]?)\.(?:inf|Inf|INF)$/
const integerPattern = /^[+-]?(?:0|[1-9][0-9]*)$/
const basedPattern = /^([+-]?)0(?:x([0-9a-fA-F]+)|b([01]+)|o?([0-7]+))$/
const floatPattern = /^[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?$/
const datePattern = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:[ \t]*(?:Z|[+-]\d{1,2}(?::?\d{2})?))?)?$/

/** Resolves a plain (unquoted, untagged) scalar: null, boolean, number, bigint where a number would lose digits, or text. */
export function resolvePlain(text: string): unknown {
  const first = text.charCodeAt(0)
  // Most plain scalars begin with a letter other than those of the words, and are texts.
  const isDigitLike = (first >= 48 && first <= 57) || first === 45 || first === 43 || first === 46
  if (!isDigitLike) {
    if (text.length > 5) return text
    const word = words.get(text)
    return word === undefined ? text : word
  }
  const infinity = infinityPattern.exec(text)
  if (infinity !== null) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (words.has(text)) return words.get(text)
  return resolveNumber(text)
}

/** Resolves a text as a number or date, or gives it back. */
function resolveNumber(text: string): unknown {
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  if (integerPattern.test(plain)) return integer(plain)
  const based = basedPattern.exec(plain)
  if (based !== null) {
    const digits = based[2] === undefined ? (based[3] === undefined ? `0o${based[4]}` : `0b${based[3]}`) : `0x${based[2]}`
    const value = BigInt(digits)
    return small(based[1] === '-' ? -value : value)
  }
  if (floatPattern.test(plain)) return Number(plain)
  if (datePattern.test(text)) return new UnsupportedValue('time.Time', text)
  return text
}

function integer(digits: string): number | bigint {
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : BigInt(digits.startsWith('+') ? digits.slice(1) : digits)
}

function small(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Resolves a scalar with one of YAML's own tags; undefined when the tag is unknown or does not fit. */
export function resolveTagged(tag: string, text: string): unknown {
  switch (tag) {
    case '!!str':
    case '!':
      return text
    case '!!null':
      return null
    case '!!bool': {
      const value = resolvePlain(text)
      return typeof value === 'boolean' ? value : undefined
    }
    case '!!int': {
      const value = resolvePlain(text)
      return typeof value === 'bigint' || Number.isInteger(value) ? value : undefined
    }
    case '!!float': {
      const value = resolvePlain(text)
      return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
    }
    default:
      return undefined
  }
}
