/**
 * A connection to a server and the driver of its exchanges, one after the other: writes the request, feeds the parser, passes the answer on. It goes
 * back to its pool only when both messages are complete and nothing unread is left; in every other case it is closed.
 */
import type { Socket } from 'node:net'
import type { Timer, TimerOwner } from '../../std/timer-wheel.ts'
import type { BodyConsumer } from '../http/body.ts'
import type { ConnectionFacts, Exchange } from '../http/exchange.ts'
import type { HeaderList } from '../http/header-list.ts'
import { type Reason, reasonStatus } from '../http/reasons.ts'
import { fail } from '../http/respond.ts'
import { http1Event } from '../http1/message-parser.ts'
import { ResponseParser } from '../http1/response-parser.ts'
import { chunkLine, lastChunkWith, lineEnd } from '../http1/serialize.ts'
import { dialTransport } from '../transport/choose.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'
import { AnswerFlow, TunnelLease } from './answer-flow.ts'
import { Dial } from './dial.ts'
import { answerFailure, brokenFailure, dialFailure, type Failure, failures } from './failure.ts'
import type { ForwardListener } from './forward-listener.ts'
import { GunzipAnswer } from './gunzip.ts'
import { mayMove, mayRepeat, wasResetUnread } from './moving.ts'
import { askedForGzip, requestHead } from './request-head.ts'
import { bindsLoginToConnection, dropConnectionFields, isGzip, takeHeaders, upgradeOf } from './response-head.ts'
import type { ServerPool } from './server-pool.ts'
import type { UpstreamTarget } from './target.ts'
import type { Upstreams } from './upstreams.ts'

/** How long a server may leave `Expect: 100-continue` unanswered before the body is sent anyway, in milliseconds. */
const continueTimeoutMs = 1000
/** A read of this size or more says that a long body is coming, in bytes. */
const longReadBytes = 64 * 1024
/** A read below this size says that it is over, in bytes. */
const shortReadBytes = 16 * 1024
/** Answers that end with so many bytes or less go on as text, which leaves with their heads at the least cost. */
const textBytesMax = 2048

/** A connection to a server; made with its first exchange, which waits until it is open. */
export class UpstreamConnection implements TransportEvents, BodyConsumer, TimerOwner {
  idleSinceMs = 0
  /** Client connection that a login on this connection belongs to. */
  pinnedTo: ConnectionFacts | null = null
  readonly pool: ServerPool
  readonly #upstreams: Upstreams
  readonly #parser = new ResponseParser()
  readonly #flow = new AnswerFlow(this)
  #dial: Dial | null = null
  #transport: Transport | null = null
  #loopPlace = -1
  #isClosed = false
  #isTunnel = false
  #isLongRead = false
  /** Exchanges that were complete. */
  #served = 0

  // The exchange under way.
  #exchange: Exchange | null = null
  #target: UpstreamTarget | null = null
  #listener: ForwardListener | null = null
  #startedMs = 0
  #depth = 0
  #hasBytes = false
  #headSeen = false
  #asksForGzip = false
  #gunzip: GunzipAnswer | null = null
  #uploadDone = true
  #uploadPaused = false
  #awaitsContinue = false
  #timer: Timer | null = null

  constructor(pool: ServerPool, upstreams: Upstreams) {
    this.pool = pool
    this.#upstreams = upstreams
  }

  /** Whether it can take an exchange now. */
  get isUsable(): boolean {
    return this.#exchange === null && !this.#isClosed && !this.#isTunnel && this.#transport !== null && !this.#transport.destroyed
  }

  /** Sends an exchange; dials first when the connection is new. */
  send(exchange: Exchange, target: UpstreamTarget, listener: ForwardListener, depth: number): void {
    this.#exchange = exchange
    this.#target = target
    this.#listener = listener
    this.#depth = depth
    this.#hasBytes = false
    this.#headSeen = false
    this.#startedMs = this.#upstreams.clock.monotonicMs()
    exchange.producer = this.#flow
    if (this.#transport === null) this.#connect()
    else this.#write(exchange, this.#transport)
  }

  /** Closes an idle connection, or whatever is under way. */
  close(): void {
    this.#dial?.cancel()
    this.#transport?.destroy()
    this.forget()
  }

  /** Takes the connection out of all books; whoever has the transport goes on with it. */
  forget(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.close()
    if (this.#loopPlace >= 0) this.#upstreams.loops.leave(this.#loopPlace)
    this.#loopPlace = -1
    this.#upstreams.onClosed(this)
  }

  // Dialling.

  #connect(): void {
    this.#dial = new Dial(this.pool.route, this.#upstreams.after, (error, socket) => this.#dialed(error, socket))
  }

  #dialed(error: NodeJS.ErrnoException | null, socket: Socket | null): void {
    this.#dial = null
    const exchange = this.#exchange
    if (socket === null || exchange === null) {
      socket?.destroy()
      this.#unreached(error === null ? failures.connect : dialFailure(error))
      return
    }
    this.#write(exchange, this.adopt(socket))
  }

  /** Takes over a connection that has been made. */
  adopt(socket: Socket): Transport {
    const transport = dialTransport(socket, this.#upstreams.transportKind)
    this.#transport = transport
    if (this.#upstreams.loops.isOwnPort(this.pool.route.port)) this.#loopPlace = this.#upstreams.loops.enter(transport)
    transport.start(this)
    return transport
  }

  // The request.

  #write(exchange: Exchange, transport: Transport): void {
    const target = this.#target!
    if (this.#loopPlace >= 0) this.#upstreams.loops.setDepth(this.#loopPlace, this.#depth + 1)
    this.#parser.expect(exchange.method)
    transport.writeText(requestHead(exchange, target))
    this.#asksForGzip = askedForGzip
    const body = exchange.body
    if (body === null) {
      this.#uploadDone = true
      this.#requestSent()
    } else {
      this.#uploadDone = false
      this.#uploadPaused = false
      this.#awaitsContinue = exchange.headers.has('expect')
      if (this.#awaitsContinue) this.#setTimer(continueTimeoutMs)
      else body.start(this)
    }
    // Head and what is there of the body leave together, when the event is over that brought them.
  }

  #startUpload(): void {
    this.#awaitsContinue = false
    this.#clearTimer()
    this.#exchange?.body?.start(this)
  }

  onBodyChunk(chunk: Buffer): void {
    const transport = this.#transport
    const body = this.#exchange?.body
    if (transport === null || body === null || body === undefined) return
    if (body.length < 0) {
      transport.writeText(chunkLine(chunk.length))
      transport.write(chunk)
      transport.writeText(lineEnd)
    } else {
      transport.write(chunk)
    }
    if (!transport.writePending || this.#uploadPaused) return
    this.#uploadPaused = true
    this.#upstreams.uploadPauses += 1
    body.pause()
  }

  onBodyEnd(trailers: HeaderList | null): void {
    const transport = this.#transport
    const body = this.#exchange?.body
    if (transport === null || body === null || body === undefined) return
    this.#uploadDone = true
    if (body.length < 0) {
      transport.writeText(lastChunkWith(this.#upstreams.passesRequestTrailers ? trailers : null))
    }
    this.#requestSent()
  }

  onBodyError(reason: Reason): void {
    if (this.#exchange !== null) this.#fail({ status: reasonStatus[reason], reason })
  }

  /** What was written has left. */
  onDrain(): void {
    if (!this.#uploadPaused) return
    this.#uploadPaused = false
    this.#exchange?.body?.resume()
  }

  #requestSent(): void {
    const { responseHeaderTimeoutMs } = this.pool.limits
    if (responseHeaderTimeoutMs > 0 && !this.#headSeen) this.#setTimer(responseHeaderTimeoutMs)
  }

  onTimer(): void {
    if (this.#exchange === null) return
    if (this.#awaitsContinue) this.#startUpload()
    else this.#fail(failures.timeout)
  }

  #clearTimer(): void {
    if (this.#timer !== null) this.#timer.clear()
  }

  #setTimer(delayMs: number): void {
    this.#timer ??= this.#upstreams.wheel.timer(this)
    this.#timer.set(delayMs)
  }

  // The answer.

  onData(chunk: Buffer): void {
    const exchange = this.#exchange
    if (exchange === null) {
      // Nobody asked: the peer is out of step, and its bytes must never become somebody's answer.
      this.close()
      return
    }
    this.#hasBytes = true
    this.#adaptReads(chunk.length)
    try {
      this.#feed(exchange, chunk)
    } catch (cause) {
      this.#crash(exchange, cause)
    }
  }

  #feed(exchange: Exchange, chunk: Buffer): void {
    const parser = this.#parser
    parser.push(chunk)
    do {
      switch (parser.next()) {
        case http1Event.needMore:
          return
        case http1Event.head:
          this.#onHead(exchange, parser)
          break
        case http1Event.body:
          this.#onBody(exchange, parser)
          break
        case http1Event.end:
          this.#complete(exchange, parser)
          return
        default:
          this.#fail(this.#headSeen ? failures.bodyCut : failures.malformed)
          return
      }
    } while (this.#exchange === exchange)
  }

  /** The server sends nothing more. */
  onEnd(): void {
    const exchange = this.#exchange
    if (exchange === null) {
      this.close()
      return
    }
    try {
      if (this.#parser.endOfInput() === http1Event.end) this.#complete(exchange, this.#parser)
      else this.#broken(undefined)
    } catch (cause) {
      this.#crash(exchange, cause)
    }
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    if (this.#exchange !== null) this.#broken(error)
    this.forget()
  }

  #onHead(exchange: Exchange, parser: ResponseParser): void {
    const { status } = parser
    if (status === 101) {
      this.#upgrade(exchange, parser)
      return
    }
    if (status < 200) {
      this.#onInformational(exchange, parser)
      return
    }
    this.#headSeen = true
    this.#clearTimer()
    this.#awaitsContinue = false
    const headers = parser.headers
    const listener = this.#listener!
    if (listener.measuresLatency) listener.onAnswer(exchange, this.#upstreams.clock.monotonicMs() - this.#startedMs)
    if (this.pinnedTo === null && bindsLoginToConnection(headers)) this.pinnedTo = exchange.connection
    dropConnectionFields(headers)
    exchange.status = status
    exchange.originStatus = status
    exchange.statusText = parser.statusText
    exchange.responseLength = parser.bodyLength
    if (this.#asksForGzip && status !== 204 && status !== 304 && parser.bodyLength !== 0 && isGzip(headers)) {
      headers.delete('content-encoding')
      exchange.responseLength = -1
      this.#gunzip = new GunzipAnswer(exchange, this.#flow)
    }
    takeHeaders(exchange, headers)
    exchange.startResponse()
  }

  #onInformational(exchange: Exchange, parser: ResponseParser): void {
    if (parser.status === 100) {
      // The client gets its own 100 when its body is asked for.
      if (this.#awaitsContinue) this.#startUpload()
      return
    }
    dropConnectionFields(parser.headers)
    exchange.sink.informational(exchange, parser.status, parser.headers)
  }

  #onBody(exchange: Exchange, parser: ResponseParser): void {
    const length = parser.chunkLength
    exchange.originBytes += length
    if (this.#gunzip !== null) {
      this.#gunzip.write(parser.chunk)
      return
    }
    // Behind the rest of an answer comes nothing that could be held back.
    if (length <= textBytesMax && parser.isBodyRead) {
      exchange.sink.writeText(exchange, parser.chunkText)
      return
    }
    const { chunk } = parser
    if (!exchange.sink.write(exchange, chunk)) this.pauseAnswer()
  }

  /** Stops reading the answer until the client has taken what it was given. */
  pauseAnswer(): void {
    this.#upstreams.answerPauses += 1
    this.#transport?.pauseReading()
  }

  /** Goes on reading. */
  resumeAnswer(): void {
    this.#transport?.resumeReading()
  }

  #adaptReads(length: number): void {
    if (this.#isLongRead ? length >= shortReadBytes : length < longReadBytes) return
    this.#isLongRead = !this.#isLongRead
    this.#transport?.expectLongRead(this.#isLongRead)
  }

  #upgrade(exchange: Exchange, parser: ResponseParser): void {
    const { headers } = parser
    const protocol = upgradeOf(headers)
    if (protocol === '' || protocol !== exchange.upgrade.toLowerCase()) {
      this.#fail(failures.malformed)
      return
    }
    if (protocol.split(',').some((token) => token.trim() === 'h2c')) {
      this.#fail(failures.forbiddenUpgrade)
      return
    }
    const transport = this.#transport!
    const listener = this.#listener!
    const upgradeField = headers.get('upgrade') ?? protocol
    dropConnectionFields(headers)
    headers.add('Connection', 'Upgrade')
    headers.add('Upgrade', upgradeField)
    exchange.status = 101
    exchange.originStatus = 101
    exchange.statusText = ''
    takeHeaders(exchange, headers)
    const early = parser.takeRest()
    this.#clearTimer()
    this.#detach()
    exchange.producer = null
    this.#isTunnel = true
    exchange.addObserver(new TunnelLease(this, this.#upstreams, listener))
    exchange.sink.upgrade(exchange, transport, early)
  }

  // Ends.

  /** Both messages are complete, or the server did not want the rest of the request. */
  #complete(exchange: Exchange, parser: ResponseParser): void {
    const listener = this.#listener!
    const gunzip = this.#gunzip
    const { trailers } = parser
    const uploadDone = this.#uploadDone
    // After a refused upgrade nobody knows what the server still takes for another protocol (R6).
    const isReusable = uploadDone && parser.reusable && exchange.upgrade === '' && !this.#isClosed
    const nowMs = this.#upstreams.clock.monotonicMs()
    exchange.originDurationMs = nowMs - this.#startedMs
    this.#clearTimer()
    this.#detach()
    this.#gunzip = null
    if (!uploadDone) exchange.body?.discard()
    if (isReusable) this.#rest(nowMs)
    else this.close()
    if (gunzip === null) exchange.responseTrailers = trailers
    this.#upstreams.settled(exchange, listener, null)
    // Last, because the client's next request may come out of it and take this very connection.
    if (gunzip !== null) {
      gunzip.end(trailers)
      return
    }
    exchange.producer = null
    exchange.sink.end(exchange)
  }

  #rest(nowMs: number): void {
    this.#served += 1
    this.idleSinceMs = nowMs
    // Nothing is there; asked so, the parser forgets the answer.
    this.#parser.next()
    if (this.#isLongRead) this.#adaptReads(0)
    this.#transport?.resumeReading()
    if (!this.#upstreams.keep(this)) this.close()
  }

  /** The connection ended before the answer was complete. */
  #broken(error: NodeJS.ErrnoException | undefined): void {
    const exchange = this.#exchange!
    if (this.#served > 0 && !this.#hasBytes && mayRepeat(exchange, error)) {
      const target = this.#target!
      const listener = this.#listener!
      const depth = this.#depth
      this.#detach()
      this.close()
      this.#upstreams.retry(exchange, target, listener, depth)
      return
    }
    if (this.#headSeen) this.#fail(failures.bodyCut)
    else if (this.#hasBytes) this.#fail(failures.headCut)
    else if (wasResetUnread(exchange, error)) this.#unreached(brokenFailure(error))
    else this.#fail(brokenFailure(error))
  }

  /** The server was not reached, or did not read the request: another one may have the exchange. */
  #unreached(failure: Failure): void {
    const exchange = this.#exchange
    if (exchange === null || !mayMove(exchange, failure) || this.#listener?.onUnreached?.(exchange, failure.reason) !== true) {
      this.#fail(failure)
      return
    }
    this.#detach()
    this.close()
  }

  /** The client does not want the answer any more. */
  cancel(reason: Reason): void {
    const exchange = this.#exchange
    if (exchange === null) return
    const listener = this.#listener!
    exchange.originDurationMs = this.#upstreams.clock.monotonicMs() - this.#startedMs
    this.#detach()
    this.#gunzip = null
    this.close()
    this.#upstreams.settled(exchange, listener, reason)
  }

  #fail(failure: Failure): void {
    const exchange = this.#exchange
    if (exchange === null) {
      this.close()
      return
    }
    const listener = this.#listener!
    const gunzip = this.#gunzip
    exchange.originDurationMs = this.#upstreams.clock.monotonicMs() - this.#startedMs
    this.#detach()
    this.#gunzip = null
    exchange.producer = null
    if (!this.#uploadDone) exchange.body?.discard()
    this.close()
    this.#upstreams.settled(exchange, listener, failure.reason)
    if (gunzip !== null) gunzip.fail(failure.reason)
    else answerFailure(exchange, failure)
  }

  /** Something on the answer's way threw: a bug, contained to this exchange. */
  #crash(exchange: Exchange, cause: unknown): void {
    this.#upstreams.onError(cause)
    if (this.#exchange === exchange) this.#fail(failures.internal)
    else fail(exchange, failures.internal.status, failures.internal.reason)
  }

  #detach(): void {
    this.#exchange = this.#target = this.#listener = null
  }
}
