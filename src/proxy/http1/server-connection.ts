/**
 * The server's side of an HTTP/1.1 connection: feeds the parser, makes an exchange of each request, takes the answer as the exchange's outermost
 * sink, and decides when the connection is over. One request is under way at a time; further ones wait in the parser, up to a limit.
 */
import type { TimerOwner } from '../../std/timer-wheel.ts'
import type { ConnectionFacts, Exchange, ResponseSink } from '../http/exchange.ts'
import type { HeaderList } from '../http/header-list.ts'
import type { Reason } from '../http/reasons.ts'
import { fail } from '../http/respond.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'
import { ClientTunnel } from './client-tunnel.ts'
import { ConnectionTimer } from './connection-timer.ts'
import { failures, type Http1Failure } from './failure.ts'
import { http1Event } from './message-parser.ts'
import { newExchange } from './new-exchange.ts'
import { type BodyOwner, RequestBody } from './request-body.ts'
import { RequestParser } from './request-parser.ts'
import { expectationFailedAnswer, framing, refusalAnswer, responseFraming, responseHead } from './response-head.ts'
import { chunkLine, continueHead, fieldLines, lastChunkWith, lineEnd, statusLine } from './serialize.ts'
import type { Http1ServerOptions } from './server-options.ts'

/** Bytes that may wait in the parser (body nobody asked for yet, further requests) before reading stops. */
const waitingBytesMax = 64 * 1024
/** Unwanted body that is read so that the connection can go on, in bytes; what Go reads. */
const discardBytesMax = 256 * 1024
/** Reads of at least this size ask for large ones, in bytes. */
const longReadBytes = 64 * 1024
/** Reads below this size are enough, in bytes. */
const shortReadBytes = 16 * 1024

/** Where a connection stands; decides what a timer means. */
const phase = { idle: 0, head: 1, exchange: 2, closing: 3, tunnel: 4, closed: 5 } as const

const closeLine = 'Connection: close\r\n'
const keepAliveLine = 'Connection: keep-alive\r\n'

/** Serves requests on a connection until it ends. */
export function serveHttp1(transport: Transport, facts: ConnectionFacts, options: Http1ServerOptions): Http1ServerConnection {
  const connection = new Http1ServerConnection(transport, facts, options)
  connection.start()
  return connection
}

/** A client connection. */
export class Http1ServerConnection implements TransportEvents, ResponseSink, BodyOwner, TimerOwner {
  readonly #transport: Transport
  readonly #facts: ConnectionFacts
  readonly #options: Http1ServerOptions
  readonly #parser: RequestParser
  readonly #timer: ConnectionTimer
  #phase: number = phase.head
  #isPumping = false
  #isDraining = false
  #requests = 0

  // The request under way.
  #exchange: Exchange | null = null
  /** Its body, until its last byte was read; may outlive the exchange. */
  #body: RequestBody | null = null
  #owesContinue = false

  // Its answer.
  #headSent = false
  #framing: number = framing.none
  #left = 0
  /** True when no request may follow. */
  #isLast = false
  #producerWaits = false
  #tunnel: ClientTunnel | null = null

  constructor(transport: Transport, facts: ConnectionFacts, options: Http1ServerOptions) {
    this.#transport = transport
    this.#facts = facts
    this.#options = options
    this.#parser = new RequestParser(options.limits)
    this.#timer = new ConnectionTimer(options.wheel, this, options.timeouts)
  }

  /** Starts reading; `serveHttp1` calls it. */
  start(): void {
    this.#transport.start(this)
  }

  /** See `ServerConnection`. A client that has just connected has its first request on the way: it gets a moment to arrive. */
  drain(mayAskOnce = false): void {
    this.#isDraining = true
    if (this.#phase === phase.head && this.#parser.buffered === 0) this.#timer.linger()
    else if (this.#phase === phase.idle && !mayAskOnce) this.#close()
  }

  /** Closes at once; what is under way is aborted, and a WebSocket told so first. */
  destroy(): void {
    if (this.#tunnel === null) this.#transport.destroy()
    else this.#tunnel.goAway('shutting_down')
  }

  // Bytes from the client.

  onData(chunk: Buffer): void {
    if (this.#phase >= phase.closing) return
    if (this.#phase === phase.idle) {
      this.#phase = phase.head
      this.#timer.awaitHead()
    }
    this.#parser.push(chunk)
    try {
      this.#pump()
    } catch (error) {
      // A fault of this program must not end more than this connection.
      this.#isPumping = false
      this.#options.onHandlerError?.(error, this.#exchange)
      this.#leave('internal_error')
      return
    }
    this.#parser.retain()
    if (chunk.length >= longReadBytes) this.#transport.expectLongRead(true)
    else if (chunk.length < shortReadBytes) this.#transport.expectLongRead(false)
    this.#updateReading()
  }

  onEnd(): void {
    if (this.#phase >= phase.closing) return
    // A client that half-closes is taken for one that left: nothing else tells a closed connection from it.
    if (this.#exchange === null && this.#parser.isIdle) this.#close()
    else this.#leave('client_gone')
  }

  onClose(): void {
    this.#timer.stop()
    if (this.#phase === phase.closed) return
    this.#giveUp('client_gone')
    this.#phase = phase.closed
    this.#options.onClose(this)
  }

  onDrain(): void {
    if (this.#phase === phase.closing) {
      this.#linger()
      return
    }
    if (!this.#producerWaits) return
    this.#producerWaits = false
    this.#exchange?.producer?.onDrain()
  }

  /** Reads what the parser has, as far as it may be read now. */
  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    while (this.#phase < phase.closing) {
      const body = this.#body
      if (body === null) {
        if (this.#exchange !== null) break
      } else if (!body.isWanted) {
        break
      }
      const event = this.#parser.next()
      if (event === http1Event.needMore) break
      if (event === http1Event.head) this.#onHead()
      else if (event === http1Event.body && body !== null) this.#onBody(body)
      else if (event === http1Event.end && body !== null) this.#onRequestEnd(body)
      else this.#onMalformed(this.#parser.failure ?? failures.cut)
    }
    this.#isPumping = false
    if (this.#exchange === null && this.#phase < phase.closing) this.#rest()
  }

  #onHead(): void {
    const parser = this.#parser
    this.#requests += 1
    this.#timer.headComplete(this.#phase === phase.exchange)
    this.#phase = phase.exchange
    this.#headSent = false
    this.#framing = framing.none
    if (parser.expectation === 'unknown') {
      this.#refuse(expectationFailedAnswer())
      return
    }
    const exchange = newExchange(parser, this.#facts, this.#options.entryPoint, this)
    this.#isLast = !parser.keepAlive || this.#isDraining || parser.method === 'CONNECT' || this.#isWornOut()
    this.#exchange = exchange
    if (parser.bodyLength === 0) {
      // The end of the message, which has come with its head.
      parser.next()
      this.#owesContinue = false
    } else {
      const body = new RequestBody(this, parser.bodyLength)
      this.#body = body
      exchange.body = body
      this.#owesContinue = parser.expectation === 'continue'
    }
    this.#timer.awaitExchange(this.#body, false)
    this.#handle(exchange)
  }

  #isWornOut(): boolean {
    const { keepAliveMaxRequests, keepAliveMaxTimeMs } = this.#options
    if (keepAliveMaxRequests > 0 && this.#requests >= keepAliveMaxRequests) return true
    return keepAliveMaxTimeMs > 0 && this.#timer.ageMs >= keepAliveMaxTimeMs
  }

  #handle(exchange: Exchange): void {
    try {
      const waiting = this.#options.handler()(exchange)
      if (waiting !== undefined) waiting.then(undefined, (error: unknown) => this.#handlerFailed(exchange, error))
    } catch (error) {
      this.#handlerFailed(exchange, error)
    }
  }

  #handlerFailed(exchange: Exchange, error: unknown): void {
    this.#options.onHandlerError?.(error, exchange)
    if (exchange.finished) return
    exchange.abort('internal_error')
    fail(exchange, 500, 'internal_error')
  }

  #onBody(body: RequestBody): void {
    const { chunk } = this.#parser
    body.receivedBytes += chunk.length
    if (this.#exchange !== null) this.#exchange.requestBytes += chunk.length
    if (body.consumer !== null) {
      this.#timer.awaitExchange(body, false)
      body.consumer.onBodyChunk(chunk)
    } else if (body.receivedBytes > discardBytesMax) {
      this.#stopDiscarding()
    }
  }

  #onRequestEnd(body: RequestBody): void {
    this.#body = null
    body.ended = true
    this.#timer.awaitExchange(null, this.#exchange === null)
    body.consumer?.onBodyEnd(this.#parser.trailers)
  }

  /** The rest of an unwanted body is too long to read it to its end: the connection ends with the answer. */
  #stopDiscarding(): void {
    this.#isLast = true
    if (this.#exchange === null) this.#close()
  }

  #onMalformed(failure: Http1Failure): void {
    const exchange = this.#exchange
    const body = this.#body
    this.#isLast = true
    if (exchange === null) {
      // Nobody waits for an answer when it is the rest of an unwanted body.
      if (body === null) this.#refuse(refusalAnswer(failure))
      else this.#close()
      return
    }
    this.#failExchange(exchange, body, failure)
  }

  /** Ends an exchange whose request cannot be completed. */
  #failExchange(exchange: Exchange, body: RequestBody | null, failure: Http1Failure): void {
    this.#body = null
    body?.fail(failure.reason)
    // Whoever reads the body may have answered already.
    if (exchange !== this.#exchange) return
    exchange.abort(failure.reason)
    fail(exchange, failure.status, failure.reason)
  }

  /** Answers without an exchange, and ends the connection. */
  #refuse(answer: string): void {
    this.#transport.writeText(answer)
    this.#close()
  }

  /** Ends everything at once, without an answer. */
  #leave(reason: Reason): void {
    this.#phase = phase.closing
    this.#giveUp(reason)
    this.#transport.destroy()
  }

  /** Ends what is under way without an answer. */
  #giveUp(reason: Reason): void {
    const exchange = this.#exchange
    const body = this.#body
    this.#exchange = null
    this.#body = null
    if (exchange === null) return
    if (!exchange.responseStarted && exchange.status === 0) exchange.status = 499
    exchange.abort(reason)
    body?.fail(reason)
    exchange.finish()
  }

  // The body, as its source sees it.

  /** A body is wanted, held back or thrown away. */
  bodyChanged(body: RequestBody): void {
    if (body !== this.#body) return
    if (body.isDiscarded) {
      if (!this.#mayOutlast(body)) this.#isLast = true
    } else if (this.#owesContinue) {
      this.#owesContinue = false
      if (!this.#headSent) this.#transport.writeText(continueHead)
    }
    this.#timer.awaitExchange(body, false)
    if (this.#isPumping) return
    this.#pump()
    this.#updateReading()
  }

  /** Whether the connection can go on behind a body that nobody wants. */
  #mayOutlast(body: RequestBody): boolean {
    // A client that waits for 100 may or may not send its body: nobody can tell where the next request begins.
    if (this.#owesContinue) return false
    return (body.length >= 0 ? body.length - body.receivedBytes : body.receivedBytes) <= discardBytesMax
  }

  #updateReading(): void {
    const body = this.#body
    let isWaiting = this.#parser.buffered >= waitingBytesMax
    if (body !== null && body.isWanted) isWaiting = body.isDiscarded ? body.receivedBytes > discardBytesMax : body.isPaused
    if (isWaiting && this.#phase === phase.exchange) this.#transport.pauseReading()
    else this.#transport.resumeReading()
  }

  // The answer.

  informational(exchange: Exchange, status: number, headers: HeaderList): void {
    if (exchange !== this.#exchange || this.#headSent || exchange.protocol === 'HTTP/1.0') return
    if (status === 100) {
      if (!this.#owesContinue) return
      this.#owesContinue = false
    }
    this.#transport.writeText(`${statusLine(status)}${fieldLines(headers)}\r\n`)
  }

  head(exchange: Exchange): void {
    if (exchange !== this.#exchange || this.#headSent) return
    this.#headSent = true
    const minorVersion = exchange.protocol === 'HTTP/1.0' ? 0 : 1
    const framed = responseFraming(exchange, minorVersion)
    this.#framing = framed
    if (framed === framing.length) this.#left = exchange.responseLength
    if (framed === framing.untilClose || exchange.closeAfter || this.#isDraining) this.#isLast = true
    const connection = this.#isLast ? closeLine : minorVersion === 0 ? keepAliveLine : ''
    this.#transport.writeText(responseHead(exchange, framed, connection))
  }

  write(exchange: Exchange, chunk: Uint8Array): boolean {
    if (exchange !== this.#exchange || chunk.length === 0 || !this.#mayWrite(exchange, chunk.length)) return true
    const transport = this.#transport
    if (this.#framing === framing.chunked) {
      transport.writeText(chunkLine(chunk.length))
      transport.write(chunk)
      transport.writeText(lineEnd)
    } else {
      transport.write(chunk)
    }
    if (!transport.writePending) return true
    this.#producerWaits = true
    return false
  }

  writeText(exchange: Exchange, text: string): void {
    if (exchange !== this.#exchange || text === '' || !this.#mayWrite(exchange, text.length)) return
    this.#transport.writeText(this.#framing === framing.chunked ? chunkLine(text.length) + text + lineEnd : text)
  }

  #mayWrite(exchange: Exchange, length: number): boolean {
    if (this.#framing === framing.none) return false
    if (this.#framing === framing.length) {
      if (length > this.#left) {
        // More than was announced would be read as the next answer.
        exchange.abort('internal_error')
        this.abort(exchange, 'internal_error')
        return false
      }
      this.#left -= length
    }
    exchange.responseBytes += length
    return true
  }

  end(exchange: Exchange): void {
    if (exchange !== this.#exchange || !this.#headSent) return
    if (this.#framing === framing.chunked) {
      this.#transport.writeText(lastChunkWith(exchange.responseTrailers))
    } else if (this.#framing === framing.length && this.#left > 0) {
      this.abort(exchange, 'upstream_cut')
      return
    }
    this.#exchangeOver(exchange)
  }

  abort(exchange: Exchange, reason: Reason): void {
    if (exchange !== this.#exchange) return
    exchange.reason ??= reason
    exchange.aborted ??= reason
    const isCutByReset = this.#framing === framing.untilClose && this.#headSent
    this.#exchange = null
    this.#isLast = true
    // What was written so far still goes out; the missing rest is what the client notices, or a reset where the end would look regular.
    this.#transport.flush()
    exchange.finish()
    if (isCutByReset) this.#transport.destroy(true)
    else this.#close()
  }

  upgrade(exchange: Exchange, server: Transport, early: Buffer | null): void {
    if (exchange !== this.#exchange || this.#headSent || this.#body !== null) {
      server.destroy()
      this.abort(exchange, 'internal_error')
      return
    }
    this.#headSent = true
    this.#phase = phase.tunnel
    this.#timer.stop()
    const onClose = (): void => {
      this.#exchange = null
      this.#phase = phase.closed
      this.#options.onClose(this)
    }
    this.#tunnel = new ClientTunnel(
      { exchange, client: this.#transport, server, rest: this.#parser.takeRest(), early, onClose },
      this.#options,
    )
  }

  #exchangeOver(exchange: Exchange): void {
    this.#exchange = null
    exchange.finish()
    const body = this.#body
    if (body !== null) {
      body.drop()
      if (!this.#mayOutlast(body)) this.#isLast = true
    }
    if (this.#isLast) {
      this.#close()
    } else if (!this.#isPumping) {
      this.#pump()
      this.#updateReading()
    }
  }

  // Time and the end.

  /** Nothing is under way: waits for a request, or for the rest of its head or of the body before it. */
  #rest(): void {
    if (this.#phase !== phase.exchange) return
    if (this.#body !== null) {
      this.#timer.awaitExchange(this.#body, true)
    } else if (this.#parser.buffered > 0) {
      this.#phase = phase.head
      this.#timer.awaitHead()
    } else if (this.#isDraining) {
      this.#close()
    } else {
      this.#phase = phase.idle
      this.#timer.awaitClient()
      this.#transport.expectLongRead(false)
    }
  }

  onTimer(): void {
    if (this.#phase === phase.exchange) this.#exchangeTimedOut()
    else if (this.#phase >= phase.closing) this.#transport.destroy()
    else if (this.#parser.buffered > 0) this.#refuse(refusalAnswer(failures.timeout))
    else this.#close()
  }

  #exchangeTimedOut(): void {
    const exchange = this.#exchange
    const body = this.#body
    this.#isLast = true
    if (exchange === null) this.#close()
    // The answer took too long: its rest would come too late as well.
    else if (body === null) this.#leave('request_timeout')
    else this.#failExchange(exchange, body, failures.timeout)
  }

  /** Ends the connection in order, once everything that was written has left. */
  #close(): void {
    if (this.#phase >= phase.closing) return
    this.#phase = phase.closing
    this.#body = null
    this.#transport.flush()
    if (this.#transport.writePending) this.#timer.awaitClient()
    else this.#linger()
  }

  #linger(): void {
    this.#transport.end()
    this.#transport.resumeReading()
    this.#timer.linger()
  }
}
