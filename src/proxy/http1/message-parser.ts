/**
 * The part of the HTTP/1.1 engine that requests and responses share: input, field blocks and bodies. It owns no socket, timer or clock.
 *
 * Use: `push` what was read, then call `next` until it says `needMore`, and look at the fields that belong to each event:
 * - `head`: the start line's fields and `headers`;
 * - `body`: `chunk`, a view of what was pushed (no copy), valid until the next `next` or `push`;
 * - `end`: the message is complete (every message ends with it, with or without body), `trailers` came with it or is null;
 * - `failed`: `failure` tells why. Nothing more can be read from this connection.
 *
 * Whoever stops before `needMore` while the pushed buffer will be written over calls `retain` first.
 */
import { HeaderList } from '../http/header-list.ts'
import { failures, type Http1Failure } from './failure.ts'
import { type FieldRules, marks, mayEndBlock, scanFailed, scanFields, scanIncomplete, unfold } from './field-block.ts'
import type { Http1Limits } from './limits.ts'
import { hexDigits, isTrailerAllowed, tokenBytes, valueBytes } from './syntax.ts'

/** What `next` gives. */
export const http1Event = { needMore: 0, head: 1, body: 2, end: 3, failed: 4 } as const

/** Where a parser stands. */
const at = {
  start: 0,
  ended: 1,
  length: 2,
  untilClose: 3,
  chunkSize: 4,
  chunkData: 5,
  chunkEnd: 6,
  trailers: 7,
  failed: 8,
  tunnel: 9,
} as const

/** Parts of a chunk's first line. */
const line = { digits: 0, blank: 1, extension: 2, quoted: 3, escaped: 4, lineFeed: 5 } as const

const carriageReturn = 13
const lineFeed = 10
const semicolon = 59
const quote = 34
const backslash = 92
/** Digits of a chunk size, leading zeros included. */
const sizeDigitsMax = 16
/** Sizes stay exact numbers. */
const sizeBefore = Number.MAX_SAFE_INTEGER / 16 - 16

/** 1 for bytes of chunk extensions outside of quotes: tokens, what separates them, and blanks (RFC 9112 §7.1.1). */
const extensionBytes = tokenBytes.map((isToken, byte) => (byte === semicolon || byte === 61 || byte === 32 || byte === 9 ? 1 : isToken))

const nothing = Buffer.alloc(0)
/** For parsers at rest; stays empty. */
const noFields = new HeaderList()

/** Parses messages of one direction of a connection, one after the other. */
export abstract class MessageParser {
  headers = noFields
  /** Minor version of HTTP/1: 0 or 1 (higher ones are 1). */
  minorVersion = 1
  /** Length of the body in bytes; 0 when there is none, -1 when only its end will tell. */
  bodyLength = 0
  /** True for a chunked body. */
  isChunked = false
  /** True when the peer wants to go on with this connection after the message. */
  keepAlive = true
  trailers: HeaderList | null = null
  failure: Http1Failure | null = null

  protected readonly limits: Http1Limits
  protected input: Buffer = nothing
  protected place = 0
  protected end = 0
  protected state: number = at.ended
  readonly #headRules: FieldRules
  readonly #trailerRules: FieldRules
  /** True when `input` is memory of the parser's own. */
  #isOwn = false
  #chunkFrom = 0
  /** Bytes of an incomplete block that were looked at, counted from `place`. */
  #scanned = 0
  #left = 0
  #size = 0
  #sizeDigits = 0
  #linePart: number = line.digits
  #extensionBytes = 0

  constructor(limits: Http1Limits, headRules: FieldRules, trailerRules: FieldRules) {
    this.limits = limits
    this.#headRules = headRules
    this.#trailerRules = trailerRules
  }

  /** The bytes of the last `body`; call it once for each. */
  get chunk(): Buffer {
    const { input, place } = this
    const from = this.#chunkFrom
    return from === 0 && place === input.length ? input : input.subarray(from, place)
  }

  /** The same as text, one character a byte; cheaper for small ones. */
  get chunkText(): string {
    return this.input.latin1Slice(this.#chunkFrom, this.place)
  }

  get chunkLength(): number {
    return this.place - this.#chunkFrom
  }

  /** True when the last `body` was the rest of a body of known length. */
  get isBodyRead(): boolean {
    return this.state === at.length && this.#left === 0
  }

  /** Bytes that were pushed and not used yet. */
  get buffered(): number {
    return this.end - this.place
  }

  /** True between messages, when nothing of the next one has come. */
  get isIdle(): boolean {
    return (this.state === at.start || this.state === at.ended) && this.place === this.end
  }

  /** Gives bytes. What was pushed before and has not been used is kept in front. */
  push(chunk: Buffer): void {
    if (this.place === this.end) {
      this.input = chunk
      this.place = 0
      this.end = chunk.length
      this.#isOwn = false
      return
    }
    this.#append(chunk)
  }

  /** Copies what has not been used, because the pushed buffer is about to change. */
  retain(): void {
    if (this.#isOwn || this.place === this.end) return
    this.input = Buffer.from(this.input.subarray(this.place, this.end))
    this.end -= this.place
    this.place = 0
    this.#isOwn = true
  }

  /** Takes what has not been used (after an upgrade), as memory of the caller's own; null when there is none. */
  takeRest(): Buffer | null {
    if (this.place === this.end) return null
    this.retain()
    const rest = this.input.subarray(this.place, this.end)
    this.input = nothing
    this.place = 0
    this.end = 0
    this.#isOwn = false
    return rest
  }

  /** The next event. */
  next(): number {
    switch (this.state) {
      case at.ended:
        this.beginMessage()
        if (this.place === this.end) return this.#rest()
        this.headers = new HeaderList()
        this.state = at.start
        return this.#head()
      case at.start:
        return this.#head()
      case at.length:
        return this.#lengthBody()
      case at.untilClose:
        return this.#restOfInput()
      case at.failed:
        return http1Event.failed
      case at.tunnel:
        return http1Event.needMore
      default:
        return this.#chunked()
    }
  }

  /** The peer has sent its last byte: the event that follows from it. `needMore` means that the connection ended between two messages. */
  endOfInput(): number {
    if (this.state === at.untilClose) return this.#endMessage()
    if (this.state === at.failed) return http1Event.failed
    if (this.isIdle || this.state === at.tunnel) return http1Event.needMore
    return this.fail(failures.cut)
  }

  /** Checks the start line from `place` on; gives the place behind it, or a negative number as `scanFields` does. */
  protected abstract scanStartLine(): number

  /** Cuts the start line's parts out of the head's text; `from` is the place where the text begins. */
  protected abstract keepStartLine(text: string, from: number): void

  /** Keeps a field that belongs to framing or to the connection; `value` is trimmed. False when it must not appear in `headers`. */
  protected abstract specialField(which: number, value: string): boolean

  /** Decides about body and connection once all fields are known. */
  protected abstract headComplete(): void

  /** Forgets the message before. */
  protected abstract beginMessage(): void

  /** Refuses the message; nothing is read any more. */
  protected fail(failure: Http1Failure): number {
    this.state = at.failed
    this.failure = failure
    return http1Event.failed
  }

  protected resetMessage(): void {
    this.bodyLength = 0
    this.isChunked = false
    this.keepAlive = true
    this.trailers = null
    this.#scanned = 0
  }

  /** Sets what follows the head. */
  protected setBody(length: number, isChunked: boolean): void {
    this.bodyLength = length
    this.isChunked = isChunked
    if (isChunked) {
      this.state = at.chunkSize
      this.#beginChunkLine()
      this.#extensionBytes = 0
    } else if (length >= 0) {
      this.#left = length
      this.state = at.length
    } else {
      this.state = at.untilClose
    }
  }

  /** After this head come bytes of another protocol: see `takeRest`. */
  protected setTunnel(): void {
    this.state = at.tunnel
  }

  /** After this head comes another one of the same message. */
  protected setNextHead(): void {
    this.state = at.ended
  }

  #append(chunk: Buffer): void {
    const kept = this.end - this.place
    if (this.#isOwn && this.end + chunk.length <= this.input.length) {
      chunk.copy(this.input, this.end)
      this.end += chunk.length
      return
    }
    // Doubled, so that many small pieces cost no more than a few large ones.
    const grown = Buffer.allocUnsafe(Math.max(1024, (kept + chunk.length) * 2))
    this.input.copy(grown, 0, this.place, this.end)
    chunk.copy(grown, kept)
    this.input = grown
    this.place = 0
    this.end = kept + chunk.length
    this.#isOwn = true
  }

  #head(): number {
    if (this.place === this.end) return http1Event.needMore
    if (this.#scanned > 0 && !this.#mayBeComplete()) return this.#incompleteHead()
    const fieldsAt = this.scanStartLine()
    if (fieldsAt < 0) return fieldsAt === scanFailed ? this.fail(marks.failure) : this.#incompleteHead()
    const endAt = scanFields(this.input, fieldsAt, this.end, this.#headRules)
    if (endAt < 0) return endAt === scanFailed ? this.fail(marks.failure) : this.#incompleteHead()
    if (endAt - this.place > this.limits.headBytesMax) return this.fail(failures.headTooLarge)
    this.#keepFields(endAt)
    this.place = endAt
    this.#scanned = 0
    this.headComplete()
    return this.failure === null ? http1Event.head : http1Event.failed
  }

  /** A connection at rest keeps nothing of what it has read. */
  #rest(): number {
    this.headers = noFields
    this.input = nothing
    this.place = 0
    this.end = 0
    return http1Event.needMore
  }

  #incompleteHead(): number {
    const kept = this.end - this.place
    if (kept > this.limits.headBytesMax) return this.fail(failures.headTooLarge)
    this.#scanned = kept
    this.retain()
    return http1Event.needMore
  }

  /** Whether a block that was incomplete may be complete now, looking only at what is new. */
  #mayBeComplete(): boolean {
    return mayEndBlock(this.input, this.place + this.#scanned, this.end, this.#headRules.strict)
  }

  #keepFields(to: number): void {
    const from = this.place
    const text = this.input.latin1Slice(from, to)
    this.keepStartLine(text, from)
    const { names, values, count, folded } = marks
    const headers = this.headers
    headers.raw = text
    for (let index = 0; index < count; index += 1) {
      const known = names[index]!
      const line = values[index * 3 + 2]!
      let value = text.substring(values[index * 3]! - from, values[index * 3 + 1]! - from)
      if (folded) value = unfold(value)
      if (known.special === 0 || this.specialField(known.special, value)) {
        headers.pushLine(known.name, known.lower, value, line < 0 ? -1 : line - from)
      }
    }
  }

  #lengthBody(): number {
    const left = this.#left
    if (left === 0) return this.#endMessage()
    const available = this.end - this.place
    if (available === 0) return http1Event.needMore
    const length = available < left ? available : left
    this.#left = left - length
    return this.#body(length)
  }

  #restOfInput(): number {
    return this.place === this.end ? http1Event.needMore : this.#body(this.end - this.place)
  }

  #body(length: number): number {
    this.#chunkFrom = this.place
    this.place += length
    return http1Event.body
  }

  #endMessage(): number {
    this.state = at.ended
    return http1Event.end
  }

  #chunked(): number {
    while (this.place < this.end) {
      switch (this.state) {
        case at.chunkSize:
          if (!this.#chunkLine()) return this.failure === null ? http1Event.needMore : http1Event.failed
          break
        case at.chunkData: {
          const available = this.end - this.place
          const length = available < this.#left ? available : this.#left
          this.#left -= length
          if (this.#left === 0) {
            this.state = at.chunkEnd
            this.#linePart = line.digits
          }
          return this.#body(length)
        }
        case at.chunkEnd: {
          const byte = this.input[this.place]
          this.place += 1
          if (this.#linePart === line.lineFeed) {
            if (byte !== lineFeed) return this.fail(failures.chunkEnd)
            this.state = at.chunkSize
            this.#beginChunkLine()
          } else if (byte === carriageReturn) this.#linePart = line.lineFeed
          else return this.fail(failures.chunkEnd)
          break
        }
        default:
          return this.#trailerBlock()
      }
    }
    return http1Event.needMore
  }

  #beginChunkLine(): void {
    this.#size = 0
    this.#sizeDigits = 0
    this.#linePart = line.digits
  }

  /** Reads a chunk's first line (RFC 9112 §7.1), byte by byte as it may come in pieces. False when more is needed or it is malformed. */
  #chunkLine(): boolean {
    const input = this.input
    while (this.place < this.end) {
      const byte = input[this.place]!
      this.place += 1
      if (this.#linePart === line.digits) {
        const digit = hexDigits[byte]!
        if (digit < 16) {
          this.#sizeDigits += 1
          if (this.#sizeDigits > sizeDigitsMax || this.#size > sizeBefore) return this.#refuse(failures.chunkSize)
          this.#size = this.#size * 16 + digit
          continue
        }
        if (this.#sizeDigits === 0) return this.#refuse(failures.chunkSize)
      }
      if (this.#linePart === line.lineFeed) {
        if (byte !== lineFeed) return this.#refuse(failures.chunkExtension)
        this.#left = this.#size
        this.state = this.#size === 0 ? at.trailers : at.chunkData
        return true
      }
      if (byte === carriageReturn && this.#linePart < line.quoted) this.#linePart = line.lineFeed
      else if (!this.#chunkExtension(byte)) return false
    }
    return false
  }

  #chunkExtension(byte: number): boolean {
    const part = this.#linePart
    if (part >= line.extension) {
      if (valueBytes[byte] !== 1) return this.#refuse(failures.chunkExtension)
      if (part === line.escaped) this.#linePart = line.quoted
      else if (byte === quote) this.#linePart = part === line.quoted ? line.extension : line.quoted
      else if (part === line.quoted) this.#linePart = byte === backslash ? line.escaped : line.quoted
      else if (extensionBytes[byte] !== 1) return this.#refuse(failures.chunkExtension)
    } else if (byte === semicolon) {
      this.#linePart = line.extension
    } else if ((byte === 32 || byte === 9) && !this.#headRules.strict) {
      // Some servers pad the size with blanks.
      this.#linePart = line.blank
    } else {
      return this.#refuse(failures.chunkSize)
    }
    this.#extensionBytes += 1
    return this.#extensionBytes <= this.limits.chunkExtensionBytesMax || this.#refuse(failures.chunkExtensions)
  }

  #refuse(failure: Http1Failure): false {
    this.fail(failure)
    return false
  }

  #trailerBlock(): number {
    if (this.#scanned > 0 && !this.#mayEndTrailers()) return this.#incompleteTrailers()
    const endAt = scanFields(this.input, this.place, this.end, this.#trailerRules)
    if (endAt === scanIncomplete) return this.#incompleteTrailers()
    if (endAt < 0) return this.fail(marks.failure === failures.headTooLarge ? failures.trailersTooLarge : failures.trailer)
    if (endAt - this.place > this.limits.trailerBytesMax) return this.fail(failures.trailersTooLarge)
    if (marks.count > 0) this.#keepTrailers(endAt)
    this.place = endAt
    this.#scanned = 0
    return this.#endMessage()
  }

  #mayEndTrailers(): boolean {
    // An empty section is the line end alone, which follows the last chunk's line in any case.
    return this.#scanned < 2 || this.#mayBeComplete()
  }

  #incompleteTrailers(): number {
    const kept = this.end - this.place
    if (kept > this.limits.trailerBytesMax) return this.fail(failures.trailersTooLarge)
    this.#scanned = kept
    this.retain()
    return http1Event.needMore
  }

  #keepTrailers(to: number): void {
    const from = this.place
    const text = this.input.latin1Slice(from, to)
    const { names, values, count, folded } = marks
    const trailers = new HeaderList()
    for (let index = 0; index < count; index += 1) {
      const { name, lower } = names[index]!
      const value = text.substring(values[index * 3]! - from, values[index * 3 + 1]! - from)
      if (isTrailerAllowed(lower)) trailers.push(name, lower, folded ? unfold(value) : value)
    }
    this.trailers = trailers
  }
}
