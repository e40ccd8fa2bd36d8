/** Character classes and field names of HTTP/1.1 (RFC 9110 §5.6.2, RFC 9112). */
import { lowerName, ownText } from '../http/header-list.ts'
import { looksManaged } from '../http/managed-headers.ts'

declare global {
  interface Buffer {
    /** Text of a range, one character per byte; what `toString('latin1')` calls. */
    latin1Slice(start?: number, end?: number): string
  }
}

/** 1 for bytes of a token. */
export const tokenBytes = table("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

/** 1 for bytes of a field value: everything but controls; horizontal tab passes. */
export const valueBytes = new Uint8Array(256).map((_, byte) => (byte === 9 || (byte >= 32 && byte !== 127) ? 1 : 0))

/** 1 for bytes of a request target: no controls and no space. */
export const targetBytes = new Uint8Array(256).map((_, byte) => (byte > 32 && byte !== 127 ? 1 : 0))

/** 1 for bytes of a Host field, as Go takes them. */
const hostBytes = table("!$%&'()*+,-.0123456789:;=ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~")

/** Value of a hexadecimal digit; 255 for other bytes. */
export const hexDigits = new Uint8Array(256).map((_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(digit) ? 255 : digit
})

/** Field names that the engine looks at itself. */
export const special = { none: 0, host: 1, contentLength: 2, transferEncoding: 3, connection: 4, upgrade: 5, expect: 6 } as const

/** A field name as it is sent, with its lower-case form. Equal names share one object while it is remembered. */
export class FieldName {
  readonly name: string
  readonly lower: string
  /** One of `special`. */
  readonly special: number
  readonly bytes: Uint8Array
  /** The name that came behind this one when it was last seen: peers send their fields in the same order again and again. */
  next: FieldName | null = null

  constructor(name: string) {
    // Memory of its own: a piece of a head would keep all of it.
    this.name = ownText(name)
    this.lower = lowerName(name)
    this.special = specials.get(this.lower) ?? special.none
    this.bytes = Uint8Array.from(Buffer.from(name, 'latin1'))
  }
}

const specials = new Map<string, number>([
  ['host', special.host],
  ['content-length', special.contentLength],
  ['transfer-encoding', special.transferEncoding],
  ['connection', special.connection],
  ['upgrade', special.upgrade],
  ['expect', special.expect],
])

/** Most names remembered; they come from peers, so the memory is bounded. */
const fieldNamesMax = 4096
/** Longer names are not remembered. */
const fieldNameLengthMax = 64

/** Places of the table of names; a power of two. */
const placeCount = 1024

/** The field names of one kind of block. */
export class FieldNames {
  /** Stands in front of the first field of a block. */
  readonly first = new FieldName('')
  readonly #names = new Map<string, FieldName>()
  /** The same by a number made of their bytes; each has two places next to each other, so that two names of one number do not oust each other. */
  readonly #places = new Array<FieldName | undefined>(placeCount).fill(undefined)

  /**
   * What is known of the name from `from` to `to`, which is not empty and a token, and came behind `before`. Where a name has its place follows
   * from its length and four of its bytes, by factors that keep the names of common fields apart.
   */
  find(bytes: Buffer, from: number, to: number, before: FieldName): FieldName {
    const length = to - from
    const spread = length * 1081 + bytes[from]! * 853 + bytes[from + (length >> 1)]! * 1567 + bytes[to - 1]! * 1265
    const place = (spread + bytes[from + (length >> 2)]! * 1635) & (placeCount - 1)
    let found = this.#places[place]
    if (found === undefined || !isName(found.bytes, bytes, from, length)) {
      found = this.#places[place ^ 1]
      if (found === undefined || !isName(found.bytes, bytes, from, length)) {
        found = this.#findText(bytes.latin1Slice(from, to))
        if (length > fieldNameLengthMax) return found
        this.#places[place ^ 1] = this.#places[place]
        this.#places[place] = found
      }
    }
    before.next = found
    return found
  }

  /** Links between names and places lead only to names that are remembered, and all are forgotten together: nothing else keeps them. */
  #findText(name: string): FieldName {
    let found = this.#names.get(name)
    if (found === undefined) {
      found = new FieldName(name)
      if (name.length > fieldNameLengthMax) return found
      if (this.#names.size >= fieldNamesMax) {
        this.#names.clear()
        this.#places.fill(undefined)
        this.first.next = null
      }
      this.#names.set(found.name, found)
    }
    return found
  }
}

function isName(known: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (known.length !== length) return false
  for (let index = 0; index < length; index += 1) if (known[index] !== bytes[from + index]) return false
  return true
}

/** Names in heads of requests. */
export const requestNames = new FieldNames()
/** Names in heads of answers. */
export const responseNames = new FieldNames()
/** Names in trailers. */
export const trailerNames = new FieldNames()

/** Fields that no trailer section may set: they decide framing, routing or who the peer is (RFC 9110 §6.5.1). */
const forbiddenTrailers = new Set([
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
  'x-real-ip',
])

/** Whether a trailer field may be passed on, by lower-case name. */
export function isTrailerAllowed(lower: string): boolean {
  return !forbiddenTrailers.has(lower) && !lower.startsWith('x-forwarded-') && !looksManaged(lower)
}

/** Whether a Host field or authority has only characters that a host may have. */
export function isHostText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (hostBytes[text.charCodeAt(index)] !== 1) return false
  return true
}

/** Whether a text is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (tokenBytes[text.charCodeAt(index)] !== 1) return false
  return text !== ''
}

/** Whether a text may be a field value. */
export function isFieldValue(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (valueBytes[text.charCodeAt(index)] !== 1) return false
  return true
}

/** Largest number of digits of a length; fewer than 2^53 in all cases. */
const lengthDigitsMax = 15

/** A Content-Length as a number, or -1 when it is not a plain decimal number (RFC 9112 §6.3; no sign, list, space or hexadecimal form). */
export function parseLength(text: string): number {
  if (text.length === 0 || text.length > lengthDigitsMax) return -1
  let length = 0
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}

function table(members: string): Uint8Array {
  const bytes = new Uint8Array(256)
  for (let index = 0; index < members.length; index += 1) bytes[members.charCodeAt(index)] = 1
  return bytes
}
