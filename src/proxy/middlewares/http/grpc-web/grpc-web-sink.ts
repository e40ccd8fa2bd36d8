/** Turns a gRPC answer into one of gRPC-Web: trailers become the last frame of the body, all of it in Base64 for the text form. */
import type { Exchange, ResponseHook, ResponseSink } from '../../../http/exchange.ts'
import type { HeaderList } from '../../../http/header-list.ts'
import type { Reason } from '../../../http/reasons.ts'
import type { Transport } from '../../../transport/transport.ts'

const grpcType = 'application/grpc'
/** Marks a frame of trailers. */
const trailersFlag = 0x80

/** Says which origins may read an answer. */
export interface AnswerOrigins {
  /** Adds the fields of CORS to an answer. */
  allow(exchange: Exchange): void
}

/** One for each exchange. */
export class GrpcWebSink implements ResponseSink, ResponseHook {
  readonly #next: ResponseSink
  readonly #origins: AnswerOrigins
  /** Type of the request without its suffix: what the answer's begins with. */
  readonly #webType: string
  readonly #isText: boolean
  #isTranslated = false

  constructor(next: ResponseSink, webType: string, origins: AnswerOrigins) {
    this.#next = next
    this.#webType = webType
    this.#isText = webType === 'application/grpc-web-text'
    this.#origins = origins
  }

  onResponse(exchange: Exchange): void {
    const { responseHeaders: headers } = exchange
    const type = headers.get('content-type') ?? ''
    // An answer that is no gRPC, such as an error page, stays as it is: the client reads its status.
    this.#isTranslated = type.startsWith(grpcType) && !type.startsWith(this.#webType)
    if (this.#isTranslated) {
      headers.set('Content-Type', this.#webType + type.slice(grpcType.length))
      headers.delete('trailer')
      exchange.responseLength = -1
    }
    this.#origins.allow(exchange)
  }

  informational(exchange: Exchange, status: number, headers: HeaderList): void {
    this.#next.informational(exchange, status, headers)
  }

  head(exchange: Exchange): void {
    this.#next.head(exchange)
  }

  write(exchange: Exchange, chunk: Uint8Array): boolean {
    if (!this.#isTranslated || !this.#isText) return this.#next.write(exchange, chunk)
    return this.#next.write(exchange, Buffer.from(base64Of(chunk), 'latin1'))
  }

  writeText(exchange: Exchange, text: string): void {
    if (this.#isTranslated && this.#isText) this.#next.writeText(exchange, base64Of(Buffer.from(text, 'latin1')))
    else this.#next.writeText(exchange, text)
  }

  end(exchange: Exchange): void {
    if (this.#isTranslated) {
      const { responseTrailers: trailers } = exchange
      exchange.responseTrailers = null
      if (trailers !== null) this.write(exchange, trailersFrame(trailers))
    }
    this.#next.end(exchange)
  }

  abort(exchange: Exchange, reason: Reason): void {
    this.#next.abort(exchange, reason)
  }

  upgrade(exchange: Exchange, server: Transport, early: Buffer | null): void {
    this.#next.upgrade(exchange, server, early)
  }
}

function base64Of(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('base64')
}

/** The frame: fields with lower-case names, in order of their names. */
function trailersFrame(trailers: HeaderList): Buffer {
  const lines = [...trailers].map(([name, value]) => `${name.toLowerCase()}: ${value}\r\n`)
  const text = Buffer.from(lines.sort().join(''), 'latin1')
  const frame = Buffer.alloc(5 + text.length)
  frame[0] = trailersFlag
  frame.writeUInt32BE(text.length, 1)
  text.copy(frame, 5)
  return frame
}
