/** Where frames of a WebSocket begin and end (RFC 6455 §5.2), so that a close frame can be put between two of them; nothing else is looked at. */
import { randomInt } from 'node:crypto'

/** Bits and codes of the first two bytes. */
const opcodeMask = 0x0f
const closeOpcode = 8
const maskBit = 0x80
const lengthMask = 0x7f

/** The server goes away, or the endpoint is no longer there (RFC 6455 §7.4.1). */
export const goingAway = 1001

/** Makes a key that nobody can foresee, for a frame to a server. */
export function newMaskKey(): number {
  return randomInt(2 ** 32)
}

/** Follows one direction of a WebSocket. */
export class FrameScanner {
  /** A close frame has begun: no other may follow it. */
  closeSeen = false
  /** Bytes of the frame's head that are there, and that there will be. */
  #headBytes = 0
  #headLength = 2
  #opcode = 0
  /** Bytes of the length that are still to come. */
  #lengthBytes = 0
  /** Payload of the frame whose head is being read, in bytes. */
  #payload = 0
  /** Payload that is still to come, in bytes. */
  #left = 0

  /** Whether the next byte begins a frame. */
  get isBetweenFrames(): boolean {
    return this.#headBytes === 0 && this.#left === 0
  }

  /** Follows what passes; with `toBoundary` no further than to the end of the frame under way. Tells how many bytes were looked at. */
  scan(chunk: Uint8Array, toBoundary = false): number {
    const { length } = chunk
    let at = 0
    while (at < length) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, length - at)
        this.#left -= passed
        at += passed
      } else {
        this.#takeHead(chunk[at]!)
        at += 1
      }
      if (toBoundary && this.isBetweenFrames) break
    }
    return at
  }

  #takeHead(byte: number): void {
    const place = this.#headBytes
    this.#headBytes += 1
    if (place === 0) {
      this.#opcode = byte & opcodeMask
      return
    }
    if (place === 1) {
      const length = byte & lengthMask
      this.#lengthBytes = length === 127 ? 8 : length === 126 ? 2 : 0
      this.#headLength = 2 + this.#lengthBytes + ((byte & maskBit) === 0 ? 0 : 4)
      this.#payload = this.#lengthBytes === 0 ? length : 0
    } else if (place < 2 + this.#lengthBytes) {
      // Above 2^53 it is not exact, and no stream is that long.
      this.#payload = this.#payload * 256 + byte
    }
    if (this.#headBytes < this.#headLength) return
    if (this.#opcode === closeOpcode) this.closeSeen = true
    this.#headBytes = 0
    this.#headLength = 2
    this.#left = this.#payload
  }
}

/** A close frame without a reason; clients mask theirs, with a key that nobody can foresee (RFC 6455 §5.3). */
export function closeFrame(code: number, maskKey: number | null): Buffer {
  if (maskKey === null) return Buffer.from([0x88, 2, code >> 8, code & 0xff])
  const key = Buffer.alloc(4)
  key.writeUInt32BE(maskKey >>> 0)
  return Buffer.from([0x88, 0x82, ...key, (code >> 8) ^ key[0]!, (code & 0xff) ^ key[1]!])
}
