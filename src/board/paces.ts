/**
 * How fast bytes may flow, exact over all workers: for each key the time when all that has flowed is paid for, in memory that all share. Bytes pass at once
 * and whoever sent them waits until the time has come, so that a pace is kept on average whatever the sizes of the pieces.
 */

/** Keys that have an entry at a time; those beyond share entries with others, and so get less. */
const entries = 4096
/** Entries that a key may be in, from the one that it hashes to. */
const windowEntries = 16
/** Longest debt in milliseconds: a wall clock that is set back must not stop anybody for longer. */
const debtMsMax = 120_000
/** Directions, each with times of its own. */
const directions = 2

/** A pace. */
export interface Pace {
  /** Lets bytes flow; the milliseconds until more may follow. */
  debit(bytes: number): number
}

/** A rate with the bytes that may flow at once. */
export interface PaceRate {
  readonly bytesPerSecond: number
  readonly burstBytes: number
}

/** The time after bytes have flowed; all in microseconds. */
function timeAfter(paidUs: number, nowUs: number, rate: PaceRate, bytes: number): number {
  const usPerByte = 1_000_000 / rate.bytesPerSecond
  const earliestUs = nowUs - rate.burstBytes * usPerByte
  const from = paidUs > nowUs + debtMsMax * 1000 || paidUs < earliestUs ? earliestUs : paidUs
  return from + bytes * usPerByte
}

/** The pace of one connection, which belongs to one worker. */
export class OwnPace implements Pace {
  readonly #rate: PaceRate
  readonly #nowMs: () => number
  #paidUs = Number.NEGATIVE_INFINITY

  constructor(rate: PaceRate, nowMs: () => number) {
    this.#rate = rate
    this.#nowMs = nowMs
  }

  debit(bytes: number): number {
    const nowUs = this.#nowMs() * 1000
    this.#paidUs = timeAfter(this.#paidUs, nowUs, this.#rate, bytes)
    return Math.max(0, (this.#paidUs - nowUs) / 1000)
  }
}

/** The paces of one direction in a table that all workers share. `nowMs` is wall time, which is the same for all of them. */
export class SharedPaces {
  readonly #keys: Int32Array
  readonly #times: BigInt64Array
  readonly #rate: PaceRate
  readonly #nowMs: () => number

  constructor(memory: SharedArrayBuffer, direction: 0 | 1, rate: PaceRate, nowMs: () => number) {
    this.#times = new BigInt64Array(memory, direction * entries * 8, entries)
    this.#keys = new Int32Array(memory, directions * entries * 8, entries)
    this.#rate = rate
    this.#nowMs = nowMs
  }

  /** The pace of a key. */
  of(text: string): Pace {
    const key = keyOf(text)
    return { debit: (bytes) => this.#debit(key, bytes) }
  }

  #debit(key: number, bytes: number): number {
    const nowUs = Math.floor(this.#nowMs() * 1000)
    const entry = this.#entryOf(key, nowUs)
    for (;;) {
      const before = Atomics.load(this.#times, entry)
      const after = Math.ceil(timeAfter(Number(before), nowUs, this.#rate, bytes))
      if (Atomics.compareExchange(this.#times, entry, before, BigInt(after)) === before) return Math.max(0, (after - nowUs) / 1000)
    }
  }

  /** The entry of a key: its own, or one whose owner has nothing to pay, or else one that it shares. */
  #entryOf(key: number, nowUs: number): number {
    const first = (Math.imul(key, 0x9e3779b1) >>> 16) % entries
    let free = -1
    for (let step = 0; step < windowEntries; step += 1) {
      const entry = (first + step) % entries
      const owner = Atomics.load(this.#keys, entry)
      if (owner === key) return entry
      if (free < 0 && (owner === 0 || this.#isIdle(entry, nowUs))) free = entry
    }
    if (free < 0) return first
    const owner = Atomics.load(this.#keys, free)
    // When another worker is faster its key has the entry now, and this one shares it for once.
    Atomics.compareExchange(this.#keys, free, owner, key)
    return free
  }

  /** Whether the burst is full again, so that nobody loses a debt with the entry. */
  #isIdle(entry: number, nowUs: number): boolean {
    const burstUs = (this.#rate.burstBytes * 1_000_000) / this.#rate.bytesPerSecond
    return Number(Atomics.load(this.#times, entry)) <= nowUs - burstUs
  }
}

/** FNV-1a of a text, never 0. */
function keyOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash | 0 || 1
}
