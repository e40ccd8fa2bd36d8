/** Joins two connections: what comes in on one goes out on the other, held back by the slower side. */
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { Transport, TransportEvents } from './transport.ts'

/** Reads of at least this size ask for large ones, reads below a quarter of it for small ones; in bytes. */
const longReadBytes = 64 * 1024

/** How a tunnel is kept. */
export interface TunnelOptions {
  readonly wheel: TimerWheel
  /** Both directions silent for so long end the tunnel, in milliseconds; 0: never. */
  readonly idleMs: number
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
  bytes = 0

  constructor(transport: Transport, tunnel: Tunnel) {
    this.transport = transport
    this.#tunnel = tunnel
  }

  onData(chunk: Buffer): void {
    const peer = this.other as Side
    this.#tunnel.isActive = true
    this.bytes += chunk.length
    if (chunk.length >= longReadBytes) this.transport.expectLongRead(true)
    else if (chunk.length < longReadBytes / 4) this.transport.expectLongRead(false)
    peer.transport.write(chunk)
    if (peer.transport.writePending) this.transport.pauseReading()
  }

  onDrain(): void {
    this.#tunnel.isActive = true
    this.other?.transport.resumeReading()
  }

  onEnd(): void {
    this.hasEnded = true
    this.other?.transport.end()
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
  readonly #timer: Timer | null

  /** Takes both connections over, whoever owned them before. */
  constructor(first: Transport, second: Transport, options: TunnelOptions) {
    this.#options = options
    this.#first = new Side(first, this)
    this.#second = new Side(second, this)
    this.#first.other = this.#second
    this.#second.other = this.#first
    this.#timer = options.idleMs > 0 ? options.wheel.timer(this) : null
    this.#timer?.set(options.idleMs)
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

  /** Closes both connections at once. */
  destroy(): void {
    this.#first.transport.destroy()
    this.#second.transport.destroy()
  }

  onTimer(timer: Timer): void {
    if (!this.isActive) {
      this.destroy()
      return
    }
    this.isActive = false
    timer.set(this.#options.idleMs)
  }

  /** For the sides alone. */
  sideClosed(side: Side, error: NodeJS.ErrnoException | undefined): void {
    const other = side.other as Side
    if (!other.isClosed) {
      // What broke on one side is told to the other as a reset; what ended in order has been passed on as an end already.
      if (error !== undefined) other.transport.destroy(true)
      else this.#finishOther(other)
      return
    }
    this.#timer?.close()
    this.#options.onClose(this)
  }

  /** One connection is gone for good. The other, when its peer has ended too, still sends what waits and closes then; else nothing is left to do. */
  #finishOther(other: Side): void {
    if (other.hasEnded) other.transport.end()
    else other.transport.destroy()
  }
}
