/**
 * Purges of a cache, in memory that all workers share: whoever purges writes one line, and each worker reads what is new before it uses what it has
 * stored. Lines are few, so a worker that comes late by more than the ring holds takes it for a purge of everything.
 */
import { createHash } from 'node:crypto'

/** What is purged: all, the answers of a URL, or those with a tag. */
export type PurgeKind = 'all' | 'url' | 'tag'

/** A purge. */
export interface Purge {
  readonly kind: PurgeKind
  /** Digest of URL or tag; '' for all. */
  readonly digest: string
  /** Wall time in milliseconds; what was asked for before is not used any more. */
  readonly atMs: number
}

/** Lines of the ring. */
export const purgeLines = 1024
const lineCells = 6
const headCell = 0
const firstLineCell = 1
/** Cells of a ring. */
export const purgeRingCells: number = firstLineCell + purgeLines * lineCells

const kinds: readonly PurgeKind[] = ['all', 'url', 'tag']
const digestBytes = 8

/** The digest of a URL (`host/path?query`) or a tag; as long as two cells. */
export function purgeDigest(kind: PurgeKind, text: string): string {
  return kind === 'all'
    ? ''
    : createHash('sha256')
        .update(`${kind} ${text}`, 'latin1')
        .digest('hex')
        .slice(0, digestBytes * 2)
}

/** The ring; one a thread. */
export class PurgeRing {
  readonly #cells: Int32Array
  #seen: number

  constructor(cells: Int32Array) {
    this.#cells = cells
    this.#seen = Atomics.load(cells, headCell)
  }

  /** Number of purges so far, modulo 2³²: tells cheaply whether there is something new. */
  get head(): number {
    return Atomics.load(this.#cells, headCell)
  }

  /** Whether there are lines that `read` has not given yet. */
  get hasNews(): boolean {
    return Atomics.load(this.#cells, headCell) !== this.#seen
  }

  /** Adds a line. */
  write(purge: Purge): void {
    const cells = this.#cells
    const number = Atomics.add(cells, headCell, 1)
    const line = firstLineCell + ((number >>> 0) % purgeLines) * lineCells
    const digest = purge.digest.padEnd(digestBytes * 2, '0')
    // Marked as being written, so that a reader that is overtaken notices.
    Atomics.store(cells, line, number)
    Atomics.store(cells, line + 1, kinds.indexOf(purge.kind))
    Atomics.store(cells, line + 2, Number.parseInt(digest.slice(0, 8), 16) | 0)
    Atomics.store(cells, line + 3, Number.parseInt(digest.slice(8), 16) | 0)
    Atomics.store(cells, line + 4, Math.floor(purge.atMs / 1000) | 0)
    Atomics.store(cells, line + 5, purge.atMs % 1000)
    Atomics.store(cells, line, (number + 1) | 0)
  }

  /** Lines since the last call; a purge of everything in the place of those that are lost. */
  read(nowMs: number): Purge[] {
    const cells = this.#cells
    const head = Atomics.load(cells, headCell)
    if (((head - this.#seen) | 0) > purgeLines) {
      this.#seen = head
      return [{ kind: 'all', digest: '', atMs: nowMs }]
    }
    const purges: Purge[] = []
    while (this.#seen !== head) {
      const line = firstLineCell + ((this.#seen >>> 0) % purgeLines) * lineCells
      const wanted = (this.#seen + 1) | 0
      // Its writer is not done: it comes with the next call.
      if (Atomics.load(cells, line) !== wanted) return this.#overtaken(line, wanted) ? [{ kind: 'all', digest: '', atMs: nowMs }] : purges
      const purge = readLine(cells, line)
      if (Atomics.load(cells, line) !== wanted) return [{ kind: 'all', digest: '', atMs: nowMs }]
      purges.push(purge)
      this.#seen = wanted
    }
    return purges
  }

  /** Whether a later line stands where one was to be read; then all up to now count as read. */
  #overtaken(line: number, wanted: number): boolean {
    if (((Atomics.load(this.#cells, line) - wanted) | 0) <= 0) return false
    this.#seen = Atomics.load(this.#cells, headCell)
    return true
  }
}

function readLine(cells: Int32Array, line: number): Purge {
  const kind = kinds[Atomics.load(cells, line + 1)] ?? 'all'
  const hex = (cell: number): string => (Atomics.load(cells, cell) >>> 0).toString(16).padStart(8, '0')
  return {
    kind,
    digest: kind === 'all' ? '' : hex(line + 2) + hex(line + 3),
    atMs: (Atomics.load(cells, line + 4) >>> 0) * 1000 + Atomics.load(cells, line + 5),
  }
}
