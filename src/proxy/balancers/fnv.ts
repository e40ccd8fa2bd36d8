/**
 * FNV-1 and FNV-1a hashes of 64 bits (Fowler, Noll, Vo) over strings of one byte per character, without BigInt: the state is two halves of 32
 * bits, and the prime 2^40 + 0x1b3 makes the multiplication a few 32-bit ones.
 */

const offsetHigh = 0xcbf29ce4
const offsetLow = 0x84222325
const primeLow = 0x1b3

/** A hash that goes on where it stopped. */
export class Fnv64 {
  high = offsetHigh
  low = offsetLow

  /** Forgets everything. */
  reset(): this {
    this.high = offsetHigh
    this.low = offsetLow
    return this
  }

  /** Continues with bytes in the order of FNV-1a. */
  add1a(text: string): this {
    for (let index = 0; index < text.length; index += 1) {
      this.low = (this.low ^ text.charCodeAt(index)) >>> 0
      this.#multiply()
    }
    return this
  }

  /** Continues with bytes in the order of FNV-1. */
  add1(text: string): this {
    for (let index = 0; index < text.length; index += 1) {
      this.#multiply()
      this.low = (this.low ^ text.charCodeAt(index)) >>> 0
    }
    return this
  }

  /** The value divided by 2^64. */
  fraction(): number {
    return (this.high + this.low / 0x1_0000_0000) / 0x1_0000_0000
  }

  /** The value in hexadecimal digits, without leading zeros. */
  hex(): string {
    if (this.high === 0) return this.low.toString(16)
    return this.high.toString(16) + this.low.toString(16).padStart(8, '0')
  }

  #multiply(): void {
    // (high·2^32 + low) · (2^40 + 0x1b3) mod 2^64; low is split so that no product exceeds 2^53.
    const lowProduct = this.low * primeLow
    const carry = Math.floor(lowProduct / 0x1_0000_0000)
    const high = Math.imul(this.high, primeLow) + carry + (this.low << 8)
    this.low = lowProduct >>> 0
    this.high = high >>> 0
  }
}
