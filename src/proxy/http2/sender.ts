/**
 * The sending half of a connection: field blocks in order, data within the windows, the most urgent first (RFC 9113 §5.2, RFC 9218). What a closed
 * window holds back is copied, and the producer stopped.
 */
import type { HeaderList } from '../http/header-list.ts'
import { returnLongBuffer, takeLongBuffer } from '../transport/read-buffers.ts'
import type { Transport } from '../transport/transport.ts'
import {
  frameBytesDefault,
  frameFlag,
  frameHead,
  frameHeadBytes,
  frameType,
  headersFrames,
  windowBytesDefault,
  windowBytesMax,
} from './frames.ts'
import type { HeldBytes, Holder } from './held-bytes.ts'
import { HpackEncoder } from './hpack-encoder.ts'
import type { Http2Stream } from './stream.ts'

/** Where frames go. */
export type FrameOutput = Pick<Transport, 'writeText' | 'write' | 'flush' | 'writePending'>

/** The sending half. */
export abstract class FrameSender implements Holder {
  readonly output: FrameOutput
  readonly encoder: HpackEncoder
  /** Bytes held for streams of this connection. */
  heldBytes = 0
  /** Bytes written while others already waited for the peer to read, until all of them have left. */
  waitingBytes = 0
  /** What the peer takes on the whole connection, in bytes. */
  protected sendWindow = windowBytesDefault
  /** What it takes on a new stream, in bytes. */
  protected streamSendWindow = windowBytesDefault
  /** Largest payload that it takes, in bytes. */
  protected frameBytesMax = frameBytesDefault
  readonly #held: HeldBytes
  /** Streams with something to send, or with a producer that waits. */
  #waiting: Http2Stream[] = []

  constructor(output: FrameOutput, encoderTableBytes: number, held: HeldBytes) {
    this.output = output
    this.encoder = new HpackEncoder(encoderTableBytes)
    this.#held = held
  }

  /** Too much is held in this worker, and by this connection more than by others. */
  abstract shed(): void

  /** The last frame of a stream has been sent. */
  protected abstract onLocalEnd(stream: Http2Stream): void
  /** A frame of data is being sent. */
  protected abstract onDataSent(): void

  /** Sends a field block. */
  sendFields(stream: Http2Stream, block: string, isEnd: boolean): void {
    if (stream.isGone || stream.localEnded) return
    this.writeFrames(headersFrames(stream.id, block, isEnd, this.frameBytesMax))
    if (isEnd) this.#ended(stream)
  }

  /** Writes whole frames. */
  protected writeFrames(text: string): void {
    if (this.output.writePending) this.waitingBytes += text.length
    this.output.writeText(text)
  }

  /** Sends a chunk that is valid during this call, with the end of the stream when `isEnd`. False asks to stop until `onWritable`. */
  sendData(stream: Http2Stream, chunk: Uint8Array, isEnd: boolean): boolean {
    if (stream.isGone || stream.localEnded) return true
    const length = chunk.length
    let sent = 0
    if (stream.queuedBytes === 0 && !this.output.writePending) {
      sent = Math.max(0, Math.min(this.sendWindow, stream.sendWindow, length))
      if (sent > 0) this.#emit(stream, sent === length ? chunk : chunk.subarray(0, sent), isEnd && sent === length)
      if (sent === length) {
        if (isEnd) {
          this.#ended(stream)
          return true
        }
        if (!this.output.writePending) return true
        this.#wait(stream)
        return false
      }
    }
    if (isEnd) stream.endsWhenSent = true
    this.#wait(stream)
    this.#keep(stream, Buffer.from(sent === 0 ? chunk : chunk.subarray(sent)))
    return false
  }

  /** Sends a small body held as text, one character a byte. */
  sendText(stream: Http2Stream, text: string, isEnd: boolean): void {
    if (stream.isGone || stream.localEnded) return
    const { length } = text
    if (stream.queuedBytes > 0 || length > this.sendWindow || length > stream.sendWindow || length > this.frameBytesMax) {
      this.sendData(stream, Buffer.from(text, 'latin1'), isEnd)
      return
    }
    this.sendWindow -= length
    stream.sendWindow -= length
    this.onDataSent()
    this.writeFrames(frameHead(length, frameType.data, isEnd ? frameFlag.endStream : 0, stream.id) + text)
    if (isEnd) this.#ended(stream)
  }

  /** Ends a stream behind what is queued, with trailers when there are some. */
  sendEnd(stream: Http2Stream, trailers: HeaderList | null): void {
    if (stream.isGone || stream.localEnded) return
    if (stream.queuedBytes > 0) {
      stream.endsWhenSent = true
      stream.endTrailers = trailers
      return
    }
    const block = trailers === null ? '' : this.#trailerBlock(trailers)
    this.writeFrames(
      block === ''
        ? frameHead(0, frameType.data, frameFlag.endStream, stream.id)
        : headersFrames(stream.id, block, true, this.frameBytesMax),
    )
    this.#ended(stream)
  }

  /** Sends what windows and connection allow now, and asks producers for more. */
  pump(): void {
    const waiting = this.#waiting
    if (waiting.length === 0 || this.output.writePending) return
    this.#waiting = []
    if (waiting.length > 1) waiting.sort(byUrgency)
    const served: Http2Stream[] = []
    for (const stream of waiting) {
      stream.isWaiting = false
      if (stream.isGone) continue
      if (this.output.writePending) {
        this.#putBack(this.#waiting, stream)
        continue
      }
      this.#serve(stream)
      // Who takes turns goes behind those that were not served.
      if (needsService(stream)) this.#putBack(stream.isIncremental ? served : this.#waiting, stream)
    }
    for (const stream of served) this.#waiting.push(stream)
  }

  #putBack(list: Http2Stream[], stream: Http2Stream): void {
    if (stream.isWaiting) return
    stream.isWaiting = true
    list.push(stream)
  }

  /** The window of one stream has opened. */
  protected streamWindowOpened(stream: Http2Stream): void {
    if (stream.isWaiting && !this.output.writePending) this.#serve(stream)
  }

  /** Opens the window of the connection; false when it would be larger than windows may be. */
  protected openWindow(increment: number): boolean {
    this.sendWindow += increment
    return this.sendWindow <= windowBytesMax
  }

  /** Counts bytes that are held for a stream. */
  hold(count: number): void {
    this.heldBytes += count
    this.#held.add(this, count)
  }

  /** Counts bytes that are not held any more. */
  release(count: number): void {
    if (count === 0) return
    this.heldBytes -= count
    this.#held.remove(this, count)
  }

  /** Forgets what waits for a stream that is gone. */
  protected dropQueue(stream: Http2Stream): void {
    this.release(stream.queuedBytes)
    stream.queue = null
    stream.queuedBytes = 0
    stream.wantsDrain = false
    if (!stream.isWaiting) return
    stream.isWaiting = false
    const index = this.#waiting.indexOf(stream)
    if (index >= 0) this.#waiting.splice(index, 1)
  }

  #serve(stream: Http2Stream): void {
    while (stream.queuedBytes > 0) {
      const allowed = Math.min(this.sendWindow, stream.sendWindow)
      if (allowed <= 0 || this.output.writePending) return
      this.#sendQueued(stream, allowed)
    }
    if (stream.endsWhenSent) {
      if (!stream.localEnded) this.sendEnd(stream, stream.endTrailers)
      return
    }
    if (!stream.wantsDrain || this.output.writePending || this.sendWindow <= 0 || stream.sendWindow <= 0) return
    stream.wantsDrain = false
    stream.onWritable()
  }

  #sendQueued(stream: Http2Stream, allowed: number): void {
    const queue = stream.queue!
    const chunk = queue[0]!
    const count = Math.min(allowed, chunk.length)
    if (count === chunk.length) queue.shift()
    else queue[0] = chunk.subarray(count)
    stream.queuedBytes -= count
    this.release(count)
    const isEnd = stream.endsWhenSent && stream.queuedBytes === 0 && stream.endTrailers === null
    this.#emit(stream, count === chunk.length ? chunk : chunk.subarray(0, count), isEnd)
    if (isEnd) this.#ended(stream)
  }

  #keep(stream: Http2Stream, chunk: Buffer): void {
    if (stream.queue === null) stream.queue = [chunk]
    else stream.queue.push(chunk)
    stream.queuedBytes += chunk.length
    this.hold(chunk.length)
  }

  #wait(stream: Http2Stream): void {
    stream.wantsDrain = true
    if (stream.isWaiting) return
    stream.isWaiting = true
    this.#waiting.push(stream)
  }

  #ended(stream: Http2Stream): void {
    stream.localEnded = true
    stream.wantsDrain = false
    this.onLocalEnd(stream)
  }

  #trailerBlock(trailers: HeaderList): string {
    let block = ''
    const { keys, values } = trailers
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index]!
      if (key !== '') block += this.encoder.field(key, values[index]!)
    }
    return block === '' ? '' : this.encoder.start() + block
  }

  #emit(stream: Http2Stream, chunk: Uint8Array, isEnd: boolean): void {
    const count = chunk.length
    this.sendWindow -= count
    stream.sendWindow -= count
    this.onDataSent()
    const { output, frameBytesMax } = this
    if (count <= frameBytesMax) {
      output.writeText(frameHead(count, frameType.data, isEnd ? frameFlag.endStream : 0, stream.id))
      output.write(chunk)
      return
    }
    for (let place = 0; place < count;) place += this.#emitFrames(stream, chunk, place, isEnd)
  }

  /** Sends many frames in one write, put together in a buffer lent for that; tells how many bytes of the chunk that were. */
  #emitFrames(stream: Http2Stream, chunk: Uint8Array, from: number, isEnd: boolean): number {
    const to = chunk.length
    const { output, frameBytesMax } = this
    const lent = takeLongBuffer()
    if (lent === null || lent.bytes.length < frameBytesMax + frameHeadBytes) {
      if (lent !== null) returnLongBuffer(lent)
      const end = Math.min(from + frameBytesMax, to)
      output.writeText(frameHead(end - from, frameType.data, isEnd && end === to ? frameFlag.endStream : 0, stream.id))
      output.write(chunk.subarray(from, end))
      return end - from
    }
    const { bytes } = lent
    let filled = 0
    let place = from
    while (place < to) {
      const length = Math.min(frameBytesMax, to - place, bytes.length - filled - frameHeadBytes)
      if (length <= 0) break
      const flags = isEnd && place + length === to ? frameFlag.endStream : 0
      bytes.write(frameHead(length, frameType.data, flags, stream.id), filled, 'latin1')
      bytes.set(chunk.subarray(place, place + length), filled + frameHeadBytes)
      filled += frameHeadBytes + length
      place += length
    }
    output.write(bytes.subarray(0, filled))
    // The transport keeps track of what still refers to the buffer once it has been handed to the system.
    output.flush()
    returnLongBuffer(lent)
    return place - from
  }
}

/** Whether a stream has something to send, or a producer to wake. */
function needsService(stream: Http2Stream): boolean {
  return !stream.isGone && !stream.localEnded && (stream.queuedBytes > 0 || stream.wantsDrain)
}

function byUrgency(one: Http2Stream, other: Http2Stream): number {
  return one.urgency - other.urgency
}
