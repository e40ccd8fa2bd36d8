/** From the fields of a request to its exchange, with the checks that keep two readings of one request apart (RFC 9113 §8.3, R4). */
import { randomBytes } from 'node:crypto'
import type { ConnectionFacts, ResponseSink } from '../http/exchange.ts'
import { Exchange } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { isHostText, isToken, parseLength } from '../http1/syntax.ts'
import { fieldKind, type HpackField, isPseudo } from './field.ts'
import type { HpackDecoder } from './hpack-decoder.ts'
import type { Http2ServerOptions } from './server-options.ts'

/** What became of a request's fields. */
export const headVerdict = { sound: 0, malformed: 1, noHost: 2, badHost: 3, expectation: 4 } as const

/** Reads request heads; one a connection, whose fields belong to the request read last. */
export class RequestHead {
  exchange: Exchange | null = null
  /** Declared length of the body; -1 when there is none. */
  length = -1
  expectsContinue = false
  /** Value of the priority field; '' when there is none. */
  priority = ''
  /** `:protocol` of an extended CONNECT (RFC 8441). */
  protocol = ''
  readonly #facts: ConnectionFacts
  readonly #options: Http2ServerOptions
  readonly #takesConnect: boolean
  #method = ''
  #path = ''
  #authority = ''
  #host = ''
  #hosts = 0
  #cookies = ''
  #seen = 0

  constructor(facts: ConnectionFacts, options: Http2ServerOptions) {
    this.#facts = facts
    this.#options = options
    this.#takesConnect = options.http2.extendedConnect
  }

  /** Makes an exchange of the decoder's fields; one of `headVerdict`. */
  read(decoder: HpackDecoder, isEnd: boolean, sink: ResponseSink): number {
    this.#reset()
    const headers = new HeaderList()
    const verdict = this.#fields(decoder, headers)
    if (verdict !== headVerdict.sound) return verdict
    const target = this.#checkTarget()
    if (target !== headVerdict.sound) return target
    // A request that is over with its head has no body, whatever it declares.
    if (isEnd && this.length > 0) return headVerdict.malformed
    if (this.#cookies !== '') headers.push('Cookie', 'cookie', this.#cookies)
    this.exchange = this.#exchangeOf(headers, sink)
    return headVerdict.sound
  }

  #reset(): void {
    this.exchange = null
    this.length = -1
    this.expectsContinue = false
    this.priority = ''
    this.protocol = ''
    this.#method = ''
    this.#path = ''
    this.#authority = ''
    this.#host = ''
    this.#hosts = 0
    this.#cookies = ''
    this.#seen = 0
  }

  #fields(decoder: HpackDecoder, headers: HeaderList): number {
    const { fields, count } = decoder
    let verdict: number = headVerdict.sound
    let isBehind = false
    for (let index = 0; index < count; index += 1) {
      const field = fields[index]!
      const { kind } = field
      if (kind === fieldKind.regular) {
        isBehind = true
        headers.push(field.name, field.key, field.value)
      } else if (isPseudo(kind)) {
        if (isBehind || !this.#pseudo(kind, field.value)) return headVerdict.malformed
      } else {
        isBehind = true
        const found = this.#special(field, headers)
        if (found === headVerdict.malformed) return found
        if (found !== headVerdict.sound) verdict = found
      }
    }
    return verdict
  }

  #pseudo(kind: number, value: string): boolean {
    const bit = 1 << kind
    if ((this.#seen & bit) !== 0) return false
    this.#seen |= bit
    switch (kind) {
      case fieldKind.method:
        this.#method = value
        return isToken(value)
      case fieldKind.scheme:
        return value === 'http' || value === 'https'
      case fieldKind.path:
        this.#path = value
        return true
      case fieldKind.authority:
        this.#authority = value
        return true
      case fieldKind.protocol:
        this.protocol = value
        return this.#takesConnect && isToken(value)
      default:
        return false
    }
  }

  #special({ kind, name, key, value }: HpackField, headers: HeaderList): number {
    switch (kind) {
      case fieldKind.host:
        this.#hosts += 1
        this.#host = value
        return headVerdict.sound
      case fieldKind.contentLength: {
        const length = parseLength(value)
        if (length < 0 || (this.length >= 0 && this.length !== length)) return headVerdict.malformed
        this.length = length
        return headVerdict.sound
      }
      case fieldKind.cookie:
        // One field to HTTP/1.1 servers, however it was cut (RFC 9113 §8.2.3).
        this.#cookies = this.#cookies === '' ? value : `${this.#cookies}; ${value}`
        return headVerdict.sound
      case fieldKind.priority:
        this.priority = this.priority === '' ? value : `${this.priority}, ${value}`
        headers.push(name, key, value)
        return headVerdict.sound
      case fieldKind.expect:
        headers.push(name, key, value)
        this.expectsContinue = value.toLowerCase() === '100-continue'
        return this.expectsContinue || value === '' ? headVerdict.sound : headVerdict.expectation
      default:
        return headVerdict.malformed
    }
  }

  #checkTarget(): number {
    const seen = this.#seen
    const has = (kind: number): boolean => (seen & (1 << kind)) !== 0
    if (!has(fieldKind.method)) return headVerdict.malformed
    if (this.#method === 'CONNECT') {
      const isExtended = has(fieldKind.protocol)
      if (!has(fieldKind.authority)) return headVerdict.malformed
      if (has(fieldKind.scheme) !== isExtended || has(fieldKind.path) !== isExtended) return headVerdict.malformed
      if (isExtended && !isOriginForm(this.#path)) return headVerdict.malformed
    } else {
      if (has(fieldKind.protocol) || !has(fieldKind.scheme)) return headVerdict.malformed
      if (!isOriginForm(this.#path) && !(this.#path === '*' && this.#method === 'OPTIONS')) return headVerdict.malformed
    }
    // The authority is the host; a Host field beside it is not looked at.
    if (has(fieldKind.authority)) {
      this.#host = this.#authority
      return isHostText(this.#host) ? headVerdict.sound : headVerdict.malformed
    }
    if (this.#hosts === 0) return headVerdict.noHost
    return this.#hosts > 1 || !isHostText(this.#host) ? headVerdict.badHost : headVerdict.sound
  }

  #exchangeOf(headers: HeaderList, sink: ResponseSink): Exchange {
    const facts = this.#facts
    const exchange = new Exchange(facts, this.#options.entryPoint, headers, sink)
    exchange.startedMs = performance.now()
    exchange.method = this.#method
    if (facts.tls !== null) exchange.scheme = 'https'
    exchange.protocol = 'HTTP/2.0'
    exchange.hostRaw = this.#host
    const target = this.#path
    const mark = target.indexOf('?')
    if (mark < 0) {
      exchange.path = target === '' ? '/' : target
    } else {
      exchange.path = target.slice(0, mark)
      exchange.rawQuery = target.slice(mark + 1)
      exchange.hasQuery = true
    }
    if (this.protocol !== '') this.#upgrade(exchange, headers)
    return exchange
  }

  /** An extended CONNECT is to everybody behind what an upgrade is over HTTP/1.1, so that no rule is missed (RFC 8441 §5). */
  #upgrade(exchange: Exchange, headers: HeaderList): void {
    const protocol = this.protocol.toLowerCase()
    exchange.method = 'GET'
    exchange.upgrade = protocol
    headers.push('Connection', 'connection', 'Upgrade')
    headers.push('Upgrade', 'upgrade', protocol)
    if (protocol !== 'websocket') return
    headers.delete('sec-websocket-key')
    headers.push('Sec-WebSocket-Key', 'sec-websocket-key', randomBytes(16).toString('base64'))
  }
}

/** A path that begins with a slash and has no byte that a request line could not carry. */
function isOriginForm(path: string): boolean {
  if (path.charCodeAt(0) !== 47) return false
  for (let index = 1; index < path.length; index += 1) {
    const code = path.charCodeAt(index)
    if (code <= 32 || code === 127) return false
  }
  return true
}
