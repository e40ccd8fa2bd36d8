/** Go's fmt package for the values of a template: Sprint, Sprintln, and Sprintf with its verbs, flags, and complaints. */
import type { Budget } from './budget.ts'
import { fromCodePoint, isPrintable, splitRunes, countRunes } from './bytes.ts'
import { formatBinaryFloat, formatFloat } from './format-number.ts'
import { canBackquote, quoteRune, quoteString } from './quote.ts'
import { GoInteger, GoList, GoMap, sortedKeys, typeName, type GoObject, type Value } from './value.ts'

/** The flags, width, and precision of one verb. */
export interface Directive {
  verb: string
  minus: boolean
  plus: boolean
  sharp: boolean
  space: boolean
  zero: boolean
  /** -1 when there is none. */
  width: number
  /** -1 when there is none. */
  precision: number
}

/** A directive without flags. */
export function bareDirective(verb: string): Directive {
  return { verb, minus: false, plus: false, sharp: false, space: false, zero: false, width: -1, precision: -1 }
}

const plainV = bareDirective('v')

/** Prints a value as `%v` does. */
export function formatValue(value: Value, budget: Budget): string {
  return formatArgument(value, plainV, budget)
}

/** Joins values as Go's Sprint: a space between two that are both no strings. */
export function sprint(values: readonly Value[], budget: Budget): string {
  let result = ''
  values.forEach((value, i) => {
    const spaced = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string'
    result += (spaced ? ' ' : '') + formatValue(value, budget)
    budget.bytes(result.length)
  })
  return result
}

/** Joins values as Go's Sprintln: a space between all and a line end. */
export function sprintln(values: readonly Value[], budget: Budget): string {
  return `${values.map((value) => formatValue(value, budget)).join(' ')}\n`
}

/** Prints one value as a directive asks. */
export function formatArgument(value: Value, directive: Directive, budget: Budget): string {
  const { verb } = directive
  if (verb === 'T') return pad(typeName(value), { ...directive, verb: 's' })
  if (verb === 'p') return complain(value, directive, budget)
  if (value === undefined || value === null) return verb === 'v' ? pad('<nil>', directive) : `%!${verb}(<nil>)`
  return formatNested(value, directive, budget, 0)
}

function formatNested(value: Value, directive: Directive, budget: Budget, depth: number): string {
  budget.step()
  if (value === undefined || value === null) return directive.verb === 'v' && directive.sharp && depth > 0 ? 'interface {}(nil)' : '<nil>'
  if (typeof value === 'boolean') return formatBoolean(value, directive, budget)
  if (typeof value === 'number') return formatNumber(value, directive, budget)
  if (typeof value === 'string') return formatString(value, directive, budget)
  if (value instanceof GoInteger) return formatInteger(value, directive, budget)
  if (value instanceof GoList || value instanceof GoMap) {
    budget.enter()
    const text = value instanceof GoList ? formatList(value, directive, budget, depth) : formatMap(value, directive, budget, depth)
    budget.leave()
    budget.bytes(text.length)
    return text
  }
  return formatObject(value, directive, budget)
}

/** Prints an object by its text where the verb suits a text, and by its number where it is one. */
function formatObject(value: GoObject, directive: Directive, budget: Budget): string {
  if ('vsqxX'.includes(directive.verb))
    return formatString(value.text(), { ...directive, verb: directive.verb === 'v' ? 's' : directive.verb }, budget)
  const number = value.json()
  return number instanceof GoInteger ? formatInteger(number, directive, budget) : complain(value, directive, budget)
}

function formatList(value: GoList, directive: Directive, budget: Budget, depth: number): string {
  const isBytes = value.element === 'uint8' && 'sqxX'.includes(directive.verb)
  if (isBytes) {
    const bytes = value.items.map((item) => (item instanceof GoInteger ? String.fromCharCode(Number(item.value)) : '')).join('')
    return formatString(bytes, directive, budget)
  }
  const inner = { ...directive }
  const items = value.items.map((item) => formatNested(item, inner, budget, depth + 1))
  return directive.sharp && directive.verb === 'v' ? `${typeName(value)}{${items.join(', ')}}` : `[${items.join(' ')}]`
}

function formatMap(value: GoMap, directive: Directive, budget: Budget, depth: number): string {
  const sharp = directive.sharp && directive.verb === 'v'
  const items = sortedKeys(value).map((key) => {
    const name = formatNested(key, directive, budget, depth + 1)
    return `${name}:${formatNested(value.entries.get(key), directive, budget, depth + 1)}`
  })
  return sharp ? `${typeName(value)}{${items.join(', ')}}` : `map[${items.join(' ')}]`
}

function formatBoolean(value: boolean, directive: Directive, budget: Budget): string {
  return directive.verb === 't' || directive.verb === 'v' ? pad(String(value), directive) : complain(value, directive, budget)
}

function formatString(value: string, directive: Directive, budget: Budget): string {
  switch (directive.verb) {
    case 'v':
      return directive.sharp ? pad(quoteString(value), directive) : pad(truncate(value, directive.precision), directive)
    case 's':
      return pad(truncate(value, directive.precision), directive)
    case 'q':
      return formatQuoted(value, directive)
    case 'x':
    case 'X':
      return pad(formatHex(value, directive), directive)
    default:
      return complain(value, directive, budget)
  }
}

function formatQuoted(value: string, directive: Directive): string {
  const text = truncate(value, directive.precision)
  if (directive.sharp && canBackquote(text)) return pad(`\`${text}\``, directive)
  return pad(quoteString(text, directive.plus), directive)
}

function formatHex(value: string, directive: Directive): string {
  const kept = directive.precision >= 0 ? value.slice(0, directive.precision) : value
  const lead = directive.sharp ? `0${directive.verb}` : ''
  const hex = (text: string): string => {
    const digits = Buffer.from(text, 'latin1').toString('hex')
    return directive.verb === 'X' ? digits.toUpperCase() : digits
  }
  if (directive.space)
    return kept
      .split('')
      .map((byte) => lead + hex(byte))
      .join(' ')
  return kept === '' ? '' : lead + hex(kept)
}

function truncate(value: string, precision: number): string {
  if (precision < 0 || value.length <= precision) return value
  return splitRunes(value).slice(0, precision).join('')
}

const integerBases: Readonly<Record<string, readonly [number, string]>> = {
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, '0o'],
  d: [10, ''],
  v: [10, ''],
  x: [16, '0x'],
  X: [16, '0X'],
}

function formatInteger(value: GoInteger, directive: Directive, budget: Budget): string {
  const { verb } = directive
  if (verb === 'c') return pad(fromCodePoint(Number(value.value)), directive)
  if (verb === 'q') return pad(quoteRune(Number(value.value), directive.plus), directive)
  if (verb === 'U') return pad(formatUnicode(value.value, directive), { ...directive, zero: false })
  const unsignedSyntax = verb === 'v' && directive.sharp && value.kind.startsWith('u')
  const base = Object.hasOwn(integerBases, verb) ? integerBases[unsignedSyntax ? 'x' : verb] : undefined
  if (base === undefined) return complain(value, directive, budget)
  const [radix, prefix] = base
  const magnitude = value.value < 0n ? -value.value : value.value
  let digits = magnitude.toString(radix)
  if (verb === 'X') digits = digits.toUpperCase()
  if (directive.precision === 0 && magnitude === 0n) return pad('', { ...directive, zero: false })
  if (directive.precision > 0) digits = digits.padStart(directive.precision, '0')
  const sign = value.value < 0n ? '-' : directive.plus ? '+' : directive.space ? ' ' : ''
  const showsPrefix = verb === 'O' || (directive.sharp && (verb !== 'v' || unsignedSyntax))
  const lead = showsPrefix && !(prefix === '0' && digits.startsWith('0')) ? prefix : ''
  // Zeros fill between the sign and the digits, and count the sign but not the prefix.
  if (directive.zero && !directive.minus && directive.precision < 0 && directive.width >= 0)
    digits = digits.padStart(directive.width - sign.length, '0')
  return pad(sign + lead + digits, { ...directive, zero: false })
}

function formatUnicode(value: bigint, directive: Directive): string {
  const text = `U+${value.toString(16).toUpperCase().padStart(Math.max(4, directive.precision), '0')}`
  const rune = fromCodePoint(Number(value))
  return directive.sharp && isPrintable(rune) ? `${text} '${rune}'` : text
}

function formatNumber(value: number, directive: Directive, budget: Budget): string {
  const { verb, precision } = directive
  let text: string
  switch (verb) {
    case 'v':
    case 'g':
      text = formatFloat(value, 'g', precision)
      break
    case 'G':
      text = formatFloat(value, 'G', precision)
      break
    case 'e':
    case 'E':
      text = formatFloat(value, verb, precision < 0 ? 6 : precision)
      break
    case 'f':
    case 'F':
      text = formatFloat(value, 'f', precision < 0 ? 6 : precision)
      break
    case 'x':
    case 'X':
    case 'b':
      text = formatBinaryFloat(value, verb)
      break
    default:
      return complain(value, directive, budget)
  }
  return padNumber(text, value, directive)
}

function padNumber(formatted: string, value: number, directive: Directive): string {
  const signed = /^[+-]/.test(formatted)
  const digits = signed ? formatted.slice(1) : formatted
  const sign = formatted.startsWith('-') ? '-' : directive.plus || formatted.startsWith('+') ? '+' : directive.space ? ' ' : ''
  if (directive.zero && !directive.minus && Number.isFinite(value) && directive.width > 0) {
    return sign + digits.padStart(directive.width - sign.length, '0')
  }
  return pad(sign + digits, { ...directive, zero: false })
}

/** Fills a text up to the width, which counts runes. */
function pad(text: string, directive: Directive): string {
  if (directive.width < 0) return text
  const missing = directive.width - countRunes(text)
  if (missing <= 0) return text
  if (directive.minus) return text + ' '.repeat(missing)
  return (directive.zero ? '0' : ' ').repeat(missing) + text
}

function complain(value: Value, directive: Directive, budget: Budget): string {
  return `%!${directive.verb}(${typeName(value)}=${formatNested(value, { ...directive, verb: 'v', sharp: false }, budget, 0)})`
}
