/** A connection on a plain `net.Socket` or `tls.TLSSocket`: what is taken when stream handles cannot be. */
import type { Socket } from 'node:net'
import { enterEvent, isInEvent, leaveEvent, orderFlush, orderLateFlush } from './flush-queue.ts'
import { isReadInto } from './read-buffers.ts'
import { closeSocket } from './stream-binding.ts'
import type { Transport, TransportEvents } from './transport.ts'

/** Chunks up to this size are copied into the text that leaves with them, in bytes. */
const smallBytesMax = 8 * 1024

/** A transport on a socket. */
export class SocketTransport implements Transport {
  destroyed = false
  flushesLate = false
  writePending = false
  readonly #socket: Socket
  #events: TransportEvents | null = null
  #isClosed = false
  #isPaused = false
  #isEnding = false
  #isFlushOrdered = false
  #peerEnded = false
  #error: NodeJS.ErrnoException | undefined
  #text = ''
  #held: Uint8Array | null = null
  #tail = ''

  constructor(socket: Socket) {
    this.#socket = socket
    // The end of one direction must not end the other.
    socket.allowHalfOpen = true
    socket.on('error', (error) => (this.#error ??= error))
    socket.on('close', () => this.#closed())
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? ''
  }

  get remotePort(): number {
    return this.#socket.remotePort ?? 0
  }

  get localAddress(): string {
    return this.#socket.localAddress ?? ''
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0
  }

  start(events: TransportEvents): void {
    const isFirst = this.#events === null
    this.#events = events
    if (this.#isClosed) queueMicrotask(() => this.#closed())
    const socket = this.#socket
    if (!isFirst || socket.destroyed) return
    socket.on('data', (chunk) => this.#read(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk))
    socket.on('end', () => this.#ended())
    socket.on('drain', () => this.#drained())
    socket.on('finish', () => this.#closeWhenBothEnded())
    if (!this.#isPaused) socket.resume()
  }

  replay(chunk: Buffer): void {
    this.#read(chunk)
  }

  detach(): Socket {
    const socket = this.#socket
    socket.pause()
    if (this.#events !== null) for (const event of ['data', 'end', 'drain', 'finish']) socket.removeAllListeners(event)
    this.#events = closedEvents
    return socket
  }

  pauseReading(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  resumeReading(): void {
    this.#isPaused = false
    this.#socket.resume()
  }

  /** Reads of a socket have memory of their own in any case. */
  expectLongRead(_on: boolean): void {}

  #read(chunk: Buffer): void {
    if (this.destroyed) return
    enterEvent()
    try {
      this.#events?.onData(chunk)
    } finally {
      leaveEvent()
    }
  }

  #ended(): void {
    this.#peerEnded = true
    if (this.destroyed) return
    enterEvent()
    try {
      this.#events?.onEnd()
    } finally {
      leaveEvent()
    }
    this.#closeWhenBothEnded()
  }

  #drained(): void {
    this.writePending = false
    if (this.destroyed || this.#isEnding) return
    enterEvent()
    try {
      this.#events?.onDrain()
    } finally {
      leaveEvent()
    }
  }

  writeText(text: string): void {
    if (this.#held === null) this.#text += text
    else this.#tail += text
    if (!this.#isFlushOrdered) this.#orderFlush(this.flushesLate)
  }

  write(chunk: Uint8Array): void {
    if (chunk.length <= smallBytesMax) {
      this.writeText(Buffer.prototype.latin1Slice.call(chunk, 0, chunk.length))
      return
    }
    if (this.#held !== null) this.flush()
    this.#held = chunk
    if (!isInEvent()) this.flush()
    else if (!this.#isFlushOrdered || this.flushesLate) this.#orderFlush(false)
  }

  #orderFlush(isLate: boolean): void {
    if (this.#isEnding || this.destroyed) {
      this.#dropQueued()
      return
    }
    this.#isFlushOrdered = true
    if (isLate) orderLateFlush(this)
    else orderFlush(this)
  }

  #dropQueued(): void {
    this.#text = ''
    this.#held = null
    this.#tail = ''
  }

  flush(): void {
    this.#isFlushOrdered = false
    const text = this.#text
    const held = this.#held
    const tail = this.#tail
    if (text === '' && held === null) return
    this.#dropQueued()
    if (this.destroyed) return
    const socket = this.#socket
    if (held === null) {
      if (!socket.write(text, 'latin1')) this.writePending = true
      return
    }
    // The buffers of handle transports are read into again; a socket may keep what it is given.
    const bytes = isReadInto(held) ? Buffer.from(held) : held
    socket.cork()
    if (text !== '') socket.write(text, 'latin1')
    if (!socket.write(bytes)) this.writePending = true
    if (tail !== '') socket.write(tail, 'latin1')
    socket.uncork()
  }

  end(): void {
    if (this.#isEnding || this.destroyed) return
    this.flush()
    this.#isEnding = true
    this.#socket.end()
  }

  #closeWhenBothEnded(): void {
    if (this.#peerEnded && this.#socket.writableFinished) this.destroy()
  }

  destroy(reset = false): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#dropQueued()
    closeSocket(this.#socket, reset)
  }

  #closed(): void {
    this.destroyed = true
    this.#isClosed = true
    const events = this.#events
    this.#events = closedEvents
    if (events === null) return
    enterEvent()
    try {
      events.onClose(this.#error)
    } finally {
      leaveEvent()
    }
  }
}

const closedEvents: TransportEvents = { onData: ignore, onEnd: ignore, onDrain: ignore, onClose: ignore }

function ignore(): void {}
