/** Header fields as HTTP/2 carries them, each checked once when it is decoded and not again when a table gives it back (RFC 9113 §8.2). */
import { isFieldValue, isToken } from '../http1/syntax.ts'

/** What the engine does with a field. */
export const fieldKind = {
  regular: 0,
  /** No field of HTTP/2: upper case in its name, forbidden characters, a field of the connection, an unknown pseudo-field. */
  malformed: 1,
  method: 2,
  scheme: 3,
  authority: 4,
  path: 5,
  protocol: 6,
  status: 7,
  host: 8,
  contentLength: 9,
  cookie: 10,
  expect: 11,
  priority: 12,
} as const

/** Kinds from `method` to `status` are pseudo-fields. */
const kinds = new Map<string, number>([
  [':method', fieldKind.method],
  [':scheme', fieldKind.scheme],
  [':authority', fieldKind.authority],
  [':path', fieldKind.path],
  [':protocol', fieldKind.protocol],
  [':status', fieldKind.status],
  ['host', fieldKind.host],
  ['content-length', fieldKind.contentLength],
  ['cookie', fieldKind.cookie],
  ['expect', fieldKind.expect],
  ['priority', fieldKind.priority],
  ['connection', fieldKind.malformed],
  ['keep-alive', fieldKind.malformed],
  ['proxy-connection', fieldKind.malformed],
  ['transfer-encoding', fieldKind.malformed],
  ['upgrade', fieldKind.malformed],
])

/** Whether a kind is that of a pseudo-field. */
export function isPseudo(kind: number): boolean {
  return kind >= fieldKind.method && kind <= fieldKind.status
}

/** What an entry of a table takes beside its texts, in bytes (RFC 7541 §4.1). */
const entryBytes = 32

/** A decoded field. */
export class HpackField {
  /** As sent; lower case when the field is sound. */
  readonly key: string
  /** As HTTP/1.1 spells it: `content-type` is `Content-Type`. */
  readonly name: string
  readonly value: string
  /** One of `fieldKind`. */
  readonly kind: number
  /** Size in tables and header lists, in bytes. */
  readonly size: number

  constructor(key: string, value: string) {
    const known = nameOf(key)
    this.key = known.key
    this.name = known.name
    this.value = value
    this.kind = isSoundValue(key, value) ? known.kind : fieldKind.malformed
    this.size = key.length + value.length + entryBytes
  }
}

interface KnownName {
  readonly key: string
  readonly name: string
  readonly kind: number
}

const names = new Map<string, KnownName>()
/** Most names remembered; they come from peers, so the memory is bounded. */
const namesMax = 4096
/** Longer names are not worth remembering, in bytes. */
const nameBytesMax = 128

function nameOf(key: string): KnownName {
  const known = names.get(key)
  if (known !== undefined) return known
  const made: KnownName = { key, name: canonicalName(key), kind: kindOf(key) }
  if (key.length > nameBytesMax) return made
  if (names.size >= namesMax) names.clear()
  names.set(key, made)
  return made
}

function kindOf(key: string): number {
  const kind = kinds.get(key)
  if (kind !== undefined) return kind
  return isToken(key) && key.toLowerCase() === key ? fieldKind.regular : fieldKind.malformed
}

/** `x-forwarded-for` as `X-Forwarded-For`. */
export function canonicalName(key: string): string {
  let name = ''
  let isStart = true
  for (const letter of key) {
    name += isStart ? letter.toUpperCase() : letter
    isStart = letter === '-'
  }
  return name
}

function isSoundValue(key: string, value: string): boolean {
  // TE says more in HTTP/1.1 than HTTP/2 allows (RFC 9113 §8.2.2).
  if (key === 'te' && value !== 'trailers') return false
  if (value === '') return true
  return !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1)) && isFieldValue(value)
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}
