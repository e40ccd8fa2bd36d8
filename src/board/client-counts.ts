/**
 * How many of something each client has, exact over all workers: a table of keys in cells, and for each entry one gauge a worker. So what a worker that
 * dies had counted goes with it. An entry whose count is nought is free for another client.
 */
import type { Board } from './board.ts'

/** Entries of a table. */
export const clientEntries = 4096
/** Entries that a client may be in, from the one that its key hashes to. */
const windowEntries = 16

/** The counts of one table, as one worker sees them. */
export class ClientCounts {
  readonly #board: Board
  readonly #cells: number
  readonly #gauges: number
  /** Clients that found no entry: each worker counts them by itself. */
  readonly #others = new Map<string, number>()

  /** `cells` and `gauges` are the first places of runs of `clientEntries`; 0 when the board is full. */
  constructor(board: Board, cells: number, gauges: number) {
    this.#board = board
    this.#cells = cells
    this.#gauges = gauges
  }

  /** Counts one more of a client unless it has `max`; gives what takes it back, null when it has. */
  enter(client: string, max: number): (() => void) | null {
    const key = keyOf(client)
    const entry = this.#cells === 0 || this.#gauges === 0 ? -1 : this.#takeEntry(key)
    if (entry < 0) return this.#enterAlone(client, max)
    // Counted first and looked at then: two workers at the limit may both refuse, but never both pass.
    if (this.#count(key) <= max) return () => this.#add(entry, -1)
    this.#add(entry, -1)
    return null
  }

  /** Adds one to the entry of a client, which it may get now; -1 when all that it could have are taken. */
  #takeEntry(key: number): number {
    for (let step = 0; step < windowEntries; step += 1) {
      const entry = entryOf(key, step)
      if (this.#keyAt(entry) === key && this.#hold(entry, key)) return entry
    }
    for (let step = 0; step < windowEntries; step += 1) {
      const entry = entryOf(key, step)
      const before = this.#keyAt(entry)
      if (this.#board.sumGauge(this.#gauges + entry) !== 0) continue
      if (Atomics.compareExchange(this.#board.cells, this.#cells + entry, before, key) === before && this.#hold(entry, key)) return entry
    }
    return -1
  }

  /** Adds one; false when the entry went to another client meanwhile. */
  #hold(entry: number, key: number): boolean {
    this.#add(entry, 1)
    if (this.#keyAt(entry) === key) return true
    this.#add(entry, -1)
    return false
  }

  /** Count of a client over all workers; two of them may have given it an entry at the same time. */
  #count(key: number): number {
    let count = 0
    for (let step = 0; step < windowEntries; step += 1) {
      const entry = entryOf(key, step)
      if (this.#keyAt(entry) === key) count += this.#board.sumGauge(this.#gauges + entry)
    }
    return count
  }

  #keyAt(entry: number): number {
    return Atomics.load(this.#board.cells, this.#cells + entry)
  }

  #add(entry: number, by: number): void {
    Atomics.add(this.#board.gauges, this.#gauges + entry, by)
  }

  #enterAlone(client: string, max: number): (() => void) | null {
    const count = this.#others.get(client) ?? 0
    if (count >= max) return null
    this.#others.set(client, count + 1)
    return () => {
      const left = (this.#others.get(client) ?? 1) - 1
      if (left > 0) this.#others.set(client, left)
      else this.#others.delete(client)
    }
  }
}

/** FNV-1a of a text, never 0. */
function keyOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash | 0 || 1
}

function entryOf(key: number, step: number): number {
  return ((Math.imul(key, 0x9e3779b1) >>> 16) + step) % clientEntries
}
