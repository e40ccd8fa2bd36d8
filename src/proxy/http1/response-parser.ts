/**
 * Answers of servers, as lenient as Traefik is recorded to be: bare line feeds, folded lines, a missing reason phrase. What is ambiguous
 * makes the connection unfit for another request (R6), what is malformed fails.
 */
import { connectionOption, connectionOptions } from './connection-options.ts'
import { failures, type Http1Failure } from './failure.ts'
import { marks, scanFailed, scanIncomplete } from './field-block.ts'
import { defaultHttp1Limits, type Http1Limits } from './limits.ts'
import { http1Event, MessageParser } from './message-parser.ts'
import { parseLength, responseNames, special, trailerNames, valueBytes } from './syntax.ts'

const space = 32
const carriageReturn = 13
const lineFeed = 10
const zero = 48
/** Most 1xx answers to one request. */
const informationalMax = 32

/**
 * Parses what a server sends. Call `expect` before each request's answer. An answer of 1xx is a `head` alone: call `next` again for what
 * follows. With 101 the connection belongs to another protocol: take the bytes behind the head with `takeRest`.
 */
export class ResponseParser extends MessageParser {
  status = 0
  /** Reason phrase as sent; '' when there is none. */
  statusText = ''

  #method = ''
  #isAwaited = false
  #canReuse = true
  #statusTextFrom = 0
  #statusTextTo = 0
  #informationalCount = 0
  #lengthCount = 0
  #connection = 0
  #refusal: Http1Failure | null = null

  constructor(limits: Http1Limits = defaultHttp1Limits) {
    super(
      limits,
      { strict: false, countMax: limits.headersMax, names: responseNames },
      { strict: false, countMax: limits.trailersMax, names: trailerNames },
    )
  }

  /** Says that a request with this method was sent; its answer is the next message. */
  expect(method: string): void {
    this.#method = method
    this.#isAwaited = true
    this.#informationalCount = 0
  }

  /** Whether the connection may carry another request (R6): the answer is whole, nothing follows it, and nothing speaks against it. */
  get reusable(): boolean {
    return !this.#isAwaited && this.#canReuse && this.isIdle
  }

  override next(): number {
    const event = super.next()
    if (event === http1Event.end) this.#answered()
    return event
  }

  override endOfInput(): number {
    this.#canReuse = false
    const event = super.endOfInput()
    if (event === http1Event.end) this.#answered()
    return event === http1Event.needMore && this.#isAwaited ? this.fail(failures.cut) : event
  }

  #answered(): void {
    this.#isAwaited = false
    if (!this.keepAlive) this.#canReuse = false
  }

  protected override beginMessage(): void {
    this.resetMessage()
    this.statusText = ''
    this.#lengthCount = 0
    this.#connection = 0
    this.#refusal = null
  }

  protected override scanStartLine(): number {
    const input = this.input
    const end = this.end
    const from = this.place
    // `HTTP/1.x sss`
    const last = end < from + 12 ? end : from + 12
    for (let place = from; place < last; place += 1) {
      const byte = input[place]!
      const pattern = statusLine[place - from]!
      if (byte !== pattern && (pattern !== zero || byte < zero || byte > 57)) return refuse(failures.statusLine)
    }
    if (last < from + 12) return scanIncomplete
    this.minorVersion = input[from + 7] === zero ? 0 : 1
    this.status = (input[from + 9]! - zero) * 100 + (input[from + 10]! - zero) * 10 + input[from + 11]! - zero
    if (this.status < 100) return refuse(failures.statusLine)
    return this.#scanReason(from + 12)
  }

  #scanReason(from: number): number {
    const input = this.input
    const end = this.end
    let place = from
    if (place < end && input[place] === space) place += 1
    else if (place < end && input[place] !== carriageReturn && input[place] !== lineFeed) return refuse(failures.statusLine)
    this.#statusTextFrom = place
    while (place < end && valueBytes[input[place]!] === 1) place += 1
    if (place >= end) return scanIncomplete
    this.#statusTextTo = place
    if (input[place] === lineFeed) return place + 1
    if (input[place] !== carriageReturn) return refuse(failures.statusLine)
    if (place + 1 >= end) return scanIncomplete
    return input[place + 1] === lineFeed ? place + 2 : refuse(failures.carriageReturn)
  }

  protected override keepStartLine(text: string, from: number): void {
    this.statusText =
      this.#statusTextTo - this.#statusTextFrom === 2 && this.status === 200
        ? 'OK'
        : text.substring(this.#statusTextFrom - from, this.#statusTextTo - from)
  }

  protected override specialField(which: number, value: string): boolean {
    switch (which) {
      case special.contentLength:
        return this.#contentLength(value)
      case special.transferEncoding:
        if (this.minorVersion === 0) {
          // HTTP/1.0 has no such field: the body ends with the connection.
          this.#canReuse = false
          return false
        }
        if (this.isChunked || value.toLowerCase() !== 'chunked') this.#refusal ??= failures.transferEncoding
        this.isChunked = true
        return false
      case special.connection:
        this.#connection |= connectionOptions(value)
        return true
      default:
        return true
    }
  }

  #contentLength(value: string): boolean {
    const length = parseLength(value)
    if (length < 0) {
      this.#refusal ??= failures.contentLength
      return false
    }
    this.#lengthCount += 1
    if (this.#lengthCount > 1) {
      if (length !== this.bodyLength) this.#refusal ??= failures.lengths
      return false
    }
    this.bodyLength = length
    return true
  }

  protected override headComplete(): void {
    const status = this.status
    if (status < 200) {
      this.#informationalHead(status)
      return
    }
    const hasBody = this.#method !== 'HEAD' && status !== 204 && status !== 304
    if (this.#refusal !== null && hasBody) {
      this.fail(this.#refusal)
      return
    }
    const connection = this.#connection
    const isHttp10 = this.minorVersion === 0
    this.keepAlive = (connection & connectionOption.close) === 0 && (!isHttp10 || (connection & connectionOption.keepAlive) !== 0)
    // A length beside chunks, or an answer to nothing, is how responses get crossed.
    if ((this.isChunked && this.#lengthCount > 0) || this.#refusal !== null || !this.#isAwaited) this.#canReuse = false
    if (!hasBody) {
      const declared = this.#lengthCount > 0 && !this.isChunked ? this.bodyLength : -1
      this.setBody(0, false)
      this.bodyLength = declared
    } else if (this.isChunked) {
      if (this.#lengthCount > 0) this.headers.delete('content-length')
      this.setBody(-1, true)
    } else if (this.#lengthCount > 0) {
      this.setBody(this.bodyLength, false)
    } else {
      this.#canReuse = false
      this.setBody(-1, false)
    }
  }

  #informationalHead(status: number): void {
    if (status === 101) {
      this.#canReuse = false
      this.setTunnel()
      return
    }
    this.#informationalCount += 1
    if (this.#informationalCount > informationalMax) this.fail(failures.informational)
    else this.setNextHead()
  }
}

/** A zero stands for any digit. */
const statusLine = Uint8Array.from(Buffer.from('HTTP/1.0 000', 'latin1'))

function refuse(failure: Http1Failure): number {
  marks.failure = failure
  return scanFailed
}
