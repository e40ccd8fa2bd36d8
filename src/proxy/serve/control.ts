/** Services that the control plane answers: the request goes there as a message, the answer comes back as one. */
import type { ControlRequest, ControlResponse } from '../../generation/messages.ts'
import type { BodyConsumer } from '../http/body.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import type { HeaderList } from '../http/header-list.ts'
import type { Reason } from '../http/reasons.ts'
import { fail, respondText } from '../http/respond.ts'

/** Longest request body that is passed on, in bytes. */
const bodyBytesMax = 16 * 1024 * 1024
/** Most questions that may wait for their answer. */
const waitingMax = 1024

/** Asks the control plane and matches answers to questions. */
export class ControlPlane {
  readonly #post: (id: number, request: ControlRequest) => void
  readonly #waiting = new Map<number, Exchange>()
  #nextId = 1

  constructor(post: (id: number, request: ControlRequest) => void) {
    this.#post = post
  }

  /** Handler of an internal service, such as 'api'. */
  handler(target: string): Handler {
    return (exchange) => {
      if (exchange.body === null) {
        this.#ask(target, exchange, new Uint8Array(0))
        return
      }
      exchange.body.start(new BodyCollector(exchange, (body) => this.#ask(target, exchange, body)))
    }
  }

  /** Passes an answer on to the exchange that waits for it. */
  answer(id: number, response: ControlResponse): void {
    const exchange = this.#waiting.get(id)
    if (exchange === undefined) return
    this.#waiting.delete(id)
    if (exchange.finished || exchange.responseStarted) return
    for (const [name, value] of response.headers) exchange.responseHeaders.add(name, value)
    if (typeof response.body === 'string') {
      // Bodies are UTF-8 text; the sink takes one byte per character.
      respondText(exchange, response.status, Buffer.from(response.body, 'utf8').toString('latin1'), null)
      return
    }
    exchange.status = response.status
    exchange.responseLength = response.body.length
    exchange.startResponse()
    exchange.sink.write(exchange, response.body)
    exchange.sink.end(exchange)
  }

  #ask(target: string, exchange: Exchange, body: Uint8Array): void {
    if (this.#waiting.size >= waitingMax) {
      fail(exchange, 503, 'control_busy')
      return
    }
    const id = this.#nextId
    this.#nextId += 1
    this.#waiting.set(id, exchange)
    exchange.producer = { onDrain: () => {}, onAbort: () => this.#waiting.delete(id) }
    this.#post(id, {
      target,
      method: exchange.method,
      path: exchange.path,
      query: exchange.rawQuery,
      headers: [...exchange.headers],
      host: exchange.hostRaw,
      remoteIp: exchange.connection.remoteIp,
      user: exchange.username,
      body,
    })
  }
}

class BodyCollector implements BodyConsumer {
  readonly #exchange: Exchange
  readonly #done: (body: Uint8Array) => void
  readonly #chunks: Buffer[] = []
  #bytes = 0

  constructor(exchange: Exchange, done: (body: Uint8Array) => void) {
    this.#exchange = exchange
    this.#done = done
  }

  onBodyChunk(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > bodyBytesMax) {
      fail(this.#exchange, 413, 'body_too_large')
      return
    }
    this.#chunks.push(Buffer.from(chunk))
  }

  onBodyEnd(_trailers: HeaderList | null): void {
    if (this.#bytes <= bodyBytesMax && !this.#exchange.finished) this.#done(Buffer.concat(this.#chunks))
  }

  onBodyError(reason: Reason): void {
    fail(this.#exchange, 400, reason)
  }
}
