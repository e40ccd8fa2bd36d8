/**
 * The server's side of an HTTP/2 connection: feeds the engine, makes an exchange of each request, and decides when the connection is over. What
 * many streams say in one event leaves in one write.
 */
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { ConnectionFacts, Exchange } from '../http/exchange.ts'
import type { OpenTunnels } from '../http/open-tunnels.ts'
import { fail } from '../http/respond.ts'
import type { Http1Timeouts, ServerConnection } from '../http1/server-options.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'
import type { AbuseLedger } from './abuse-ledger.ts'
import { errorCode } from './error-codes.ts'
import { HeldBytes } from './held-bytes.ts'
import type { HpackDecoder } from './hpack-decoder.ts'
import { heldBytesMax, waitingBytesMax } from './limits.ts'
import { applyPriority } from './priority.ts'
import { headVerdict, RequestHead } from './request-head.ts'
import type { Http2ServerOptions } from './server-options.ts'
import { ServerStream } from './server-stream.ts'
import type { SessionOwner } from './session-options.ts'
import { Http2Session } from './session.ts'
import type { Http2Stream } from './stream.ts'

/** How long a connection stays open after GOAWAY for an error, so that a reset does not destroy what is on its way; in milliseconds. */
const lingerMs = 500
/** How long a client may take to hear that the connection ends before its new streams are refused, in milliseconds. */
const drainMs = 1000
/** Reads of at least this size ask for large ones, in bytes. */
const longReadBytes = 64 * 1024
/** Reads below this size are enough, in bytes. */
const shortReadBytes = 16 * 1024

/** What all connections of this thread hold. */
const workerHeld = new HeldBytes(heldBytesMax)

/** Serves requests on a connection until it ends. The client's preface is still to be read. */
export function serveHttp2(transport: Transport, facts: ConnectionFacts, options: Http2ServerOptions): Http2ServerConnection {
  const connection = new Http2ServerConnection(transport, facts, options)
  connection.start()
  return connection
}

/** A client connection. */
export class Http2ServerConnection implements TransportEvents, SessionOwner, TimerOwner, ServerConnection {
  readonly session: Http2Session
  readonly #transport: Transport
  readonly #options: Http2ServerOptions
  readonly #head: RequestHead
  readonly #remoteIp: string
  /** Null when this client is never sent away. */
  readonly #ledger: AbuseLedger | null
  readonly #timer: Timer
  readonly #openedMs: number
  #requests = 0
  #isDraining = false
  /** GOAWAY with the last stream is sent: once all are done, so is the connection. */
  #isFinishing = false
  #isClosing = false
  #isClosed = false
  /** Sent away without having done anything. */
  #isBarred = false
  #blockId = 0

  constructor(transport: Transport, facts: ConnectionFacts, options: Http2ServerOptions) {
    const { http2, limits, wheel } = options
    this.#transport = transport
    this.#options = options
    this.#remoteIp = facts.remoteIp
    this.#ledger = http2.forwarders?.contains(facts.remoteIp) === true ? null : http2.ledger
    this.#head = new RequestHead(facts, options)
    this.#timer = wheel.timer(this)
    this.#openedMs = wheel.coarseMs
    this.session = new Http2Session(transport, this, {
      isServer: true,
      streamsMax: http2.streamsMax,
      decoderTableBytes: http2.decoderTableBytes,
      encoderTableBytes: http2.encoderTableBytes,
      head: { headBytesMax: http2.headBytesMax, headersMax: limits.headersMax },
      flow: http2.flow,
      abuse: http2.abuse,
      held: workerHeld,
      extendedConnect: http2.extendedConnect,
      time: wheel,
    })
  }

  get wheel(): TimerWheel {
    return this.#options.wheel
  }

  get tunnels(): OpenTunnels | undefined {
    return this.#options.tunnels
  }

  get timeouts(): Http1Timeouts {
    return this.#options.timeouts
  }

  /** Starts; `serveHttp2` calls it. */
  start(): void {
    this.#transport.flushesLate = true
    this.session.start()
    this.#setTimer(this.#options.timeouts.headMs)
    this.#transport.start(this)
    if (this.#ledger?.isBarred(this.#remoteIp, this.wheel.coarseMs) !== true) return
    this.#isBarred = true
    this.session.fail(errorCode.enhanceYourCalm)
  }

  /** Takes no further request, once the client has had time to hear of it; what is under way goes on. */
  drain(): void {
    if (this.#isDraining || this.#isClosing) return
    this.#isDraining = true
    if (this.#isFinishing) return
    this.session.goAway(false)
    this.session.ping()
    this.#timer.set(drainMs)
  }

  /** Closes at once; what is under way is aborted, and WebSockets are told so first. */
  destroy(): void {
    const tunnels: ServerStream[] = []
    for (const stream of this.session.streams.values()) if (stream instanceof ServerStream && stream.isTunnel) tunnels.push(stream)
    if (tunnels.length === 0 || this.#isClosing) {
      this.#transport.destroy()
      return
    }
    this.session.goAway(true)
    for (const tunnel of tunnels) tunnel.goAway('shutting_down')
    this.session.lost()
    this.#close()
  }

  /** Takes no further request from now on. */
  finishSoon(): void {
    if (this.#isFinishing || this.#isClosing) return
    this.#isFinishing = true
    this.session.goAway(true)
    this.#rest()
  }

  // The transport.

  onData(chunk: Buffer): void {
    if (this.#isClosing) return
    try {
      this.session.receive(chunk)
    } catch (error) {
      // A fault of this program must not end more than this connection.
      this.#options.onHandlerError?.(error, null)
      this.session.fail(errorCode.internalError)
      return
    }
    if (this.#isClosing) return
    if (chunk.length >= longReadBytes) this.#transport.expectLongRead(true)
    else if (chunk.length < shortReadBytes) this.#transport.expectLongRead(false)
    if (this.session.waitingBytes > waitingBytesMax) this.#transport.pauseReading()
    if (this.session.openBlockId !== this.#blockId || this.session.isInFrame) this.#rest()
  }

  onEnd(): void {
    if (this.session.streams.size === 0) this.#close()
    else this.#transport.destroy()
  }

  onDrain(): void {
    if (this.#isClosing) {
      this.#linger()
      return
    }
    this.session.drained()
    this.#transport.resumeReading()
  }

  onClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isClosing = true
    this.#timer.close()
    this.session.lost()
    this.#options.onClose(this)
  }

  // The engine.

  onPeerStream(_streamId: number): Http2Stream {
    return new ServerStream(this)
  }

  onGoaway(): void {
    this.finishSoon()
  }

  onSettings(): void {
    this.#rest()
  }

  onPong(): void {
    if (this.#isDraining) this.finishSoon()
  }

  onStreamGone(): void {
    if (this.session.streams.size === 0) this.#rest()
  }

  onFailed(code: number): void {
    this.#isClosing = true
    if (code === errorCode.enhanceYourCalm && !this.#isBarred) this.#ledger?.note(this.#remoteIp, this.wheel.coarseMs)
    this.#linger()
  }

  /** The head of a request has come. */
  onRequest(stream: ServerStream, decoder: HpackDecoder, isEnd: boolean): void {
    const { session } = this
    if (session.streams.size === 1 && !this.#isDraining) this.#timer.clear()
    this.#requests += 1
    if (decoder.isTooLarge) {
      this.#refuse(stream, 431)
      return
    }
    const head = this.#head
    const verdict = head.read(decoder, isEnd, stream)
    if (verdict === headVerdict.malformed) {
      session.provokedReset(stream, errorCode.protocolError)
      return
    }
    const { exchange } = head
    if (exchange === null) {
      this.#refuse(stream, verdict === headVerdict.expectation ? 417 : 400)
      return
    }
    if (head.priority !== '') applyPriority(stream, head.priority)
    stream.exchange = exchange
    if (!isEnd) {
      stream.length = head.length
      if (head.protocol === '') exchange.body = stream
      stream.owesContinue = head.expectsContinue
    }
    stream.watch()
    if (this.#isWornOut()) this.finishSoon()
    this.#handle(exchange)
  }

  #isWornOut(): boolean {
    const { keepAliveMaxRequests, keepAliveMaxTimeMs, wheel } = this.#options
    if (keepAliveMaxRequests > 0 && this.#requests >= keepAliveMaxRequests) return true
    return keepAliveMaxTimeMs > 0 && wheel.coarseMs - this.#openedMs >= keepAliveMaxTimeMs
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

  /** Answers without an exchange. */
  #refuse(stream: ServerStream, status: number): void {
    const { session } = this
    const { encoder } = session
    session.sendFields(stream, encoder.start() + encoder.status(status) + encoder.field('content-length', '0'), true)
  }

  // Time and the end.

  /** Sets the limit that matters next. */
  #rest(): void {
    if (this.#isClosing) return
    const { session } = this
    const { headMs, idleMs } = this.#options.timeouts
    const blockId = session.openBlockId
    if (blockId !== 0) {
      if (blockId !== this.#blockId) this.#setTimer(headMs)
    } else if (session.streams.size > 0) {
      if (!this.#isDraining || this.#isFinishing) this.#timer.clear()
    } else if (this.#isFinishing) {
      this.#close()
    } else if (!this.#isDraining) {
      this.#setTimer(session.isInFrame || !session.hasSettings ? headMs : idleMs)
    }
    this.#blockId = blockId
  }

  #setTimer(delayMs: number): void {
    if (delayMs > 0) this.#timer.setCoarse(delayMs)
    else this.#timer.clear()
  }

  onTimer(): void {
    if (this.#isClosing) this.#transport.destroy()
    else if (this.#isDraining && !this.#isFinishing) this.finishSoon()
    else if (this.#blockId !== 0) this.session.fail(errorCode.protocolError)
    else this.session.fail(errorCode.noError)
  }

  /** Ends the connection once what was written has left. */
  #close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.session.isOver = true
    this.#transport.flush()
    if (this.#transport.writePending) this.#setTimer(this.#options.timeouts.idleMs)
    else this.#linger()
  }

  /** Ends our side, and gives the client a moment to end its own: what it still sends is thrown away. */
  #linger(): void {
    this.#transport.end()
    this.#transport.resumeReading()
    this.#timer.set(lingerMs)
  }
}
