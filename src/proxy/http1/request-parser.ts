/** Requests, as strict as RFC 9112 and the checks R1–R3 ask: what is doubtful is refused, since a server behind may read it differently. */
import { ownText } from '../http/header-list.ts'
import { connectionOption, connectionOptions } from './connection-options.ts'
import { failures, type Http1Failure } from './failure.ts'
import { type FieldRules, marks, scanFailed, scanIncomplete } from './field-block.ts'
import type { Http1Limits } from './limits.ts'
import { MessageParser } from './message-parser.ts'
import { isHostText, parseLength, requestNames, special, targetBytes, tokenBytes, trailerNames } from './syntax.ts'

const space = 32
const carriageReturn = 13
const lineFeed = 10
const zero = 48

/** Longest Host that is remembered. */
const hostKeptMax = 255

/** Expectations that a request may have. */
export type Expectation = 'none' | 'continue' | 'unknown'

/** Parses what a client sends. The fields below belong to the last `head`. */
export class RequestParser extends MessageParser {
  method = ''
  /** Path as sent, always beginning with '/', or '*'; '' for the authority form of CONNECT. */
  path = ''
  query = ''
  /** True when there was a '?', even with nothing behind it. */
  hasQuery = false
  /** Host field, or the authority of an absolute-form target, which wins. The Host field is not in `headers`. */
  host = ''
  /** Value of Upgrade in lower case when Connection asks for it as well (HTTP/1.1 only); else ''. */
  upgrade = ''
  expectation: Expectation = 'none'

  #methodFrom = 0
  #methodTo = 0
  #targetTo = 0
  #goodHost = ''
  #hostCount = 0
  #lengthCount = 0
  #connection = 0
  #upgrade = ''
  #refusal: Http1Failure | null = null

  constructor(limits: Http1Limits) {
    super(limits, new HeadRules(limits), { strict: true, countMax: limits.trailersMax, names: trailerNames })
  }

  protected override beginMessage(): void {
    this.resetMessage()
    // Pieces of the head before, which would keep all of it.
    this.path = ''
    this.query = ''
    this.host = ''
    this.upgrade = ''
    this.expectation = 'none'
    this.#hostCount = 0
    this.#lengthCount = 0
    this.#connection = 0
    this.#upgrade = ''
    this.#refusal = null
  }

  protected override scanStartLine(): number {
    const input = this.input
    const end = this.end
    let place = this.place
    // One empty line in front is ignored (RFC 9112 §2.2).
    if (input[place] === carriageReturn) {
      if (place + 1 >= end) return scanIncomplete
      if (input[place + 1] === lineFeed) place += 2
    }
    this.#methodFrom = place
    while (place < end && tokenBytes[input[place]!] === 1) place += 1
    if (place >= end) return scanIncomplete
    if (input[place] !== space || place === this.#methodFrom) return refuse(failures.method)
    this.#methodTo = place
    place += 1
    while (place < end && targetBytes[input[place]!] === 1) place += 1
    if (place >= end) return scanIncomplete
    if (input[place] !== space || place === this.#methodTo + 1) return refuse(failures.requestLine)
    this.#targetTo = place
    return this.#scanVersion(place + 1)
  }

  #scanVersion(from: number): number {
    const input = this.input
    // `HTTP/x.y` and the line end; bytes that are there are checked even when the rest is missing.
    const last = this.end < from + 10 ? this.end : from + 10
    for (let place = from; place < last; place += 1) {
      const byte = input[place]!
      const pattern = versionLine[place - from]!
      if (byte === pattern) continue
      if (pattern === zero && byte >= zero && byte <= 57) continue
      return refuse(byte === lineFeed ? failures.lineFeed : failures.version)
    }
    if (last < from + 10) return scanIncomplete
    if (input[from + 5] !== 49) return refuse(failures.unsupportedVersion)
    this.minorVersion = input[from + 7] === zero ? 0 : 1
    return from + 10
  }

  protected override keepStartLine(text: string, from: number): void {
    const method = text.substring(this.#methodFrom - from, this.#methodTo - from)
    this.method = method === 'GET' ? 'GET' : method
    const first = this.input[this.#methodTo + 1]
    const target = text.substring(this.#methodTo + 1 - from, this.#targetTo - from)
    if (first === 47 || (target === '*' && method !== 'CONNECT')) this.#splitTarget(target)
    else this.#otherTarget(target)
  }

  #splitTarget(target: string): void {
    const mark = target.indexOf('?')
    if (mark < 0) {
      this.path = target
      this.query = ''
      this.hasQuery = false
    } else {
      this.path = target.substring(0, mark)
      this.query = target.substring(mark + 1)
      this.hasQuery = true
    }
  }

  /** Absolute form (RFC 9112 §3.2.2), or authority form with CONNECT. */
  #otherTarget(target: string): void {
    if (this.method === 'CONNECT') {
      this.#splitTarget('')
      if (isHostText(target)) this.host = target
      else this.#refusal = failures.target
      return
    }
    const schemeEnd = target.indexOf('://')
    const scheme = schemeEnd < 0 ? '' : target.substring(0, schemeEnd).toLowerCase()
    if (scheme !== 'http' && scheme !== 'https') {
      this.#refusal = failures.target
      return
    }
    const start = schemeEnd + 3
    let pathAt = start
    while (pathAt < target.length && !isAuthorityEnd(target.charCodeAt(pathAt))) pathAt += 1
    const authority = target.substring(start, pathAt)
    // User information means nothing here and goes nowhere.
    const host = authority.substring(authority.lastIndexOf('@') + 1)
    if (host === '' || !isHostText(host)) this.#refusal = failures.target
    else this.host = host
    const rest = target.substring(pathAt)
    this.#splitTarget(rest.startsWith('/') ? rest : `/${rest}`)
  }

  protected override specialField(which: number, value: string): boolean {
    switch (which) {
      case special.host:
        this.#hostCount += 1
        this.#hostField(value)
        return false
      case special.contentLength:
        return this.#contentLength(value)
      case special.transferEncoding:
        if (this.isChunked || value.toLowerCase() !== 'chunked') this.#refusal ??= failures.transferEncoding
        this.isChunked = true
        return false
      case special.connection:
        this.#connection |= connectionOptions(value)
        return true
      case special.upgrade:
        this.#upgrade = this.#upgrade === '' ? value : `${this.#upgrade}, ${value}`
        return true
      default:
        if (value !== '') this.expectation = value.toLowerCase() === '100-continue' && this.expectation === 'none' ? 'continue' : 'unknown'
        return true
    }
  }

  #hostField(value: string): void {
    let host = value
    // A connection nearly always names one host; the text that was remembered is the one that maps find at once.
    if (value === this.#goodHost) host = this.#goodHost
    else if (isHostText(value)) this.#goodHost = value.length > hostKeptMax ? '' : ownText(value)
    else this.#refusal ??= failures.host
    // An absolute-form target has set the host already, and wins.
    if (this.host === '') this.host = host
  }

  #contentLength(value: string): boolean {
    const length = parseLength(value)
    if (length < 0) {
      this.#refusal ??= failures.contentLength
      return false
    }
    this.#lengthCount += 1
    if (this.#lengthCount > 1) {
      // Equal ones mean the same to everybody and become one.
      if (length !== this.bodyLength) this.#refusal ??= failures.lengths
      return false
    }
    this.bodyLength = length
    return true
  }

  protected override headComplete(): void {
    const isHttp10 = this.minorVersion === 0
    if (this.#refusal === null && this.isChunked) {
      if (isHttp10) this.#refusal = failures.encodingInHttp10
      else if (this.#lengthCount > 0) this.#refusal = failures.lengthAndChunked
    }
    if (this.#refusal === null) {
      if (this.#hostCount > 1) this.#refusal = failures.manyHosts
      else if (this.#hostCount === 0 && !isHttp10) this.#refusal = failures.missingHost
    }
    if (this.#refusal !== null) {
      this.fail(this.#refusal)
      return
    }
    const connection = this.#connection
    if (connection !== 0 || isHttp10) {
      this.keepAlive = (connection & connectionOption.close) === 0 && (!isHttp10 || (connection & connectionOption.keepAlive) !== 0)
      if (!isHttp10 && (connection & connectionOption.upgrade) !== 0) this.upgrade = this.#upgrade.toLowerCase()
    }
    // HTTP/1.0 knows no expectations (RFC 9110 §10.1.1).
    if (isHttp10) this.expectation = 'none'
    if (this.isChunked) this.setBody(-1, true)
    else this.setBody(this.bodyLength, false)
  }
}

/** `HTTP/d.d` and the line end; a zero stands for any digit. */
const versionLine = Uint8Array.from(Buffer.from('HTTP/0.0\r\n', 'latin1'))

function refuse(failure: Http1Failure): number {
  marks.failure = failure
  return scanFailed
}

/** Whether a character ends the authority of an absolute-form target. */
function isAuthorityEnd(code: number): boolean {
  return code === 47 || code === 63 || code === 35
}

/** Rules for heads, whose limit may change during the life of a connection. */
class HeadRules implements FieldRules {
  readonly strict = true
  readonly names = requestNames
  readonly #limits: Http1Limits

  constructor(limits: Http1Limits) {
    this.#limits = limits
  }

  get countMax(): number {
    return this.#limits.headersMax
  }
}
