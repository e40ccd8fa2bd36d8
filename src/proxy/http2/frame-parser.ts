/** Cuts what comes in into frames. Whole frames are looked at where they lie; only one that is cut by the end of a read is copied. */
import { frameHeadBytes, readUint31 } from './frames.ts'

/** A parser of frames; the fields below belong to the frame that `next` found last. */
export class FrameParser {
  type = 0
  flags = 0
  streamId = 0
  /** Where the payload lies: `bytes` from `from` to `to`. */
  bytes: Buffer = Buffer.alloc(0)
  from = 0
  to = 0
  /** True once a frame was larger than may be: nothing behind it can be read. */
  isTooLarge = false
  readonly #payloadBytesMax: number
  #input: Buffer = Buffer.alloc(0)
  #place = 0
  /** The beginning of a frame whose rest has not come. */
  #carried: Buffer | null = null
  #carriedBytes = 0

  constructor(payloadBytesMax: number) {
    this.#payloadBytesMax = payloadBytesMax
  }

  /** Bytes of a frame whose rest has not come. */
  get buffered(): number {
    return this.#carriedBytes
  }

  /** Takes a chunk, which must stay as it is until `next` has said false. */
  push(chunk: Buffer): void {
    this.#input = chunk
    this.#place = 0
  }

  /** Finds the next frame; false when there is none, or it is too large. */
  next(): boolean {
    if (this.#carried !== null) return this.#completeCarried(this.#carried)
    const input = this.#input
    const start = this.#place
    const left = input.length - start
    if (left < frameHeadBytes) return this.#carry(left, frameHeadBytes)
    const length = (input[start]! << 16) | (input[start + 1]! << 8) | input[start + 2]!
    if (length > this.#payloadBytesMax) return this.#refuse()
    if (left < frameHeadBytes + length) return this.#carry(left, frameHeadBytes + length)
    this.#place = start + frameHeadBytes + length
    this.#found(input, start, length)
    return true
  }

  #found(bytes: Buffer, start: number, length: number): void {
    this.bytes = bytes
    this.type = bytes[start + 3]!
    this.flags = bytes[start + 4]!
    this.streamId = readUint31(bytes, start + 5)
    this.from = start + frameHeadBytes
    this.to = start + frameHeadBytes + length
  }

  /** Keeps the beginning of a frame of so many bytes in memory of its own. */
  #carry(left: number, whole: number): boolean {
    if (left > 0) {
      const carried = Buffer.allocUnsafe(whole)
      this.#input.copy(carried, 0, this.#place)
      this.#carried = carried
      this.#carriedBytes = left
      this.#place = this.#input.length
    }
    return false
  }

  #completeCarried(started: Buffer): boolean {
    let carried = started
    this.#fill(carried)
    if (this.#carriedBytes < carried.length) return false
    const length = (carried[0]! << 16) | (carried[1]! << 8) | carried[2]!
    if (length > this.#payloadBytesMax) return this.#refuse()
    const whole = frameHeadBytes + length
    if (carried.length < whole) {
      const larger = Buffer.allocUnsafe(whole)
      carried.copy(larger)
      carried = larger
      this.#carried = larger
      this.#fill(carried)
      if (this.#carriedBytes < whole) return false
    }
    this.#carried = null
    this.#carriedBytes = 0
    this.#found(carried, 0, length)
    return true
  }

  #fill(carried: Buffer): void {
    const count = Math.min(carried.length - this.#carriedBytes, this.#input.length - this.#place)
    this.#input.copy(carried, this.#carriedBytes, this.#place, this.#place + count)
    this.#carriedBytes += count
    this.#place += count
  }

  #refuse(): false {
    this.isTooLarge = true
    return false
  }
}
