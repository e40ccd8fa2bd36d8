/** One exchange with an HTTP/2 server: its request goes out on a stream, its answer comes back on it; on another one when the first was not taken. */
import type { Timer, TimerOwner } from '../../std/timer-wheel.ts'
import type { BodyConsumer, ResponseProducer } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'
import type { HeaderList } from '../http/header-list.ts'
import { type Reason, reasonStatus } from '../http/reasons.ts'
import { fail } from '../http/respond.ts'
import { errorCode } from '../http2/error-codes.ts'
import type { UpstreamConnection } from './connection.ts'
import { answerFailure, type Failure, failures } from './failure.ts'
import type { ForwardListener } from './forward-listener.ts'
import { GunzipAnswer, type GunzipSource } from './gunzip.ts'
import type { Http2Connection } from './http2-connection.ts'
import { http2RequestHead } from './http2-request.ts'
import type { AnswerHead, Http2AnswerStream } from './http2-stream.ts'
import { isSafe, mayMove } from './moving.ts'
import { ReplayBody } from './replay-body.ts'
import { isGzip, takeHeaders } from './response-head.ts'
import type { UpstreamTarget } from './target.ts'
import type { Upstreams } from './upstreams.ts'

/** How long a server may leave `Expect: 100-continue` unanswered before the body is sent anyway, in milliseconds. */
const continueTimeoutMs = 1000
/** Streams that one exchange is tried on. */
const attemptsMax = 4

/** What is to be sent where, and who is told. */
export interface CallInput {
  readonly exchange: Exchange
  readonly target: UpstreamTarget
  readonly listener: ForwardListener
  /** Times that the request has passed through us. */
  readonly depth: number
}

/** An exchange on its way to a server and back. */
export class Http2Call implements BodyConsumer, ResponseProducer, GunzipSource, TimerOwner {
  readonly exchange: Exchange
  readonly target: UpstreamTarget
  readonly depth: number
  /** True once nobody waits for it any more. */
  isOver = false
  readonly #listener: ForwardListener
  readonly #upstreams: Upstreams
  readonly #startedMs: number
  #attempts = 0
  #connection: Http2Connection | null = null
  #stream: Http2AnswerStream | null = null
  #replay: ReplayBody | null = null
  #isUploading = false
  #uploadDone = false
  #uploadPaused = false
  #awaitsContinue = false
  #headSeen = false
  #asksForGzip = false
  #gunzip: GunzipAnswer | null = null
  /** Bytes that the client has not taken, and so are not given back to the server's window. */
  #owedBytes = 0
  #isPaused = false
  #timer: Timer | null = null

  constructor(upstreams: Upstreams, { exchange, target, listener, depth }: CallInput) {
    this.exchange = exchange
    this.target = target
    this.depth = depth
    this.#listener = listener
    this.#upstreams = upstreams
    this.#startedMs = upstreams.clock.monotonicMs()
    exchange.producer = this
  }

  /** Sends the request on a stream of this connection. */
  sendOn(connection: Http2Connection, stream: Http2AnswerStream): void {
    const { exchange } = this
    const { session } = connection
    this.#attempts += 1
    this.#connection = connection
    this.#stream = stream
    const { block, asksForGzip } = http2RequestHead(session.encoder, exchange, this.target, connection.scheme)
    this.#asksForGzip = asksForGzip
    const { body } = exchange
    session.sendFields(stream, block, body === null)
    if (body === null) {
      this.#uploadDone = true
      this.#requestSent()
    } else if (this.#replay !== null) {
      this.#replayUpload(this.#replay)
    } else {
      this.#awaitsContinue = exchange.headers.has('expect')
      if (this.#awaitsContinue) this.#setTimer(continueTimeoutMs)
      else this.#startUpload()
    }
  }

  /** The server does not speak HTTP/2 after all: another driver takes the exchange, on this connection or on one of its own. */
  leaveTo(connection: UpstreamConnection | null): void {
    this.isOver = true
    this.#timer?.close()
    const { exchange, target, depth } = this
    if (connection === null) this.#upstreams.sendByHttp1(exchange, target, this.#listener, depth)
    else connection.send(exchange, target, this.#listener, depth)
  }

  // The request.

  #startUpload(): void {
    this.#awaitsContinue = false
    this.#timer?.clear()
    if (this.#isUploading) return
    this.#isUploading = true
    this.#replay = new ReplayBody()
    this.exchange.body?.start(this)
  }

  /** Sends what was sent on another stream before, and goes on from there. */
  #replayUpload(replay: ReplayBody): void {
    const stream = this.#stream!
    const session = this.#connection!.session
    let mayGoOn = true
    for (const chunk of replay.chunks) mayGoOn = session.sendData(stream, chunk, false)
    if (this.#uploadDone) {
      session.sendEnd(stream, replay.trailers)
      this.#requestSent()
    } else if (mayGoOn && this.#uploadPaused) {
      this.onWritable()
    } else if (!mayGoOn && !this.#uploadPaused) {
      this.#uploadPaused = true
      this.exchange.body?.pause()
    }
  }

  onBodyChunk(chunk: Buffer): void {
    const stream = this.#stream
    if (!this.#headSeen) this.#replay?.add(chunk)
    // Between two attempts chunks are only kept.
    if (stream === null || this.#connection === null) return
    if (this.#connection.session.sendData(stream, chunk, false) || this.#uploadPaused) return
    this.#uploadPaused = true
    this.#upstreams.uploadPauses += 1
    this.exchange.body?.pause()
  }

  onBodyEnd(trailers: HeaderList | null): void {
    this.#uploadDone = true
    if (this.#replay !== null) this.#replay.trailers = trailers
    const stream = this.#stream
    if (stream === null || this.#connection === null) return
    this.#connection.session.sendEnd(stream, trailers)
    this.#requestSent()
  }

  onBodyError(reason: Reason): void {
    if (!this.isOver) this.fail({ status: reasonStatus[reason], reason })
  }

  /** The server takes more of the request. */
  onWritable(): void {
    if (!this.#uploadPaused) return
    this.#uploadPaused = false
    this.exchange.body?.resume()
  }

  #requestSent(): void {
    const { responseHeaderTimeoutMs } = this.target.pool!.limits
    if (responseHeaderTimeoutMs > 0 && !this.#headSeen) this.#setTimer(responseHeaderTimeoutMs)
  }

  onTimer(): void {
    if (this.isOver) return
    if (this.#awaitsContinue) this.#startUpload()
    else this.fail(failures.timeout)
  }

  #setTimer(delayMs: number): void {
    this.#timer ??= this.#upstreams.wheel.timer(this)
    this.#timer.set(delayMs)
  }

  // The answer.

  /** An interim answer. */
  onInterim(head: AnswerHead): void {
    if (head.status === 100) {
      // The client gets its own 100 when its body is asked for.
      if (this.#awaitsContinue) this.#startUpload()
      return
    }
    this.exchange.sink.informational(this.exchange, head.status, head.headers)
  }

  /** The final head. */
  onHead(head: AnswerHead): void {
    const { exchange } = this
    const { status, headers, length } = head
    this.#headSeen = true
    this.#replay = null
    this.#timer?.clear()
    this.#awaitsContinue = false
    const listener = this.#listener
    if (listener.measuresLatency) listener.onAnswer(exchange, this.#upstreams.clock.monotonicMs() - this.#startedMs)
    exchange.status = status
    exchange.originStatus = status
    exchange.statusText = ''
    exchange.responseLength = length
    if (this.#asksForGzip && status !== 204 && status !== 304 && length !== 0 && isGzip(headers)) {
      headers.delete('content-encoding')
      exchange.responseLength = -1
      this.#gunzip = new GunzipAnswer(exchange, this)
    }
    takeHeaders(exchange, headers)
    exchange.startResponse()
  }

  /** Bytes of the answer. */
  onData(chunk: Buffer): void {
    const { exchange } = this
    exchange.originBytes += chunk.length
    if (this.#gunzip !== null) this.#gunzip.write(chunk)
    else if (!exchange.sink.write(exchange, chunk)) this.pause()
    const stream = this.#stream
    if (stream === null) return
    if (this.#isPaused) this.#owedBytes += chunk.length
    else this.#connection!.session.consumed(stream, chunk.length)
  }

  onDrain(): void {
    this.resume()
  }

  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#upstreams.answerPauses += 1
  }

  resume(): void {
    this.#isPaused = false
    const owed = this.#owedBytes
    this.#owedBytes = 0
    if (owed > 0 && this.#stream !== null) this.#connection!.session.consumed(this.#stream, owed)
  }

  // Ends.

  /** The answer is complete. */
  onComplete(trailers: HeaderList | null): void {
    const { exchange } = this
    const gunzip = this.#gunzip
    const isUnfinished = !this.#uploadDone
    this.#settle(null)
    if (isUnfinished) exchange.body?.discard()
    if (gunzip !== null) {
      gunzip.end(trailers)
      return
    }
    exchange.producer = null
    exchange.responseTrailers = trailers
    exchange.sink.end(exchange)
  }

  /** The server has not taken the request, so that it may be sent anew (RFC 9113 §8.7). */
  onUnprocessed(needsHttp1: boolean): void {
    this.#stream = null
    this.#connection = null
    const mayRetry = !this.#headSeen && this.#attempts < attemptsMax && (this.#replay === null || this.#replay.isWhole)
    if (!mayRetry || (needsHttp1 && this.#isUploading)) {
      this.fail(failures.closed)
      return
    }
    if (!needsHttp1) {
      this.#upstreams.retryCall(this)
      return
    }
    this.target.pool?.http2?.useHttp1()
    this.leaveTo(null)
  }

  /** The stream or its connection broke. */
  onBroken(wasIdle: boolean): void {
    if (this.isOver) return
    this.#stream = null
    this.#connection = null
    // Safe when nothing of an answer came and doing it twice is the same as once (RFC 9110 §9.2.2).
    if (wasIdle && !this.#headSeen && this.exchange.body === null && this.#attempts < attemptsMax && isSafe(this.exchange.method))
      this.#upstreams.retryCall(this)
    else this.fail(this.#headSeen ? failures.bodyCut : failures.closed)
  }

  /** The client does not want the answer any more. */
  onAbort(reason: Reason): void {
    this.cancel(reason)
  }

  cancel(reason: Reason): void {
    if (this.isOver) return
    this.#settle(reason)
  }

  /** Ends the exchange because of a failure on the server's side. */
  fail(failure: Failure): void {
    if (this.isOver) return
    const { exchange } = this
    const gunzip = this.#gunzip
    const isUnfinished = !this.#uploadDone
    this.#settle(failure.reason)
    exchange.producer = null
    if (isUnfinished) exchange.body?.discard()
    if (gunzip !== null) gunzip.fail(failure.reason)
    else answerFailure(exchange, failure)
  }

  /** No connection could be made: another server may have the exchange, if nothing of its body was asked for. */
  unreached(failure: Failure): void {
    if (this.isOver) return
    const { exchange } = this
    if (this.#isUploading || !mayMove(exchange, failure) || this.#listener.onUnreached?.(exchange, failure.reason) !== true) {
      this.fail(failure)
      return
    }
    this.isOver = true
    this.#timer?.close()
  }

  /** Something on the answer's way threw: a bug, contained to this exchange. */
  crash(cause: unknown): void {
    this.#upstreams.onError(cause)
    if (this.isOver) fail(this.exchange, failures.internal.status, failures.internal.reason)
    else this.fail(failures.internal)
  }

  #settle(reason: Reason | null): void {
    this.isOver = true
    this.#timer?.close()
    this.exchange.originDurationMs = this.#upstreams.clock.monotonicMs() - this.#startedMs
    const stream = this.#stream
    const connection = this.#connection
    this.#stream = null
    this.#connection = null
    this.#gunzip = null
    this.#replay = null
    if (stream !== null && connection !== null) {
      stream.call = null
      // Nothing more is wanted of it, nor sent on it.
      connection.session.reset(stream, reason === null ? errorCode.noError : errorCode.cancel)
    }
    this.#upstreams.settled(this.exchange, this.#listener, reason)
  }
}
