/** Decodes field blocks (RFC 7541 §3). What is decoded stays within limits whatever the block says: a byte of it may stand for kilobytes. */
import { errorCode } from './error-codes.ts'
import { HpackField } from './field.ts'
import { huffmanDecode } from './huffman.ts'
import { staticCount, staticTable } from './static-table.ts'

/** How much of a header list is taken in. */
export interface HeaderListLimits {
  /** Bytes of a list as RFC 9113 §6.5.2 counts them; longer lists are answered with 431. */
  readonly headBytesMax: number
  /** Number of fields in a list; longer lists are answered with 431. */
  readonly headersMax: number
}

/** A list that is so many times over its limit ends the connection: it is no mistake. */
const bombFactor = 4
/** Integers above this are no lengths or indexes of ours. */
const integerMax = 2 ** 28
/** Empty places in front of the dynamic table before it is moved. */
const slackMax = 128

const staticFields: readonly HpackField[] = staticTable.map(([name, value]) => new HpackField(name, value))

/** The decoder of a connection. */
export class HpackDecoder {
  /** The fields of the last block: `count` of them. */
  readonly fields: HpackField[] = []
  count = 0
  /** True when the last block had more than the limits allow; the rest was decoded, but not kept. */
  isTooLarge = false
  readonly #limits: HeaderListLimits
  /** Largest table that we have announced, in bytes. */
  readonly #tableBytesMax: number
  #tableMax: number
  #tableBytes = 0
  /** Oldest first; places below `#first` are empty. */
  #table: (HpackField | undefined)[] = []
  #first = 0
  #listBytes = 0
  #listCount = 0
  // Where the block is read.
  #bytes: Buffer = Buffer.alloc(0)
  #place = 0
  #end = 0
  #error = 0

  constructor(tableBytesMax: number, limits: HeaderListLimits) {
    this.#tableBytesMax = tableBytesMax
    this.#tableMax = tableBytesMax
    this.#limits = limits
  }

  /** Entries of the dynamic table, for tests. */
  get tableCount(): number {
    return this.#table.length - this.#first
  }

  /** Decodes a whole block; 0, or the error that ends the connection. */
  decode(block: Buffer): number {
    this.#bytes = block
    this.#place = 0
    this.#end = block.length
    this.#error = 0
    this.count = 0
    this.isTooLarge = false
    this.#listBytes = 0
    this.#listCount = 0
    this.#sizeUpdates()
    while (this.#place < block.length && this.#error === 0) this.#field()
    return this.#error
  }

  /** At most two changes of the table's size, in front of the fields (RFC 7541 §4.2). */
  #sizeUpdates(): void {
    for (let count = 0; this.#place < this.#end && (this.#bytes[this.#place]! & 0xe0) === 0x20; count += 1) {
      const size = this.#integer(5)
      if (this.#error !== 0) return
      if (size > this.#tableBytesMax || count === 2) {
        this.#error = errorCode.compressionError
        return
      }
      this.#tableMax = size
      this.#evict(0)
    }
  }

  #field(): void {
    const first = this.#bytes[this.#place]!
    if (first >= 0x80) {
      const field = this.#at(this.#integer(7))
      if (field !== null) this.#take(field)
      return
    }
    if ((first & 0xe0) === 0x20) {
      this.#error = errorCode.compressionError
      return
    }
    const isIndexed = first >= 0x40
    const index = this.#integer(isIndexed ? 6 : 4)
    if (this.#error !== 0) return
    const name = index === 0 ? this.#string() : (this.#at(index)?.key ?? null)
    if (name === null || this.#error !== 0) return
    const value = this.#string()
    if (value === null) return
    const field = new HpackField(name, value)
    if (isIndexed) this.#insert(field)
    this.#take(field)
  }

  #take(field: HpackField): void {
    this.#listBytes += field.size
    this.#listCount += 1
    const { headBytesMax, headersMax } = this.#limits
    if (this.#listBytes > headBytesMax || this.#listCount > headersMax) {
      this.isTooLarge = true
      if (this.#listBytes > headBytesMax * bombFactor) this.#error = errorCode.enhanceYourCalm
      return
    }
    this.fields[this.count] = field
    this.count += 1
  }

  #at(index: number): HpackField | null {
    if (this.#error !== 0) return null
    if (index > 0 && index <= staticCount) return staticFields[index - 1]!
    const place = this.#table.length + staticCount - index
    const field = index > staticCount && place >= this.#first ? this.#table[place] : undefined
    if (field !== undefined) return field
    this.#error = errorCode.compressionError
    return null
  }

  #insert(field: HpackField): void {
    this.#evict(field.size)
    // An entry larger than the table empties it, and that is all (RFC 7541 §4.4).
    if (field.size > this.#tableMax) return
    this.#table.push(field)
    this.#tableBytes += field.size
  }

  #evict(room: number): void {
    while (this.#tableBytes + room > this.#tableMax && this.#first < this.#table.length) {
      this.#tableBytes -= this.#table[this.#first]!.size
      this.#table[this.#first] = undefined
      this.#first += 1
    }
    if (this.#first < slackMax && this.#first < this.#table.length) return
    this.#table = this.#table.slice(this.#first)
    this.#first = 0
  }

  /** An integer behind a prefix of so many bits (RFC 7541 §5.1). */
  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1
    const start = this.#bytes[this.#place]! & mask
    this.#place += 1
    if (start < mask) return start
    let value = mask
    let factor = 1
    while (this.#place < this.#end) {
      const byte = this.#bytes[this.#place]!
      this.#place += 1
      value += (byte & 127) * factor
      if (value > integerMax || factor > integerMax) break
      if (byte < 128) return value
      factor *= 128
    }
    this.#error = errorCode.compressionError
    return 0
  }

  /** A string (RFC 7541 §5.2); null after an error. */
  #string(): string | null {
    if (this.#place >= this.#end) {
      this.#error = errorCode.compressionError
      return null
    }
    const isPacked = this.#bytes[this.#place]! >= 128
    const length = this.#integer(7)
    const from = this.#place
    const to = from + length
    // A single text longer than a whole list may be is refused as recorded of Go's decoder.
    if (this.#error !== 0 || to > this.#end || length > this.#limits.headBytesMax) {
      this.#error = errorCode.compressionError
      return null
    }
    this.#place = to
    if (!isPacked) return this.#bytes.latin1Slice(from, to)
    const text = huffmanDecode(this.#bytes, from, to)
    if (text === null) this.#error = errorCode.compressionError
    return text
  }
}
