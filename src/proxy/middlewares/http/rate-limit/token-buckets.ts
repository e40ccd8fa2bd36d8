/**
 * Token buckets of many sources in memory that all workers share. Of a bucket only one number is kept: the moment at which it will be full again. A
 * request that is let through moves it on by the time in which a token grows, in one atomic step; so nothing is counted twice, a request that is
 * refused changes nothing, and a bucket that is full needs no entry.
 */
import { createHash } from 'node:crypto'
import { HalfSipHash } from '../../../../std/half-sip-hash.ts'
import type { Limit } from './limit.ts'

/** Entries that a source may be in, from the one that its key hashes to. */
const windowEntries = 16
/** Longest time until a bucket is full, in nanoseconds, so that moments stay within 64 bits. */
const capacityNsMax = 2n ** 61n

/** Buckets as one worker sees them. */
export class TokenBuckets {
  readonly #cells: BigInt64Array
  readonly #entries: number
  readonly #nowNs: () => bigint
  readonly #intervalNs: bigint
  /** From here on in the future a bucket lacks a token. */
  readonly #spareNs: bigint
  readonly #maxDelayNs: bigint
  readonly #hash: HalfSipHash
  readonly #words = new Int32Array(2)
  readonly #key = new BigInt64Array(this.#words.buffer)
  /** Moment at which the bucket of the last `take` is full again, and the moment of that call. */
  #fullNs = 0n
  #takenNs = 0n

  /**
   * `memory` is a seed and then two cells of 64 bits for each source; `nowNs` must be alike in all workers, `random` uniform in [0, 1). Buckets of one
   * limit are never those of another.
   */
  constructor(memory: SharedArrayBuffer, limit: Limit, nowNs: () => bigint, random: () => number) {
    this.#cells = new BigInt64Array(memory)
    this.#entries = (this.#cells.length - 1) >> 1
    this.#nowNs = nowNs
    this.#intervalNs = BigInt(Math.max(1, Math.round(limit.intervalNs)))
    const capacityNs = this.#intervalNs * BigInt(limit.burst)
    this.#spareNs = (capacityNs < capacityNsMax ? capacityNs : capacityNsMax) - this.#intervalNs
    this.#maxDelayNs = BigInt(Math.round(limit.maxDelayNs))
    const seed = seedOf(this.#cells, random)
    const limitHash = createHash('sha256').update(`${limit.intervalNs} ${limit.burst} ${limit.maxDelayNs}`).digest()
    this.#hash = new HalfSipHash(Number(BigInt.asIntN(32, seed)) ^ limitHash.readInt32LE(0), Number(seed >> 32n) ^ limitHash.readInt32LE(4))
  }

  /**
   * Takes a token of a source in its scope. The answer is how long the request has to wait for it in nanoseconds, mostly 0; when that is longer than
   * it may wait, the token stays, and the answer is the time with a minus.
   */
  take(scope: string, source: string): number {
    const key = this.#keyOf(scope, source)
    const cells = this.#cells
    for (;;) {
      const nowNs = this.#nowNs()
      const place = this.#placeOf(key, nowNs)
      const before = Atomics.load(cells, place + 1)
      const from = before > nowNs ? before : nowNs
      const waitNs = from - this.#spareNs - nowNs
      this.#takenNs = nowNs
      this.#fullNs = from
      if (waitNs > this.#maxDelayNs) return -Number(waitNs)
      const after = from + this.#intervalNs
      if (Atomics.compareExchange(cells, place + 1, before, after) !== before) continue
      if (Atomics.load(cells, place) === key) {
        this.#fullNs = after
        return waitNs > 0n ? Number(waitNs) : 0
      }
      // The entry, full and therefore free, went to another source meanwhile: what was taken there is given back.
      Atomics.sub(cells, place + 1, this.#intervalNs)
    }
  }

  /** Whole tokens that are left in the bucket of the last `take`. */
  get remaining(): number {
    const left = this.#spareNs + this.#intervalNs - (this.#fullNs - this.#takenNs)
    return left > 0n ? Number(left / this.#intervalNs) : 0
  }

  /** Nanoseconds until the bucket of the last `take` is full. */
  get fullInNs(): number {
    return Number(this.#fullNs - this.#takenNs)
  }

  #keyOf(scope: string, source: string): bigint {
    const hash = this.#hash
    hash.start()
    hash.add(scope)
    hash.add(source)
    hash.finish()
    this.#words[0] = hash.low
    this.#words[1] = hash.high
    return this.#key[0] || 1n
  }

  /** Cell of the entry of a key, which it may get now. */
  #placeOf(key: bigint, nowNs: bigint): number {
    const found = this.#find(key, windowEntries)
    if (found >= 0) return found
    const cells = this.#cells
    for (let step = 0; step < windowEntries; step += 1) {
      const place = this.#placeAt(step)
      const other = Atomics.load(cells, place)
      if (Atomics.load(cells, place + 1) > nowNs) continue
      const holder = Atomics.compareExchange(cells, place, other, key)
      if (holder === key) return place
      if (holder === other) return this.#settle(key, place, step)
    }
    return this.#oust(key)
  }

  /** Another worker may have given the key an earlier entry at the same time: that one counts. */
  #settle(key: bigint, place: number, step: number): number {
    const earlier = this.#find(key, step)
    if (earlier < 0) return place
    Atomics.compareExchange(this.#cells, place, key, 0n)
    return earlier
  }

  /** All entries that the key could have are of sources that use their limit: the one nearest to a full bucket gives way. */
  #oust(key: bigint): number {
    const cells = this.#cells
    let oldest = this.#placeAt(0)
    for (let step = 1; step < windowEntries; step += 1) {
      const place = this.#placeAt(step)
      if (Atomics.load(cells, place + 1) < Atomics.load(cells, oldest + 1)) oldest = place
    }
    Atomics.store(cells, oldest, key)
    Atomics.store(cells, oldest + 1, 0n)
    return oldest
  }

  #find(key: bigint, steps: number): number {
    for (let step = 0; step < steps; step += 1) {
      const place = this.#placeAt(step)
      if (Atomics.load(this.#cells, place) === key) return place
    }
    return -1
  }

  #placeAt(step: number): number {
    return 1 + 2 * (((this.#words[0]! >>> 0) + step) % this.#entries)
  }
}

/** The seed of the hashes, which the first worker that comes chooses. */
function seedOf(cells: BigInt64Array, random: () => number): bigint {
  const chosen = (BigInt(Math.floor(random() * 2 ** 31)) << 32n) | BigInt(1 + Math.floor(random() * (2 ** 32 - 1)))
  const before = Atomics.compareExchange(cells, 0, 0n, chosen)
  return before === 0n ? chosen : before
}
