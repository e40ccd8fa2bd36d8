/**
 * Joins two connections: what comes in on one goes out on the other, held back by the slower side. An end is passed on as an end behind the last
 * byte, what breaks as a reset; bytes that came before either are delivered.
 */
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { Transport, TransportEvents } from './transport.ts'
import { closeFrame, FrameScanner, goingAway } from './websocket-frames.ts'

/** Reads of at least this size ask for large ones, reads below a quarter of it for small ones; in bytes. */
const longReadBytes = 64 * 1024
/** How long the end of a side is waited for once the other one is gone, in milliseconds. */
const lingerMs = 5000
/** How often that, while it is slow to take its last bytes. */
const lingersMax = 12

/** How a tunnel is kept. */
export interface TunnelOptions {
  readonly wheel: TimerWheel
  /** Both directions silent for so long end the tunnel, in milliseconds; 0: never. */
  readonly idleMs: number
  /** One side has finished and the other has been silent for so long: that ends the tunnel, in milliseconds. Never when negative or absent. */
  readonly halfOpenMs?: number
  /** Makes keys of 32 bits for frames to the second connection, where a WebSocket's server is; absent when the two speak something else. */
  readonly maskKey?: () => number
  /** Both connections are gone; the last call. */
  readonly onClose: (tunnel: Tunnel) => void
}

/** One direction: takes from its own connection, gives to the other side's. */
class Side implements TransportEvents {
  readonly transport: Transport
  readonly #tunnel: Tunnel
  other: Side | null = null
  isClosed = false
  hasEnded = false
  /** The other connection is gone: what comes in goes nowhere. */
  discards = false
  /** The tunnel goes away: nothing passes behind the frame under way. */
  isLeaving = false
  bytes = 0
  /** Follows the frames of a WebSocket; null when it is none. */
  readonly frames: FrameScanner | null

  constructor(transport: Transport, tunnel: Tunnel, isWebSocket: boolean) {
    this.transport = transport
    this.#tunnel = tunnel
    this.frames = isWebSocket ? new FrameScanner() : null
  }

  onData(chunk: Buffer): void {
    if (this.discards) return
    const peer = this.other!.transport
    const { frames } = this
    this.#tunnel.isActive = true
    if (chunk.length >= longReadBytes) this.transport.expectLongRead(true)
    else if (chunk.length < longReadBytes / 4) this.transport.expectLongRead(false)
    const length = frames === null ? chunk.length : frames.scan(chunk, this.isLeaving)
    this.bytes += length
    peer.write(length === chunk.length ? chunk : chunk.subarray(0, length))
    if (this.isLeaving && frames?.isBetweenFrames === true) this.#tunnel.sideMayLeave(this)
    else if (peer.writePending) this.transport.pauseReading()
  }

  onDrain(): void {
    this.#tunnel.isActive = true
    this.other?.transport.resumeReading()
  }

  onEnd(): void {
    this.hasEnded = true
    this.#tunnel.sideEnded(this)
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    this.isClosed = true
    this.#tunnel.sideClosed(this, error)
  }
}

/** Two joined connections. */
export class Tunnel implements TimerOwner {
  /** Something happened since the timer last looked. */
  isActive = false
  readonly #first: Side
  readonly #second: Side
  readonly #options: TunnelOptions
  #timer: Timer | null = null
  /** Time of silence that ends the tunnel; 0: none. */
  #silenceMs: number
  /** Above 0 once one connection is gone: how often the other is still waited for. */
  #lingers = 0
  #isLeaving = false

  /** Takes both connections over, whoever owned them before. */
  constructor(first: Transport, second: Transport, options: TunnelOptions) {
    this.#options = options
    const isWebSocket = options.maskKey !== undefined
    this.#first = new Side(first, this, isWebSocket)
    this.#second = new Side(second, this, isWebSocket)
    this.#first.other = this.#second
    this.#second.other = this.#first
    this.#silenceMs = options.idleMs
    if (options.idleMs > 0) this.#setTimer(options.idleMs)
    for (const side of [this.#first, this.#second]) {
      side.transport.start(side)
      side.transport.resumeReading()
    }
    if (first.destroyed || second.destroyed) this.destroy()
  }

  /** Bytes that came from the first connection. */
  get bytesFromFirst(): number {
    return this.#first.bytes
  }

  /** Bytes that came from the second connection. */
  get bytesFromSecond(): number {
    return this.#second.bytes
  }

  /** Bytes that were passed on before the tunnel was made. */
  passedBefore(fromFirst: Uint8Array | null, fromSecond: Uint8Array | null): void {
    if (fromFirst !== null) this.#first.frames?.scan(fromFirst)
    if (fromSecond !== null) this.#second.frames?.scan(fromSecond)
  }

  /** Closes both connections at once. */
  destroy(): void {
    this.#first.transport.destroy()
    this.#second.transport.destroy()
  }

  /**
   * Ends both connections from here: those of a WebSocket with a close frame (1001) behind the frame under way, if that comes to its end within
   * seconds; others at once.
   */
  goAway(): void {
    if (this.#isLeaving || this.#lingers > 0) return
    if (this.#options.maskKey === undefined) {
      this.destroy()
      return
    }
    this.#isLeaving = true
    this.#lingers = lingersMax
    this.#setTimer(lingerMs)
    for (const side of [this.#first, this.#second]) {
      side.isLeaving = true
      if (side.frames?.isBetweenFrames === true && !side.hasEnded) this.sideMayLeave(side)
    }
  }

  /** For the sides alone: nothing stands in the way of this direction's end any more. */
  sideMayLeave(side: Side): void {
    const { maskKey } = this.#options
    const { transport } = side.other!
    if (side.frames?.closeSeen === false) transport.write(closeFrame(goingAway, side === this.#first ? (maskKey?.() ?? null) : null))
    transport.end()
    side.discards = true
    side.transport.resumeReading()
  }

  onTimer(timer: Timer): void {
    const isWriting = this.#first.transport.writePending || this.#second.transport.writePending
    if (this.#lingers > 0) {
      this.#lingers -= 1
      if (isWriting && this.#lingers > 0) timer.set(lingerMs)
      else this.destroy()
    } else if (this.isActive || (isWriting && this.#silenceMs !== this.#options.idleMs)) {
      this.isActive = false
      timer.set(this.#silenceMs)
    } else {
      this.destroy()
    }
  }

  /** For the sides alone: one has sent its last byte. */
  sideEnded(side: Side): void {
    const other = side.other!
    other.transport.end()
    const { halfOpenMs = -1 } = this.#options
    if (halfOpenMs < 0 || other.hasEnded || this.#lingers > 0) return
    this.isActive = false
    this.#silenceMs = halfOpenMs
    this.#setTimer(halfOpenMs)
  }

  /** For the sides alone: a connection is gone. */
  sideClosed(side: Side, error: NodeJS.ErrnoException | undefined): void {
    const other = side.other!
    if (other.isClosed) {
      this.#timer?.close()
      this.#options.onClose(this)
    } else if (error !== undefined && !side.hasEnded && !other.discards) {
      // What broke on one side is told to the other as a reset.
      other.transport.destroy(true)
    } else {
      this.#finishOther(other)
    }
  }

  /**
   * One connection is gone for good after it sent everything. The other gets the rest and its end; what it still sends is read and dropped, since
   * closing a connection that has unread bytes is a reset, which would destroy what is on its way.
   */
  #finishOther(other: Side): void {
    other.discards = true
    other.transport.end()
    other.transport.resumeReading()
    this.#lingers = lingersMax
    this.#setTimer(lingerMs)
  }

  #setTimer(ms: number): void {
    this.#timer ??= this.#options.wheel.timer(this)
    this.#timer.set(ms)
  }
}
