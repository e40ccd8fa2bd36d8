/**
 * Encodes field blocks (RFC 7541 §6) as text, one character a byte, since text is what leaves in one write with everything else. Each name has at most
 * one entry in the table, its latest value: finding it costs one look-up by name and one comparison. A value goes into the table when it is
 * seen twice, so that values which never come back push nothing out.
 */
import { huffmanEncode, huffmanLength } from './huffman.ts'
import { staticCount, staticIndex, staticNameIndex } from './static-table.ts'

/** Most names that a connection keeps in mind; further ones are sent as they are. */
const slotsMax = 256
/** Longer values never go into the table, in bytes. */
const indexedBytesMax = 1024
/** What an entry of a table takes beside its texts, in bytes (RFC 7541 §4.1). */
const entryBytes = 32

/** Values that change with every message, or are many to a name. */
const changing: ReadonlySet<string> = new Set([
  'age',
  'content-length',
  'content-range',
  'etag',
  'expires',
  'if-modified-since',
  'if-none-match',
  'last-modified',
  'link',
  'location',
  'range',
  'set-cookie',
])
/** Never to be put into a table, by proxies behind us either (RFC 7541 §7.1.3). */
const secret: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'set-cookie'])

/** All one-byte texts. */
const bytes: readonly string[] = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))

/** How a name is sent. */
class Slot {
  /** Index of the name in the static table; 0 when it is not there. */
  readonly nameIndex: number
  /** The name as a string literal, length in front; made when it is first needed. */
  nameLiteral = ''
  readonly isIndexable: boolean
  readonly isSecret: boolean
  /** The value seen last. */
  value: string | null = null
  /** Index of name and that value in the static table; 0 when it is not there. */
  wholeIndex = 0
  /** Number of the insertion that put it into the table; 0 for none. */
  insertion = 0

  constructor(key: string) {
    this.nameIndex = staticNameIndex(key)
    this.isSecret = secret.has(key)
    this.isIndexable = !this.isSecret && !changing.has(key)
  }
}

/** The encoder of a connection. */
export class HpackEncoder {
  /** Largest table that we want, in bytes. */
  readonly #wantedMax: number
  #tableMax = 0
  #tableBytes = 0
  readonly #slots = new Map<string, Slot>()
  /** Entries put in so far. */
  #inserted = 0
  /** Entries pushed out so far. */
  #evicted = 0
  /** Sizes of the entries, the oldest first. */
  #sizes: number[] = []
  /** A change of the table's size that the next block announces. */
  #announced = ''

  constructor(wantedMax: number) {
    this.#wantedMax = wantedMax
    this.#tableMax = Math.min(wantedMax, defaultTableBytes)
    // A table smaller than the protocol's default must be announced.
    if (this.#tableMax < defaultTableBytes) this.#announced = integer(0x20, 5, this.#tableMax)
  }

  /** The peer allows a table of this size, in bytes. */
  allow(tableBytes: number): void {
    const size = Math.min(tableBytes, this.#wantedMax)
    if (size === this.#tableMax) return
    this.#tableMax = size
    this.#evict(0)
    // A table that shrinks and grows again between two blocks is announced at its smallest first (RFC 7541 §4.2).
    this.#announced = integer(0x20, 5, Math.min(size, this.#smallest)) + (size > this.#smallest ? integer(0x20, 5, size) : '')
    this.#smallest = Math.min(size, this.#smallest)
  }

  #smallest = Number.POSITIVE_INFINITY

  /** Starts a block: what stands in front of its fields. */
  start(): string {
    const announced = this.#announced
    if (announced === '') return ''
    this.#announced = ''
    this.#smallest = Number.POSITIVE_INFINITY
    return announced
  }

  /** A field, by its lower-case name. */
  field(key: string, value: string): string {
    const slot = this.#slots.get(key) ?? this.#addSlot(key)
    if (slot === null) return this.#unknown(key, value)
    if (slot.value === value) {
      if (slot.wholeIndex !== 0) return bytes[0x80 | slot.wholeIndex]!
      if (slot.insertion > this.#evicted) return integer(0x80, 7, staticCount + 1 + this.#inserted - slot.insertion)
      return slot.isIndexable && value.length <= indexedBytesMax ? this.#insert(slot, key, value) : this.#literal(slot, key, value)
    }
    const text = this.#literal(slot, key, value)
    slot.value = value
    slot.insertion = 0
    slot.wholeIndex = slot.nameIndex === 0 ? 0 : staticIndex(key, value)
    return slot.wholeIndex === 0 ? text : bytes[0x80 | slot.wholeIndex]!
  }

  /** The status of an answer. */
  status(status: number): string {
    switch (status) {
      case 200:
        return '\x88'
      case 204:
        return '\x89'
      case 206:
        return '\x8a'
      case 304:
        return '\x8b'
      case 400:
        return '\x8c'
      case 404:
        return '\x8d'
      case 500:
        return '\x8e'
      default:
        return this.field(':status', String(status))
    }
  }

  #addSlot(key: string): Slot | null {
    if (this.#slots.size >= slotsMax) return null
    const slot = new Slot(key)
    this.#slots.set(key, slot)
    return slot
  }

  #unknown(key: string, value: string): string {
    return (secret.has(key) ? '\x10' : '\0') + plainString(key) + plainString(value)
  }

  #literal(slot: Slot, key: string, value: string): string {
    const flags = slot.isSecret ? 0x10 : 0
    if (slot.nameIndex !== 0) return integer(flags, 4, slot.nameIndex) + plainString(value)
    if (slot.nameLiteral === '') slot.nameLiteral = packedString(key)
    return bytes[flags]! + slot.nameLiteral + plainString(value)
  }

  #insert(slot: Slot, key: string, value: string): string {
    const size = key.length + value.length + entryBytes
    if (size > this.#tableMax) return this.#literal(slot, key, value)
    if (slot.nameIndex === 0 && slot.nameLiteral === '') slot.nameLiteral = packedString(key)
    this.#evict(size)
    this.#sizes.push(size)
    this.#tableBytes += size
    this.#inserted += 1
    slot.insertion = this.#inserted
    const name = slot.nameIndex === 0 ? `\x40${slot.nameLiteral}` : integer(0x40, 6, slot.nameIndex)
    return name + packedString(value)
  }

  #evict(room: number): void {
    let count = 0
    while (this.#tableBytes + room > this.#tableMax && count < this.#sizes.length) {
      this.#tableBytes -= this.#sizes[count]!
      count += 1
    }
    if (count === 0) return
    this.#sizes.splice(0, count)
    this.#evicted += count
  }
}

/** Size of the table before either side says anything, in bytes (RFC 9113 §6.5.2). */
const defaultTableBytes = 4096

/** An integer behind a prefix (RFC 7541 §5.1). */
export function integer(flags: number, prefixBits: number, value: number): string {
  const mask = (1 << prefixBits) - 1
  if (value < mask) return bytes[flags | value]!
  let text = bytes[flags | mask]!
  let rest = value - mask
  while (rest >= 128) {
    text += bytes[(rest & 127) | 128]!
    rest = Math.floor(rest / 128)
  }
  return text + bytes[rest]!
}

function plainString(text: string): string {
  return integer(0, 7, text.length) + text
}

/** Packed where that is shorter; for what is sent once and then by its index. */
function packedString(text: string): string {
  const length = huffmanLength(text)
  return length < text.length ? integer(0x80, 7, length) + huffmanEncode(text) : plainString(text)
}
