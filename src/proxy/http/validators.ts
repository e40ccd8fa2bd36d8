/** Conditional requests (RFC 9110 §13) and ranges (§14), for whoever holds the whole representation. */
import { parseHttpDate } from '../../std/http-date.ts'
import type { HeaderList } from './header-list.ts'

/** What a representation is known by. */
export interface Validators {
  /** The entity tag as it stands in the field; '' when there is none. */
  readonly etag: string
  /** Wall time in milliseconds; undefined when it is not known. */
  readonly modifiedMs: number | undefined
}

/** What the conditions of a request come to. */
export type Precondition = 'holds' | 'notModified' | 'failed'

/** Longest list of tags that is looked at, in bytes; a longer one holds none. */
const tagsLengthMax = 8192
/** Most ranges of a request; one that asks for more gets the whole. */
const rangesMax = 16

/** Judges the conditions of a GET or HEAD request in the order of RFC 9110 §13.2.2. */
export function judgeConditions(request: HeaderList, validators: Validators, nowMs: number): Precondition {
  const { etag, modifiedMs } = validators
  const match = joined(request, 'if-match')
  if (match !== null) {
    if (match.trim() !== '*' && !holdsTag(match, etag, true)) return 'failed'
  } else {
    const since = dateOf(request, 'if-unmodified-since', nowMs)
    if (since !== undefined && modifiedMs !== undefined && seconds(modifiedMs) > seconds(since)) return 'failed'
  }
  const noneMatch = joined(request, 'if-none-match')
  if (noneMatch !== null) return noneMatch.trim() === '*' || holdsTag(noneMatch, etag, false) ? 'notModified' : 'holds'
  const since = dateOf(request, 'if-modified-since', nowMs)
  return since !== undefined && modifiedMs !== undefined && seconds(modifiedMs) <= seconds(since) ? 'notModified' : 'holds'
}

/** Bytes from `start` up to and with `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The range that a request asks for and that is to be sent: null for the whole, also when it asks for several that do not touch, which a server may answer
 * so; 'unsatisfiable' when there is no such byte.
 */
export function judgeRange(request: HeaderList, validators: Validators, size: number, nowMs: number): ByteRange | null | 'unsatisfiable' {
  const range = request.get('range')
  if (range === undefined) return null
  const condition = request.get('if-range')
  if (condition !== undefined && !holdsForRange(condition, validators, nowMs)) return null
  return parseRange(range, size)
}

/** Reads a Range field for a representation of `size` bytes; see `judgeRange`. */
export function parseRange(text: string, size: number): ByteRange | null | 'unsatisfiable' {
  const equals = text.indexOf('=')
  if (equals < 0 || text.slice(0, equals).trim().toLowerCase() !== 'bytes') return null
  const parts = text.slice(equals + 1).split(',', rangesMax + 1)
  if (parts.length > rangesMax) return null
  const ranges: ByteRange[] = []
  for (const part of parts) {
    const range = parseOne(part.trim(), size)
    if (range === 'invalid') return null
    if (range !== null) ranges.push(range)
  }
  return ranges.length === 0 ? 'unsatisfiable' : merged(ranges)
}

function parseOne(text: string, size: number): ByteRange | null | 'invalid' {
  const [, first, last] = /^(\d{0,15})-(\d{0,15})$/.exec(text) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'invalid'
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? null : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return 'invalid'
  return start >= size ? null : { start, end }
}

/** One range when all of them touch. */
function merged(ranges: readonly ByteRange[]): ByteRange | null {
  const [first, ...others] = ranges.toSorted((a, b) => a.start - b.start)
  if (first === undefined) return null
  let { end } = first
  for (const range of others) {
    if (range.start > end + 1) return null
    end = Math.max(end, range.end)
  }
  return { start: first.start, end }
}

/** If-Range wants a strong tag, or the very date (RFC 9110 §13.1.5). */
function holdsForRange(condition: string, { etag, modifiedMs }: Validators, nowMs: number): boolean {
  const text = condition.trim()
  if (text.endsWith('"')) return text === etag && !etag.startsWith('W/')
  const date = parseHttpDate(text, nowMs)
  return date !== undefined && modifiedMs !== undefined && seconds(date) === seconds(modifiedMs)
}

function holdsTag(list: string, etag: string, isStrong: boolean): boolean {
  if (etag === '' || list.length > tagsLengthMax || (isStrong && etag.startsWith('W/'))) return false
  const wanted = opaque(etag)
  for (const [tag] of list.matchAll(/(?:W\/)?"[^"]*"/g)) {
    if (isStrong && tag.startsWith('W/')) continue
    if (opaque(tag) === wanted) return true
  }
  return false
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}

function joined(headers: HeaderList, key: string): string | null {
  const values = headers.getAll(key)
  return values.length === 0 ? null : values.join(',')
}

function dateOf(headers: HeaderList, key: string, nowMs: number): number | undefined {
  const text = headers.get(key)
  return text === undefined ? undefined : parseHttpDate(text, nowMs)
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
