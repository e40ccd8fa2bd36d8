/**
 * The body of a grpc-web-text request: Base64, in pieces that may each be padded, cut anywhere into chunks. At most three characters wait for the
 * rest of their group.
 */
import type { BodyConsumer, BodySource } from '../../../http/body.ts'
import type { HeaderList } from '../../../http/header-list.ts'
import type { Reason } from '../../../http/reasons.ts'

/** Value of each character; -1 for those that are not of Base64. */
const values = new Int8Array(256).fill(-1)
const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1')
for (const [index, code] of alphabet.entries()) values[code] = index
const padding = 61

/** Decodes Base64 that comes in pieces. */
export class Base64Decoder {
  #bits = 0
  /** Characters of the group under way, padding included. */
  #count = 0
  #pads = 0

  /** Bytes of the whole groups so far; null when it is not Base64. */
  decode(chunk: Uint8Array): Buffer | null {
    const out = Buffer.allocUnsafe(Math.ceil((chunk.length * 3) / 4) + 3)
    let length = 0
    for (const code of chunk) {
      const value = values[code]!
      if (code === padding) {
        if (this.#count < 2) return null
        this.#pads += 1
      } else if (value < 0 || this.#pads > 0) {
        return null
      }
      this.#bits = (this.#bits << 6) | (code === padding ? 0 : value)
      this.#count += 1
      if (this.#count < 4) continue
      out[length] = (this.#bits >> 16) & 0xff
      if (this.#pads < 2) out[length + 1] = (this.#bits >> 8) & 0xff
      if (this.#pads < 1) out[length + 2] = this.#bits & 0xff
      length += 3 - this.#pads
      this.#bits = 0
      this.#count = 0
      this.#pads = 0
    }
    return out.subarray(0, length)
  }

  /** Whether no group is under way. */
  get isComplete(): boolean {
    return this.#count === 0
  }
}

/** A body that is decoded on its way. */
export class Base64Body implements BodySource, BodyConsumer {
  readonly length = -1
  readonly #source: BodySource
  readonly #decoder = new Base64Decoder()
  #consumer: BodyConsumer | null = null
  #isBroken = false

  constructor(source: BodySource) {
    this.#source = source
  }

  get ended(): boolean {
    return this.#isBroken || this.#source.ended
  }

  start(consumer: BodyConsumer): void {
    this.#consumer = consumer
    this.#source.start(this)
  }

  pause(): void {
    this.#source.pause()
  }

  resume(): void {
    this.#source.resume()
  }

  discard(): void {
    this.#source.discard()
  }

  onBodyChunk(chunk: Buffer): void {
    if (this.#isBroken) return
    const bytes = this.#decoder.decode(chunk)
    if (bytes === null) this.#break()
    else if (bytes.length > 0) this.#consumer?.onBodyChunk(bytes)
  }

  onBodyEnd(trailers: HeaderList | null): void {
    if (this.#isBroken) return
    if (this.#decoder.isComplete) this.#consumer?.onBodyEnd(trailers)
    else this.#break()
  }

  onBodyError(reason: Reason): void {
    if (!this.#isBroken) this.#consumer?.onBodyError(reason)
  }

  #break(): void {
    this.#isBroken = true
    if (!this.#source.ended) this.#source.discard()
    this.#consumer?.onBodyError('bad_request')
  }
}
