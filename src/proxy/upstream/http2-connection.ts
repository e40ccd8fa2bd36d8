/** A connection to a server that speaks HTTP/2: many exchanges at a time, until the server goes away or nobody needs it. */
import type { Timer, TimerOwner } from '../../std/timer-wheel.ts'
import { HeldBytes } from '../http2/held-bytes.ts'
import { defaultAbuseLimits, heldBytesMax } from '../http2/limits.ts'
import type { SessionOwner } from '../http2/session-options.ts'
import { Http2Session } from '../http2/session.ts'
import type { Http2Stream } from '../http2/stream.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'
import type { Http2Call } from './http2-call.ts'
import type { Http2Pool } from './http2-pool.ts'
import { Http2AnswerStream } from './http2-stream.ts'
import type { Upstreams } from './upstreams.ts'

/** Streams at a time before the server has said how many it takes. */
const streamsBeforeSettings = 100
/** Streams at a time whatever the server says. */
const streamsDefaultMax = 1000
/** Windows for answers, in bytes. That of the connection is no limit: one slow client must not hold up others that share it. */
const streamWindowBytes = 256 * 1024
const connectionWindowBytes = 0x3fff_ffff
/** How much of an answer's head is taken, as of HTTP/1.1 servers. */
const headBytesMax = 1024 * 1024
/** Reads of at least this size ask for large ones, in bytes. */
const longReadBytes = 64 * 1024
/** Reads below this size are enough, in bytes. */
const shortReadBytes = 16 * 1024
/** How long a connection stays open after GOAWAY for an error, in milliseconds. */
const lingerMs = 500

/** What all connections of this thread to servers hold. */
const workerHeld = new HeldBytes(heldBytesMax)

/** How long connections live and how they are watched. */
export interface Http2ConnectionLimits {
  /** 0: never closed for being idle. */
  readonly idleTimeoutMs: number
  /** Silence after which a connection with requests on it is pinged; 0: never. */
  readonly readIdleTimeoutMs: number
  readonly pingTimeoutMs: number
}

/** A connection. */
export class Http2Connection implements TransportEvents, SessionOwner, TimerOwner {
  readonly session: Http2Session
  readonly scheme: string
  /** Exchanges that were complete. */
  served = 0
  /** The connection ended under what was on it. */
  isLost = false
  readonly #pool: Http2Pool
  readonly #upstreams: Upstreams
  readonly #transport: Transport
  readonly #limits: Http2ConnectionLimits
  readonly #timer: Timer
  readonly #loopPlace: number
  #isGoing = false
  #isClosed = false
  #isPinging = false
  #depth = 0

  constructor(pool: Http2Pool, upstreams: Upstreams, transport: Transport, limits: Http2ConnectionLimits) {
    this.#pool = pool
    this.#upstreams = upstreams
    this.#transport = transport
    this.#limits = limits
    this.scheme = pool.server.route.tls === null ? 'http' : 'https'
    this.#timer = upstreams.wheel.timer(this)
    this.#loopPlace = upstreams.loops.isOwnPort(pool.server.route.port) ? upstreams.loops.enter(transport) : -1
    this.session = new Http2Session(transport, this, {
      isServer: false,
      streamsMax: 0,
      decoderTableBytes: 4096,
      encoderTableBytes: 4096,
      head: { headBytesMax, headersMax: 1000 },
      flow: { streamWindowBytes, connectionWindowBytes },
      abuse: defaultAbuseLimits,
      held: workerHeld,
      extendedConnect: false,
      time: upstreams.wheel,
    })
    transport.flushesLate = true
    this.session.start()
    transport.start(this)
  }

  /** Whether it can take an exchange now. */
  get hasRoom(): boolean {
    const { session } = this
    // Until a server says how many streams it takes nobody wants to find out.
    const mostMax = session.hasSettings ? streamsDefaultMax : streamsBeforeSettings
    return !this.#isGoing && !this.#isClosed && !this.#transport.destroyed && session.canOpen && session.streams.size < mostMax
  }

  get isIdle(): boolean {
    return this.session.streams.size === 0
  }

  /** Sends an exchange on a stream of its own. */
  send(call: Http2Call): void {
    const { session } = this
    if (this.#loopPlace >= 0) {
      this.#depth = session.streams.size === 0 ? call.depth : Math.max(this.#depth, call.depth)
      this.#upstreams.loops.setDepth(this.#loopPlace, this.#depth + 1)
    }
    const stream = new Http2AnswerStream(this, call)
    session.open(stream)
    if (session.streams.size === 1) this.#watch()
    call.sendOn(this, stream)
  }

  /** Takes nothing new, and closes when nothing is under way. */
  retire(): void {
    this.#isGoing = true
    if (this.isIdle) this.close()
  }

  /** Ends at once. */
  close(): void {
    this.session.goAway(true)
    this.#transport.flush()
    this.#transport.destroy()
    this.#leave()
  }

  onData(chunk: Buffer): void {
    if (this.session.isOver) return
    try {
      this.session.receive(chunk)
    } catch (cause) {
      this.#upstreams.onError(cause)
      this.close()
      this.#lose()
      return
    }
    if (chunk.length >= longReadBytes) this.#transport.expectLongRead(true)
    else if (chunk.length < shortReadBytes) this.#transport.expectLongRead(false)
    if (this.#limits.readIdleTimeoutMs > 0 && !this.isIdle) this.#watch()
  }

  onEnd(): void {
    this.#transport.destroy()
    this.#lose()
  }

  onDrain(): void {
    this.session.drained()
  }

  onClose(): void {
    this.#lose()
  }

  #lose(): void {
    this.isLost = true
    this.#leave()
    this.session.lost()
  }

  /** Takes the connection out of all books. */
  #leave(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer.close()
    if (this.#loopPlace >= 0) this.#upstreams.loops.leave(this.#loopPlace)
    this.#pool.onClosed(this)
  }

  // The engine.

  onPeerStream(): Http2Stream | null {
    return null
  }

  onGoaway(lastStreamId: number): void {
    this.#isGoing = true
    this.#pool.onGoing(this)
    // Deleting what is being visited is what maps allow.
    for (const stream of this.session.streams.values()) {
      if (stream.id <= lastStreamId || !(stream instanceof Http2AnswerStream)) continue
      this.session.forget(stream)
      stream.notTaken()
    }
    if (this.isIdle) this.close()
  }

  onSettings(): void {
    this.#pool.onRoom(this)
  }

  onPong(): void {
    this.#isPinging = false
    if (!this.isIdle) this.#watch()
  }

  onStreamGone(): void {
    if (this.isIdle) {
      if (this.#isGoing) this.close()
      else this.#watch()
    }
    if (!this.#isClosed) this.#pool.onRoom(this)
  }

  onFailed(): void {
    this.#transport.end()
    this.#leave()
    this.#upstreams.after(lingerMs, () => this.#transport.destroy())
  }

  // Time.

  #watch(): void {
    const { idleTimeoutMs, readIdleTimeoutMs } = this.#limits
    if (this.#isClosed) return
    this.#isPinging = false
    const delayMs = this.isIdle ? idleTimeoutMs : readIdleTimeoutMs
    if (delayMs > 0) this.#timer.set(delayMs)
    else this.#timer.clear()
  }

  onTimer(): void {
    if (this.isIdle) {
      this.close()
    } else if (this.#isPinging) {
      this.#transport.destroy()
      this.#lose()
    } else {
      this.#isPinging = true
      this.session.ping()
      this.#timer.set(this.#limits.pingTimeoutMs)
    }
  }
}
