/** Sprig's functions for regular expressions, which follow Go's syntax and take linear time. */
import { compileRe2, type Re2, type Re2Match } from '../../../std/re2.ts'
import { bytesToText, textToBytes } from '../../../std/utf8.ts'
import type { Budget } from '../budget.ts'
import { fn, table, type CallContext, type TemplateFunctions } from '../call.ts'
import { TemplateFault } from '../error.ts'
import { strings } from '../value.ts'

const patternBytesMax = 10_000

function compile(pattern: string): Re2 {
  if (pattern.length > patternBytesMax) throw new TemplateFault(`a regular expression of more than ${patternBytesMax} bytes`)
  try {
    return compileRe2(bytesToText(pattern))
  } catch (error) {
    throw new TemplateFault(textToBytes(error instanceof Error ? error.message : 'error parsing regexp'))
  }
}

/** Finds all matches as Go does: an empty one right after another match does not count. */
function findAll(budget: Budget, re2: Re2, text: string, count: number): Re2Match[] {
  const matches: Re2Match[] = []
  let at = 0
  let lastEnd = -1
  while (at <= text.length && (count < 0 || matches.length < count)) {
    budget.bytes(text.length)
    const match = re2.find(text, at)
    if (match === null) break
    const [from = 0, to = 0] = match
    if (to > from || from !== lastEnd) matches.push(match)
    lastEnd = to
    at = to > from ? to : to + ((text.codePointAt(to) ?? 0) > 0xffff ? 2 : 1)
  }
  return matches
}

function part(text: string, match: Re2Match | null): string {
  return match === null ? '' : textToBytes(text.slice(match[0], match[1]))
}

function findTexts(context: CallContext, pattern: string, bytes: string, count: number): string[] {
  const text = bytesToText(bytes)
  return findAll(context.budget, compile(pattern), text, count).map((match) => part(text, match))
}

function split(context: CallContext, pattern: string, bytes: string, count: number): string[] {
  const re2 = compile(pattern)
  if (count === 0) return []
  if (pattern !== '' && bytes === '') return ['']
  const text = bytesToText(bytes)
  const parts: string[] = []
  let from = 0
  let end = 0
  for (const [start = 0, stop = 0] of findAll(context.budget, re2, text, count)) {
    if (count > 0 && parts.length === count - 1) break
    end = start
    if (stop !== 0) parts.push(text.slice(from, end))
    from = stop
  }
  if (end !== text.length) parts.push(text.slice(from))
  return parts.map(textToBytes)
}

function replace(context: CallContext, pattern: string, bytes: string, replacement: string): string {
  const re2 = compile(pattern)
  const text = bytesToText(bytes)
  context.budget.bytes(text.length)
  return textToBytes(re2.replaceAll(text, bytesToText(replacement)))
}

const match = fn(['string', 'string'], (context, pattern, text) => {
  context.budget.bytes(text.length)
  return compile(pattern).test(bytesToText(text))
})
const matchOrFalse = fn(['string', 'string'], (context, pattern, text) => {
  context.budget.bytes(text.length)
  try {
    return compile(pattern).test(bytesToText(text))
  } catch (error) {
    // Sprig takes a pattern that is none for one that does not match.
    if (error instanceof TemplateFault) return false
    throw error
  }
})
const find = fn(['string', 'string'], (context, pattern, bytes) => {
  const text = bytesToText(bytes)
  context.budget.bytes(text.length)
  return part(text, compile(pattern).find(text))
})
const findEach = fn(['string', 'string', 'int'], (context, pattern, text, count) => strings(findTexts(context, pattern, text, count)))
const replaceAll = fn(['string', 'string', 'string'], (context, pattern, text, replacement) => replace(context, pattern, text, replacement))
const replaceLiteral = fn(['string', 'string', 'string'], (context, pattern, text, replacement) =>
  replace(context, pattern, text, replacement.replaceAll('$', '$$$$')),
)
const splitEach = fn(['string', 'string', 'int'], (context, pattern, text, count) => strings(split(context, pattern, text, count)))

/** Functions that match, find, replace, and split by regular expressions. */
export const regexFunctions: TemplateFunctions = table({
  regexFind: find,
  mustRegexFind: find,
  regexFindAll: findEach,
  mustRegexFindAll: findEach,
  regexMatch: matchOrFalse,
  mustRegexMatch: match,
  regexQuoteMeta: fn(['string'], (_, text) => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`)),
  regexReplaceAll: replaceAll,
  mustRegexReplaceAll: replaceAll,
  regexReplaceAllLiteral: replaceLiteral,
  mustRegexReplaceAllLiteral: replaceLiteral,
  regexSplit: splitEach,
  mustRegexSplit: splitEach,
})
