/** A connection on Node's stream handle. `net` accepts, dials and owns the lifetime; only data goes past it. */
import type { Socket } from 'node:net'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import { enterEvent, isInEvent, leaveEvent, orderFlush, orderLateFlush } from './flush-queue.ts'
import {
  isShared,
  type LongBuffer,
  pinLongBuffer,
  returnCopy,
  returnLongBuffer,
  sharedBuffer,
  sharedView,
  takeCopy,
  takeLongBuffer,
  unpinLongBuffer,
} from './read-buffers.ts'
import {
  alreadyReading,
  closeSocket,
  endOfStream,
  isTlsHandle,
  notConnected,
  type ShutdownRequest,
  type StreamBinding,
  streamBinding,
  type StreamHandle,
  type WriteRequest,
} from './stream-binding.ts'
import type { Transport, TransportEvents } from './transport.ts'

/** Chunks up to this size are copied into the text that leaves with them; larger ones are referred to. In bytes. */
export const smallBytesMax = 8 * 1024

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- loaded in one piece or not at all; whether it is there is asked before any use.
const binding = streamBinding as StreamBinding
const state = binding?.state
const readBytesOrError = binding?.readBytesOrError ?? 0
const lastWriteError = binding?.lastWriteError ?? 0
const latin1Slice = Buffer.prototype.latin1Slice

/** What a write under way keeps. */
class WriteHold {
  readonly transport: HandleTransport
  /** Keeps the memory from being collected. */
  readonly data: unknown
  copy: Buffer | null = null
  pinned: LongBuffer[] | null = null

  constructor(transport: HandleTransport, data: unknown) {
    this.transport = transport
    this.data = data
  }
}

/** A transport on a stream handle. */
export class HandleTransport implements Transport {
  destroyed = false
  flushesLate = false
  /** True while a write is under way; there is at most one. */
  writePending = false
  readonly #socket: Socket
  readonly #handle: StreamHandle
  /** Node's own reader, for whoever takes the socket back. */
  #onreadBefore: StreamHandle['onread'] = () => undefined
  #events: TransportEvents | null = null
  #isReading = false
  #isPaused = false
  /** TLS decrypts what it has read, also while it is paused; and its records fill no long buffer. */
  readonly #isTls: boolean
  /** What came while reading was paused. */
  #early: Buffer[] = []
  /** The end came while reading was paused. */
  #endsLate = false
  #wantsLong = false
  #long: LongBuffer | null = null
  #isClosed = false
  #peerEnded = false
  #isEnding = false
  #isEnded = false
  #isFlushOrdered = false
  #error: NodeJS.ErrnoException | undefined
  /** Queued: text, then bytes that are not copied, then text behind them. */
  #text = ''
  #held: Uint8Array | null = null
  #tail = ''
  /** What was queued while a write was under way. */
  #waiting: (string | Uint8Array)[] | null = null
  #waitingPins: LongBuffer[] | null = null

  constructor(socket: Socket, handle: StreamHandle) {
    this.#socket = socket
    this.#handle = handle
    this.#isTls = isTlsHandle(handle)
    handle.tidegate = this
    socket.on('error', ignore)
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
    if (!isFirst || this.destroyed) return
    this.#onreadBefore = this.#handle.onread
    this.#handle.onread = onRead
    this.#handle.useUserBuffer(sharedBuffer)
    this.#updateReading()
  }

  replay(chunk: Buffer): void {
    if (this.destroyed) return
    enterEvent()
    try {
      this.#events?.onData(chunk)
    } finally {
      leaveEvent()
    }
  }

  detach(): Socket {
    this.#isPaused = true
    this.#updateReading()
    if (this.#events !== null) this.#handle.onread = this.#onreadBefore
    this.#events = closedEvents
    if (this.#long !== null) returnLongBuffer(this.#long)
    this.#long = null
    delete this.#handle.tidegate
    return this.#socket
  }

  pauseReading(): void {
    this.#isPaused = true
    this.#updateReading()
  }

  resumeReading(): void {
    this.#isPaused = false
    if (this.#early.length > 0 || this.#endsLate) queueMicrotask(() => this.#deliverEarly())
    else this.#updateReading()
  }

  /** Delivers what came while reading was paused, as far as it is not paused again. */
  #deliverEarly(): void {
    while (!this.#isPaused && !this.destroyed) {
      const chunk = this.#early.shift()
      if (chunk === undefined) break
      this.replay(chunk)
    }
    if (this.#early.length > 0 || this.destroyed) return
    if (this.#endsLate) this.#ended()
    else this.#updateReading()
  }

  #updateReading(): void {
    const shouldRead = !this.#isPaused && !this.#peerEnded && this.#events !== null && !this.destroyed
    if (shouldRead === this.#isReading) return
    this.#isReading = shouldRead
    const status = shouldRead ? this.#handle.readStart() : this.#handle.readStop()
    if (status !== 0 && status !== alreadyReading && shouldRead) this.#fail(status, 'read')
  }

  expectLongRead(on: boolean): void {
    this.#wantsLong = on && !this.#isTls
  }

  /** For `onRead` alone: handles a read and gives the buffer for the next one when it changes. */
  read(count: number): Uint8Array | undefined {
    if (this.destroyed || count === 0) return undefined
    if (this.#isTls && (this.#isPaused || this.#early.length > 0)) {
      this.#keepEarly(count)
      return undefined
    }
    if (count === endOfStream) {
      this.#ended()
      return this.#nextBuffer()
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- reading only runs after `start` has set them.
    const events = this.#events as TransportEvents
    enterEvent()
    try {
      if (count > 0) events.onData(this.#long === null ? sharedView(count) : this.#long.bytes.subarray(0, count))
      else this.#fail(count, 'read')
    } finally {
      leaveEvent()
    }
    return this.#nextBuffer()
  }

  #keepEarly(count: number): void {
    if (count > 0) this.#early.push(Buffer.from(sharedView(count)))
    else if (count === endOfStream) this.#endsLate = true
    else this.#fail(count, 'read')
  }

  /** The peer has ended; TLS may say so twice, by its own message and by the connection below. */
  #ended(): void {
    if (this.#peerEnded) return
    this.#peerEnded = true
    this.#isReading = false
    enterEvent()
    try {
      this.#events?.onEnd()
    } finally {
      leaveEvent()
    }
    if (this.#isEnded) this.destroy()
  }

  #nextBuffer(): Uint8Array | undefined {
    const long = this.#long
    if (long === null) {
      if (!this.#wantsLong || this.#isPaused || this.destroyed) return undefined
      this.#long = takeLongBuffer()
      return this.#long?.bytes
    }
    // A buffer that a write refers to must not be read into. While reading is paused no other is taken: many may be.
    if (this.#wantsLong && long.pins === 0 && !this.destroyed) return undefined
    returnLongBuffer(long)
    this.#long = this.#wantsLong && !this.#isPaused && !this.destroyed ? takeLongBuffer() : null
    return this.#long === null ? sharedBuffer : this.#long.bytes
  }

  writeText(text: string): void {
    if (this.#held === null) this.#text += text
    else this.#tail += text
    if (!this.#isFlushOrdered) this.#orderFlush(this.flushesLate)
  }

  write(chunk: Uint8Array): void {
    if (chunk.length <= smallBytesMax) {
      this.writeText(latin1Slice.call(chunk, 0, chunk.length))
      return
    }
    // The text behind bytes that are held waits for the next ones: that way head, chunk and line end leave together.
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
    if (text === '' && held === null) return
    if (this.destroyed) {
      this.#dropQueued()
      return
    }
    if (this.writePending) {
      this.#keepWaiting()
      return
    }
    this.#text = ''
    if (held === null) {
      this.#sent(this.#handle.writeLatin1String(null, text), text, null, null)
      return
    }
    const tail = this.#tail
    this.#held = null
    this.#tail = ''
    const copy = isShared(held) ? takeCopy(held) : null
    const bytes = copy ?? held
    if (text === '' && tail === '') {
      this.#sent(this.#handle.writeBuffer(null, bytes), bytes, copy, held)
      return
    }
    const chunks: unknown[] = text === '' ? [] : [text, 'latin1']
    chunks.push(bytes, 'buffer')
    if (tail !== '') chunks.push(tail, 'latin1')
    this.#sent(this.#handle.writev(null, chunks, false), chunks, copy, held)
  }

  /** Takes the outcome of a write: over at once (nearly always), failed, or under way with what it refers to. */
  #sent(outcome: number | WriteRequest, data: unknown, copy: Buffer | null, held: Uint8Array | null): void {
    if (typeof outcome === 'number') {
      if (copy !== null) returnCopy(copy)
      if (outcome !== 0) this.#fail(outcome, 'write')
      return
    }
    const error = state[lastWriteError] ?? 0
    if (error !== 0) {
      this.#fail(error, 'write')
      return
    }
    const hold = new WriteHold(this, data)
    hold.copy = copy
    if (held !== null && copy === null) {
      const pinned = pinLongBuffer(held)
      if (pinned !== null) hold.pinned = [pinned]
    }
    this.#underWay(outcome, hold)
  }

  #underWay(request: WriteRequest, hold: WriteHold): void {
    this.writePending = true
    request.tidegate = hold
    request.oncomplete = onWritten
    const status = request.writeStatus
    if (typeof status === 'number') {
      request.writeStatus = null
      queueMicrotask(() => request.oncomplete(status))
    }
  }

  /** Keeps what is queued until the write under way is over. */
  #keepWaiting(): void {
    this.#waiting ??= []
    if (this.#text !== '') this.#waiting.push(this.#text)
    const held = this.#held
    if (held !== null) {
      if (isShared(held)) {
        this.#waiting.push(Buffer.from(held))
      } else {
        this.#waiting.push(held)
        const pinned = pinLongBuffer(held)
        if (pinned !== null) (this.#waitingPins ??= []).push(pinned)
      }
    }
    if (this.#tail !== '') this.#waiting.push(this.#tail)
    this.#dropQueued()
  }

  /** For `onWritten` alone: a write is over. */
  written(status: number): void {
    this.writePending = false
    if (this.destroyed) {
      this.#releaseWaiting()
      return
    }
    if (status < 0) {
      this.#fail(status, 'write')
      return
    }
    if (this.#waiting !== null) {
      this.#sendWaiting()
      if (this.writePending || this.destroyed) return
    }
    if (this.#isEnding) {
      this.#shutdown()
      return
    }
    enterEvent()
    try {
      this.#events?.onDrain()
    } finally {
      leaveEvent()
    }
  }

  #sendWaiting(): void {
    const chunks: unknown[] = []
    for (const part of this.#waiting ?? []) chunks.push(part, typeof part === 'string' ? 'latin1' : 'buffer')
    const pinned = this.#waitingPins
    this.#waiting = null
    this.#waitingPins = null
    const outcome = this.#handle.writev(null, chunks, false)
    const error = typeof outcome === 'number' ? outcome : (state[lastWriteError] ?? 0)
    if (typeof outcome === 'number' || error !== 0) {
      for (const buffer of pinned ?? []) unpinLongBuffer(buffer)
      if (error !== 0) this.#fail(error, 'write')
      return
    }
    const hold = new WriteHold(this, chunks)
    hold.pinned = pinned
    this.#underWay(outcome, hold)
  }

  #releaseWaiting(): void {
    for (const buffer of this.#waitingPins ?? []) unpinLongBuffer(buffer)
    this.#waiting = null
    this.#waitingPins = null
  }

  end(): void {
    if (this.#isEnding || this.destroyed) return
    this.flush()
    this.#isEnding = true
    if (!this.writePending && !this.destroyed) this.#shutdown()
  }

  #shutdown(): void {
    const request = binding.newShutdown()
    request.tidegate = this
    request.oncomplete = onShutdown
    const status = this.#handle.shutdown(request)
    // 1: it was over at once.
    if (status === 1 || status === notConnected) queueMicrotask(() => this.ended())
    else if (status !== 0) this.#fail(status, 'shutdown')
  }

  /** For `onShutdown` alone: the end of the stream has been sent. */
  ended(): void {
    this.#isEnded = true
    if (this.#peerEnded) this.destroy()
  }

  destroy(reset = false): void {
    if (this.destroyed) return
    this.#updateReadingForClose()
    this.destroyed = true
    this.#dropQueued()
    if (!this.writePending) this.#releaseWaiting()
    // The system does not reset while it shuts down, and Node never closes a handle whose reset was refused.
    closeSocket(this.#socket, reset && (!this.#isEnding || this.#isEnded))
  }

  #updateReadingForClose(): void {
    if (this.#isReading) this.#handle.readStop()
    this.#isReading = false
  }

  #fail(status: number, call: string): void {
    if (this.destroyed) return
    const code = getSystemErrorName(status)
    this.#error = Object.assign(new Error(`${call} ${code}: ${getSystemErrorMessage(status) ?? code}`), {
      errno: status,
      code,
      syscall: call,
    })
    this.destroy()
  }

  #closed(): void {
    this.destroyed = true
    this.#isClosed = true
    this.#isReading = false
    if (this.#long !== null) returnLongBuffer(this.#long)
    this.#long = null
    delete this.#handle.tidegate
    const events = this.#events
    if (events === null) return
    this.#events = closedEvents
    enterEvent()
    try {
      events.onClose(this.#error)
    } finally {
      leaveEvent()
    }
  }
}

/** For transports that are gone. */
const closedEvents: TransportEvents = { onData: ignore, onEnd: ignore, onDrain: ignore, onClose: ignore }

function ignore(): void {}

function onRead(this: StreamHandle): Uint8Array | undefined {
  const transport = this.tidegate
  if (!(transport instanceof HandleTransport)) return undefined
  return transport.read(state[readBytesOrError] ?? 0)
}

function onWritten(this: WriteRequest, status: number): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each request that is under way holds what it writes.
  const hold = this.tidegate as WriteHold
  this.tidegate = undefined
  if (hold.copy !== null) returnCopy(hold.copy)
  if (hold.pinned !== null) for (const buffer of hold.pinned) unpinLongBuffer(buffer)
  hold.transport.written(status)
}

function onShutdown(this: ShutdownRequest): void {
  if (this.tidegate instanceof HandleTransport) this.tidegate.ended()
}
