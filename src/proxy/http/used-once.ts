/**
 * What must not be used twice, over all workers: nonces with their counts, signatures. A table in shared memory; what falls out of it is the oldest
 * of its bucket, and from then on nothing as old or older gets in, so that forgetting never lets anything be used again.
 */
import { randomFillSync } from 'node:crypto'
import { nonceBucketEntries, nonceBucketWords, nonceEntryWords, nonceSecretWords } from '../../config/routing/nonce-memory.ts'

/** Outcome of using something. */
export type Use = 'fresh' | 'used' | 'forgotten'

interface Using {
  readonly tag: number
  readonly timeS: number
  readonly count: number
}

const unset = 0
const making = 1
const made = 2

/** A table over memory of `nonceBytes` or a multiple of its buckets, which all workers share. */
export class UsedOnce {
  readonly #words: Int32Array
  readonly #buckets: number
  /** Secret that all workers share, of 32 bytes. */
  readonly secret: Buffer

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
    this.#buckets = Math.floor((this.#words.length - nonceSecretWords) / nonceBucketWords)
    this.secret = this.#makeSecret()
  }

  /**
   * Uses `tag` for the `count`th time (from 1): fresh when no such or later count was used before. `timeS` is when the tag was made, in seconds;
   * the same for each use of it.
   */
  use(tag: number, timeS: number, count: number): Use {
    const words = this.#words
    const start = nonceSecretWords + (Math.abs(tag) % this.#buckets) * nonceBucketWords
    // Held for some nanoseconds, and never over anything that waits or throws.
    while (Atomics.compareExchange(words, start, 0, 1) !== 0);
    const result = useInBucket(words, start, { tag, timeS, count })
    Atomics.store(words, start, 0)
    return result
  }

  #makeSecret(): Buffer {
    const words = this.#words
    if (Atomics.compareExchange(words, 0, unset, making) === unset) {
      const secret = new Int32Array(nonceSecretWords - 1)
      randomFillSync(secret)
      words.set(secret, 1)
      Atomics.store(words, 0, made)
      Atomics.notify(words, 0)
    }
    while (Atomics.load(words, 0) !== made);
    return Buffer.from(words.slice(1, nonceSecretWords).buffer)
  }
}

function useInBucket(words: Int32Array, start: number, { tag, timeS, count }: Using): Use {
  const forgottenS = words[start + 1]!
  let oldest = start + 2
  for (let index = 0; index < nonceBucketEntries; index += 1) {
    const entry = start + 2 + index * nonceEntryWords
    if (words[entry] === tag && words[entry + 1] === timeS && words[entry + 2] !== 0) {
      if (words[entry + 2]! >= count) return 'used'
      words[entry + 2] = count
      return 'fresh'
    }
    if (words[entry + 1]! < words[oldest + 1]!) oldest = entry
  }
  if (timeS <= forgottenS) return 'forgotten'
  if (words[oldest + 2] !== 0) {
    // Older than all that is kept: it would be the first to go.
    if (timeS <= words[oldest + 1]!) return 'forgotten'
    words[start + 1] = words[oldest + 1]!
  }
  words[oldest] = tag
  words[oldest + 1] = timeS
  words[oldest + 2] = count
  return 'fresh'
}
