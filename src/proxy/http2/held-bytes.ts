/**
 * Bytes that the streams of a worker hold: parts of answers for which a window is closed, and parts of requests that nobody takes. Each stream's
 * share is small, but streams are many and cost a peer nothing. Over the limit the connection that holds most is ended.
 */

/** A connection that holds bytes. */
export interface Holder {
  readonly heldBytes: number
  /** Ends the connection, after which it holds nothing. */
  shed(): void
}

/** The bytes held by all connections of a worker. */
export class HeldBytes {
  readonly #bytesMax: number
  readonly #holders = new Set<Holder>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  /** A holder, which has counted them already, holds so many bytes more. */
  add(holder: Holder, count: number): void {
    this.#holders.add(holder)
    this.#bytes += count
    while (this.#bytes > this.#bytesMax) {
      const largest = this.#largest()
      if (largest === null) return
      largest.shed()
      this.#holders.delete(largest)
    }
  }

  /** A holder, which has taken them off already, holds so many bytes less. */
  remove(holder: Holder, count: number): void {
    this.#bytes -= count
    if (holder.heldBytes === 0) this.#holders.delete(holder)
  }

  #largest(): Holder | null {
    let largest: Holder | null = null
    for (const holder of this.#holders) if (largest === null || holder.heldBytes > largest.heldBytes) largest = holder
    return largest
  }
}
