/**
 * HalfSipHash-1-3 with 64 bits of key and result: for tables whose keys come from clients. Nobody who does not know the key can choose texts that
 * collide. The result stands in `low` and `high`, so that hashing allocates nothing.
 */

/** A hash in the making; one a table, used for one text after the other. */
export class HalfSipHash {
  /** The result of `finish`. */
  low = 0
  high = 0
  readonly #key0: number
  readonly #key1: number
  #v0 = 0
  #v1 = 0
  #v2 = 0
  #v3 = 0
  #length = 0

  /** Two secret words. */
  constructor(key0: number, key1: number) {
    this.#key0 = key0 | 0
    this.#key1 = key1 | 0
  }

  /** Begins a hash. */
  start(): void {
    this.#v0 = this.#key0
    this.#v1 = this.#key1 ^ 0xee
    this.#v2 = 0x6c796765 ^ this.#key0
    this.#v3 = 0x74656462 ^ this.#key1
    this.#length = 0
  }

  /** Takes a text and its length, so that texts cannot run into each other. */
  add(text: string): void {
    const { length } = text
    let index = 0
    for (; index + 1 < length; index += 2) this.#word(text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16))
    if (index < length) this.#word(text.charCodeAt(index))
    this.#word(length)
  }

  /** Ends the hash. */
  finish(): void {
    this.#word(this.#length)
    this.#v2 ^= 0xee
    this.#round()
    this.#round()
    this.#round()
    this.low = this.#v1 ^ this.#v3
    this.#v1 ^= 0xdd
    this.#round()
    this.#round()
    this.#round()
    this.high = this.#v1 ^ this.#v3
  }

  #word(word: number): void {
    this.#length += 1
    this.#v3 ^= word
    this.#round()
    this.#v0 ^= word
  }

  #round(): void {
    let v0 = this.#v0
    let v1 = this.#v1
    let v2 = this.#v2
    let v3 = this.#v3
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    this.#v0 = v0
    this.#v1 = v1
    this.#v2 = v2
    this.#v3 = v3
  }
}
