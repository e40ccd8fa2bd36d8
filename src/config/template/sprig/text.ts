/** Sprig's functions for texts. */
import type { Budget } from '../budget.ts'
import { fromCodePoint, isSpace, lower, splitRunes, trimFunction, trimSpace, upper } from '../bytes.ts'
import { fn, table, variadic, type TemplateFunctions } from '../call.ts'
import { toStringList, toStringValue } from '../convert.ts'
import { TemplateFault } from '../error.ts'
import { formatValue } from '../format.ts'
import { quoteString } from '../quote.ts'
import { GoMap, strings, type Value } from '../value.ts'
import { camelCase, separateWords, swapCase, title, untitle } from './case.ts'

/** Repeats a text; the size is checked before it is made. */
function repeat(budget: Budget, count: number, text: string): string {
  if (count < 0) throw new TemplateFault('strings: negative Repeat count')
  budget.bytes(count * text.length)
  return text.repeat(count)
}

/** Splits as Go's strings.SplitN does: an empty separator splits between runes, a negative count sets no limit. */
export function splitText(budget: Budget, text: string, separator: string, count = -1): string[] {
  if (count === 0) return []
  const parts = separator === '' ? splitRunes(text) : text.split(separator)
  budget.items(parts.length)
  if (count < 0 || parts.length <= count) return parts
  const kept = parts.slice(0, count - 1)
  return [...kept, parts.slice(count - 1).join(separator)]
}

function numbered(parts: readonly string[]): GoMap {
  return new GoMap('string', new Map(parts.map((part, i) => [`_${i}`, part])))
}

function replace(budget: Budget, from: string, to: string, text: string): string {
  const parts = from === '' ? ['', ...splitRunes(text), ''] : text.split(from)
  budget.bytes(text.length + (parts.length - 1) * to.length)
  // Between no runes at all there is one place.
  return from === '' && text === '' ? to : parts.join(to)
}

function indent(budget: Budget, spaces: number, text: string): string {
  const pad = repeat(budget, spaces, ' ')
  return pad + replace(budget, '\n', `\n${pad}`, text)
}

function slice(text: string, from: number, to: number): string {
  if (to < 0 || to > text.length) throw new TemplateFault(`runtime error: slice bounds out of range [:${to}] with length ${text.length}`)
  if (from > to) throw new TemplateFault(`runtime error: slice bounds out of range [${from}:${to}]`)
  return text.slice(from, to)
}

function substring(from: number, to: number, text: string): string {
  if (from < 0) return slice(text, 0, to)
  return slice(text, from, to < 0 || to > text.length ? text.length : to)
}

function truncate(count: number, text: string): string {
  if (count < 0) return text.length + count > 0 ? text.slice(text.length + count) : text
  return text.length > count ? text.slice(0, count) : text
}

/** Shortens a text to a width with dots, keeping what stands at `offset`. */
function abbreviate(text: string, offset: number, width: number): string {
  if (width < 4 || text.length <= width) return width < 4 ? '' : text
  const room = width - 3
  let from = Math.min(offset, text.length)
  if (text.length - from < room) from = text.length - room
  if (from <= 4) return `${text.slice(0, room)}...`
  if (width < 7) return ''
  return from + room < text.length ? `...${abbreviate(text.slice(from), 0, room)}` : `...${text.slice(text.length - room)}`
}

function initials(text: string): string {
  let result = ''
  let afterGap = true
  // The original looks at bytes, not at runes.
  for (const byte of text) {
    const rune = fromCodePoint(byte.charCodeAt(0))
    const isGap = isSpace(rune)
    if (!isGap && afterGap) result += rune
    afterGap = isGap
  }
  return result
}

/** Breaks a line at spaces. */
function wrap(budget: Budget, text: string, size: number, style: { newLine: string; breaksWords: boolean }): string {
  const width = Math.max(size, 1)
  const separator = style.newLine === '' ? '\n' : style.newLine
  budget.bytes(text.length + Math.ceil(text.length / width) * separator.length)
  const lines: string[] = []
  let at = 0
  while (text.length - at > width) {
    if (text[at] === ' ') {
      at++
      continue
    }
    const space = text.lastIndexOf(' ', at + width)
    if (space >= at) {
      lines.push(text.slice(at, space))
      at = space + 1
    } else if (style.breaksWords) {
      lines.push(text.slice(at, at + width))
      at += width
    } else {
      const next = text.indexOf(' ', at + width)
      if (next < 0) break
      lines.push(text.slice(at, next))
      at = next + 1
    }
  }
  lines.push(text.slice(at))
  return lines.join(separator)
}

function present(values: readonly Value[]): readonly Value[] {
  return values.filter((value) => value !== undefined && value !== null)
}

const trimAll = fn(['string', 'string'], (_, cutset, text) => {
  const runes = new Set(splitRunes(cutset))
  return trimFunction(text, (rune) => runes.has(rune))
})

/** Functions that change or measure texts. */
export const textFunctions: TemplateFunctions = table({
  abbrev: fn(['int', 'string'], (_, width, text) => (width < 4 ? text : abbreviate(text, 0, width))),
  abbrevboth: fn(['int', 'int', 'string'], (_, left, right, text) =>
    right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right),
  ),
  camelcase: fn(['string'], (_, text) => camelCase(text)),
  cat: variadic([], 'any', (context, values) =>
    present(values)
      .map((value) => formatValue(value, context.budget))
      .join(' '),
  ),
  contains: fn(['string', 'string'], (_, part, text) => text.includes(part)),
  hasPrefix: fn(['string', 'string'], (_, part, text) => text.startsWith(part)),
  hasSuffix: fn(['string', 'string'], (_, part, text) => text.endsWith(part)),
  hello: fn([], () => 'Hello!'),
  indent: fn(['int', 'string'], (context, spaces, text) => indent(context.budget, spaces, text)),
  initials: fn(['string'], (_, text) => initials(text)),
  join: fn(['string', 'any'], (context, separator, values) => {
    const parts = toStringList(values, context.budget)
    context.budget.bytes(parts.reduce((size, part) => size + part.length + separator.length, 0))
    return parts.join(separator)
  }),
  kebabcase: fn(['string'], (_, text) => separateWords(text, '-')),
  lower: fn(['string'], (_, text) => lower(text)),
  nindent: fn(['int', 'string'], (context, spaces, text) => `\n${indent(context.budget, spaces, text)}`),
  nospace: fn(['string'], (_, text) =>
    splitRunes(text)
      .filter((rune) => !isSpace(rune))
      .join(''),
  ),
  plural: fn(['string', 'string', 'int'], (_, one, many, count) => (count === 1 ? one : many)),
  quote: variadic([], 'any', (context, values) =>
    present(values)
      .map((value) => quoteString(toStringValue(value, context.budget)))
      .join(' '),
  ),
  repeat: fn(['int', 'string'], (context, count, text) => repeat(context.budget, count, text)),
  replace: fn(['string', 'string', 'string'], (context, from, to, text) => replace(context.budget, from, to, text)),
  snakecase: fn(['string'], (_, text) => separateWords(text, '_')),
  // Traefik's own: the text comes first, and a list comes out.
  split: fn(['string', 'string'], (context, text, separator) => strings(splitText(context.budget, text, separator))),
  splitList: fn(['string', 'string'], (context, separator, text) => strings(splitText(context.budget, text, separator))),
  splitn: fn(['string', 'int', 'string'], (context, separator, count, text) => numbered(splitText(context.budget, text, separator, count))),
  squote: variadic([], 'any', (context, values) =>
    present(values)
      .map((value) => `'${formatValue(value, context.budget)}'`)
      .join(' '),
  ),
  substr: fn(['int', 'int', 'string'], (_, from, to, text) => substring(from, to, text)),
  swapcase: fn(['string'], (_, text) => swapCase(text)),
  title: fn(['string'], (_, text) => title(text)),
  toStrings: fn(['any'], (context, value) => strings(toStringList(value, context.budget))),
  trim: fn(['string'], (_, text) => trimSpace(text)),
  trimAll,
  trimall: trimAll,
  trimPrefix: fn(['string', 'string'], (_, part, text) => (text.startsWith(part) ? text.slice(part.length) : text)),
  trimSuffix: fn(['string', 'string'], (_, part, text) => (part !== '' && text.endsWith(part) ? text.slice(0, -part.length) : text)),
  trunc: fn(['int', 'string'], (_, count, text) => truncate(count, text)),
  untitle: fn(['string'], (_, text) => untitle(text)),
  upper: fn(['string'], (_, text) => upper(text)),
  wrap: fn(['int', 'string'], (context, width, text) => wrap(context.budget, text, width, { newLine: '\n', breaksWords: false })),
  wrapWith: fn(['int', 'string', 'string'], (context, width, separator, text) =>
    wrap(context.budget, text, width, { newLine: separator, breaksWords: true }),
  ),
})
