/** A stream towards a server: reads the answer's fields and checks its length (RFC 9113 §8.3.2, §8.1.1). */
import { HeaderList } from '../http/header-list.ts'
import { parseLength } from '../http1/syntax.ts'
import { errorCode } from '../http2/error-codes.ts'
import { fieldKind } from '../http2/field.ts'
import type { HpackDecoder } from '../http2/hpack-decoder.ts'
import { Http2Stream } from '../http2/stream.ts'
import { failures } from './failure.ts'
import type { Http2Call } from './http2-call.ts'
import type { Http2Connection } from './http2-connection.ts'

/** A head of an answer, interim or final. */
export interface AnswerHead {
  readonly status: number
  readonly headers: HeaderList
  /** Length of the body; -1 when it is not known. */
  readonly length: number
}

/** Interim answers that a server may send to one request. */
const interimMax = 32

/** The stream of one call. */
export class Http2AnswerStream extends Http2Stream {
  /** Null once the call is over. */
  call: Http2Call | null
  readonly #connection: Http2Connection
  readonly #method: string
  #headSeen = false
  #interims = 0
  /** Bytes of the body still to come; -1 when nobody knows. */
  #left = -1

  constructor(connection: Http2Connection, call: Http2Call) {
    super()
    this.#connection = connection
    this.call = call
    this.#method = call.exchange.method
  }

  onFields(decoder: HpackDecoder, isEnd: boolean): void {
    const { call } = this
    if (call === null) return
    if (this.#headSeen) {
      this.#onTrailers(call, decoder, isEnd)
      return
    }
    const head = this.#readHead(decoder, isEnd)
    if (head === null) {
      this.#malformed()
      return
    }
    if (head.status < 200) {
      this.#interims += 1
      if (isEnd || head.status === 101 || this.#interims > interimMax) this.#malformed()
      else call.onInterim(head)
      return
    }
    this.#headSeen = true
    this.#left = this.#hasNoBody(head.status) ? 0 : head.length
    call.onHead(head)
    if (isEnd && this.call === call) this.#complete(call, null)
  }

  #hasNoBody(status: number): boolean {
    return this.#method === 'HEAD' || status === 204 || status === 304
  }

  #readHead(decoder: HpackDecoder, isEnd: boolean): AnswerHead | null {
    if (decoder.isTooLarge) return null
    const headers = new HeaderList()
    let status = 0
    let length = -1
    for (let index = 0; index < decoder.count; index += 1) {
      const field = decoder.fields[index]!
      const { kind, key, value } = field
      if (kind === fieldKind.status) {
        if (status !== 0 || index > 0 || !/^[1-9]\d\d$/.test(value)) return null
        status = Number(value)
      } else if (kind === fieldKind.contentLength) {
        const found = parseLength(value)
        if (found < 0 || (length >= 0 && length !== found)) return null
        length = found
      } else if (kind === fieldKind.malformed) {
        // Fields of a connection mean nothing here and are no danger once they are gone; all else that is malformed is.
        if (!connectionFields.has(key)) return null
      } else if (kind >= fieldKind.method && kind < fieldKind.status) {
        return null
      } else {
        headers.push(field.name, key, value)
      }
    }
    if (status === 0) return null
    if (isEnd && !this.#hasNoBody(status)) {
      if (length > 0) return null
      length = 0
    } else if (length === 0 && !this.#hasNoBody(status)) {
      // Trailers are still to come, which an empty answer has none of.
      length = -1
    }
    return { status, headers, length }
  }

  #onTrailers(call: Http2Call, decoder: HpackDecoder, isEnd: boolean): void {
    const trailers = new HeaderList()
    let isSound = isEnd && !decoder.isTooLarge
    for (let index = 0; index < decoder.count; index += 1) {
      const field = decoder.fields[index]!
      if (field.kind === fieldKind.malformed || (field.kind >= fieldKind.method && field.kind <= fieldKind.status)) isSound = false
      else trailers.push(field.name, field.key, field.value)
    }
    if (isSound) this.#complete(call, trailers.length === 0 ? null : trailers)
    else this.#malformed()
  }

  onData(chunk: Buffer): void {
    const { call } = this
    if (!this.#headSeen || (this.#left >= 0 && chunk.length > this.#left)) {
      this.#malformed()
      return
    }
    if (this.#left >= 0) this.#left -= chunk.length
    call?.onData(chunk)
  }

  onEnd(): void {
    const { call } = this
    if (call === null) return
    if (this.#headSeen) this.#complete(call, null)
    else this.#malformed()
  }

  #complete(call: Http2Call, trailers: HeaderList | null): void {
    if (this.#left > 0) {
      call.fail(failures.bodyCut)
      return
    }
    this.#connection.served += 1
    call.onComplete(trailers)
  }

  #malformed(): void {
    const { call } = this
    this.call = null
    this.#connection.session.reset(this, errorCode.protocolError)
    call?.fail(this.#headSeen ? failures.bodyCut : failures.malformed)
  }

  onReset(code: number): void {
    const { call } = this
    this.call = null
    if (call === null) return
    if (code === errorCode.refusedStream) call.onUnprocessed(false)
    else if (code === errorCode.http11Required && !this.#headSeen) call.onUnprocessed(true)
    else call.onBroken(this.#connection.isLost && this.#connection.served > 0)
  }

  /** The server goes away and has not seen this stream. */
  notTaken(): void {
    const { call } = this
    this.call = null
    call?.onUnprocessed(false)
  }

  onSent(): void {}

  onWritable(): void {
    this.call?.onWritable()
  }
}

const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
])
