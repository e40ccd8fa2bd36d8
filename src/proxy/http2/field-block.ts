/** A field block that comes in several frames (RFC 9113 §4.3): HEADERS and CONTINUATION, with nothing in between. */

/** Puts the parts of blocks together, one block at a time. */
export class FieldBlock {
  /** Stream of the block under way; 0 for none. */
  streamId = 0
  /** Flags of its HEADERS frame. */
  flags = 0
  readonly #bytesMax: number
  readonly #partsMax: number
  #parts: Buffer[] = []
  #bytes = 0

  constructor(bytesMax: number, partsMax: number) {
    this.#bytesMax = bytesMax
    this.#partsMax = partsMax
  }

  /** Begins a block. */
  begin(streamId: number, flags: number): void {
    this.streamId = streamId
    this.flags = flags
  }

  /** Copies a part; false when the block is longer than any that is meant. */
  add(part: Buffer): boolean {
    this.#parts.push(Buffer.from(part))
    this.#bytes += part.length
    return this.#bytes <= this.#bytesMax && this.#parts.length <= this.#partsMax
  }

  /** The whole block, which is over with that. */
  finish(): Buffer {
    const block = Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    this.streamId = 0
    return block
  }
}
