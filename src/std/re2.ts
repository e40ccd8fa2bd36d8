/**
 * Go's regular expressions (RE2 syntax, leftmost-first) in linear time, for patterns that others write. A pattern that is proven to mean the
 * same and to be linear there runs on V8 (see re2-native.ts); all others run on re2js, which never backtracks. Text is UTF-16; positions count
 * its units. The methods for bytes take byte strings (one character a byte) and read them as UTF-8, as Go does.
 */
import { RE2JS } from 're2js'
import { translateToNative } from './re2-native.ts'
import type { NativePattern } from './re2-native.ts'
import { parseReplacement } from './re2-replacement.ts'
import type { Replacement } from './re2-replacement.ts'
import { bytesToText, isAscii, textToBytes } from './utf8.ts'

/** Start and end of a match, then of each group; -1 twice for a group that took no part. */
export type Re2Match = readonly number[]

/** A compiled Go regular expression. */
export interface Re2 {
  readonly pattern: string
  /** 'native': V8's engine, proven linear for this pattern; 'linear': re2js. */
  readonly engine: 'native' | 'linear'
  /** Names of the groups by number; '' for unnamed ones, and for group 0. */
  readonly groupNames: readonly string[]
  /** True when the pattern matches anywhere in the text. */
  readonly test: (text: string) => boolean
  /** As `test`, for a byte string. */
  readonly testBytes: (bytes: string) => boolean
  /** Finds the leftmost match at or after a position (default 0); null when there is none. */
  readonly find: (text: string, from?: number) => Re2Match | null
  /** Replaces every match, as Go's `ReplaceAllString`; the replacement is in Go's notation. */
  readonly replaceAll: (text: string, replacement: string | Replacement) => string
  /** As `replaceAll` for a byte string; the replacement is text, the result a byte string. */
  readonly replaceAllBytes: (bytes: string, replacement: string | Replacement) => string
  /** Expands a replacement with the groups of a match, as Go's `ExpandString`. */
  readonly expand: (replacement: string | Replacement, text: string, match: Re2Match) => string
}

/** Finds from a position; the second engine-dependent operation besides `test`. */
interface Engine {
  readonly test: (text: string) => boolean
  readonly find: (text: string, from: number) => Re2Match | null
  readonly groupNames: readonly string[]
}

/** Compiled patterns that are kept at most; two generations of half the number each, the older one dropped when the younger is full. */
const cachedMax = 8192

let young = new Map<string, Re2>()
let old = new Map<string, Re2>()

/** Compiles a pattern in Go's syntax; throws an Error with Go's text (`error parsing regexp: …`) when it is invalid. */
export function compileRe2(pattern: string): Re2 {
  const known = young.get(pattern) ?? old.get(pattern)
  if (known !== undefined && young.has(pattern)) return known
  const re2 = known ?? build(pattern)
  if (young.size >= cachedMax / 2) {
    old = young
    young = new Map()
  }
  young.set(pattern, re2)
  return re2
}

function build(pattern: string): Re2 {
  const native = translateToNative(pattern)
  const engine = native === undefined ? linearEngine(pattern) : nativeEngine(native)
  const { test, find, groupNames } = engine
  const expand = (replacement: string | Replacement, text: string, match: Re2Match): string =>
    expandInto(typeof replacement === 'string' ? parseReplacement(replacement) : replacement, text, match, groupNames)
  const replaceAll = (text: string, replacement: string | Replacement): string => {
    const parsed = typeof replacement === 'string' ? parseReplacement(replacement) : replacement
    return replaceEach(engine, text, parsed)
  }
  return {
    pattern,
    engine: native === undefined ? 'linear' : 'native',
    groupNames,
    test,
    testBytes: (bytes) => test(isAscii(bytes) ? bytes : bytesToText(bytes)),
    find: (text, from = 0) => find(text, from),
    replaceAll,
    replaceAllBytes: (bytes, replacement) => textToBytes(replaceAll(bytesToText(bytes), replacement)),
    expand,
  }
}

function nativeEngine(native: NativePattern): Engine {
  const { groupNames } = native
  // Sticky patterns are tried at one place only; others are searched from lastIndex.
  const tester = new RegExp(native.source, native.anchored ? 'uy' : 'u')
  const finder = new RegExp(native.source, native.anchored ? 'duy' : 'dug')
  return {
    groupNames,
    test: (text) => {
      tester.lastIndex = 0
      return tester.test(text)
    },
    find: (text, from) => {
      // An anchored pattern matches at the start of the text or nowhere.
      if (native.anchored && from > 0) return null
      finder.lastIndex = from
      const places = finder.exec(text)?.indices
      return places === undefined ? null : flatten(places)
    },
  }
}

function flatten(places: readonly (readonly [number, number] | undefined)[]): number[] {
  const match: number[] = []
  for (const place of places) {
    if (place === undefined) match.push(-1, -1)
    else match.push(place[0], place[1])
  }
  return match
}

function linearEngine(pattern: string): Engine {
  const compiled = compileLinear(pattern)
  const groupNames = new Array<string>(compiled.groupCount() + 1).fill('')
  for (const [name, index] of Object.entries(compiled.namedGroups())) groupNames[index] = name
  return {
    groupNames,
    test: (text) => compiled.test(text),
    find: (text, from) => {
      const matcher = compiled.matcher(text)
      if (!matcher.find(from)) return null
      const match: number[] = []
      for (let group = 0; group < groupNames.length; group += 1) match.push(matcher.start(group), matcher.end(group))
      return match
    },
  }
}

function compileLinear(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new Error(message.startsWith('error parsing regexp') ? message : `error parsing regexp: ${message}`, { cause })
  }
}

/** Go's loop: an empty match right after another match is skipped, and every search starts at least one character on. */
function replaceEach(engine: Engine, text: string, replacement: Replacement): string {
  let out = ''
  let copied = 0
  let from = 0
  while (from <= text.length) {
    const match = engine.find(text, from)
    if (match === null) break
    const [start = 0, end = 0] = match
    out += text.slice(copied, start)
    if (end > copied || start === 0) out += expandInto(replacement, text, match, engine.groupNames)
    copied = end
    const width = (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1
    from = Math.max(from + width, end)
  }
  return out + text.slice(copied)
}

function expandInto(replacement: Replacement, text: string, match: Re2Match, groupNames: readonly string[]): string {
  if (replacement.literal !== null) return replacement.literal
  let out = ''
  for (const piece of replacement.pieces) {
    if (typeof piece === 'string') out += piece
    else out += 'group' in piece ? groupText(text, match, piece.group) : namedText(text, match, groupNames, piece.name)
  }
  return out
}

function groupText(text: string, match: Re2Match, group: number): string {
  const start = match[group * 2] ?? -1
  return start < 0 ? '' : text.slice(start, match[group * 2 + 1])
}

/** Of several groups of one name, the first that took part counts, as in Go. */
function namedText(text: string, match: Re2Match, groupNames: readonly string[], name: string): string {
  for (let group = 1; group < groupNames.length; group += 1) {
    if (groupNames[group] === name && (match[group * 2] ?? -1) >= 0) return groupText(text, match, group)
  }
  return ''
}
