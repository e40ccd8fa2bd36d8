/**
 * All series of all workers, those of workers that are gone included: sums over them by labels. Series of objects that are gone are shown once more, so
 * that what was counted last is seen, and then forgotten.
 */
import type { SeriesKind, SeriesNews } from '../board/series-kinds.ts'

/** Sums of one set of labels. */
export interface SeriesSum {
  readonly kind: SeriesKind
  /** Values; names are in `seriesLabels`. */
  readonly labels: readonly string[]
  readonly numbers: Float64Array
}

/** Tells whether the object that labels name is there now. */
export type IsThere = (kind: SeriesKind, labels: readonly string[]) => boolean

class Entry implements SeriesSum {
  readonly kind: SeriesKind
  readonly labels: readonly string[]
  readonly numbers: Float64Array
  /** What workers have counted that are gone, or had to let go of. */
  readonly base: Float64Array
  readonly parts = new Map<object, Map<number, Float64Array>>()
  /** Monotonic milliseconds when its object was found to be gone; -1: it is there. */
  goneMs = -1

  constructor(kind: SeriesKind, labels: readonly string[], length: number) {
    this.kind = kind
    this.labels = labels
    this.numbers = new Float64Array(length)
    this.base = new Float64Array(length)
  }

  sum(): void {
    const { numbers } = this
    numbers.set(this.base)
    for (const parts of this.parts.values()) {
      for (const part of parts.values()) for (let index = 0; index < numbers.length; index += 1) numbers[index]! += part[index] ?? 0
    }
  }

  /** Keeps what a part has counted, without the part. */
  fold(part: Float64Array): void {
    for (let index = 0; index < this.base.length; index += 1) this.base[index]! += part[index] ?? 0
  }
}

/** How long series of objects that are gone are kept for whoever has not read them, in milliseconds. */
const goneMsMax = 15 * 60_000

/** States of a worker, not counts: they end with it. */
const states: ReadonlySet<SeriesKind> = new Set(['loop', 'heap', 'upstreams'])

/** What is known of a worker. */
interface Source {
  readonly chunks: Map<number, Float64Array>
  readonly byId: Map<number, Entry>
}

/** Keeps the series. */
export class SeriesStore {
  readonly #sources = new Map<object, Source>()
  readonly #entries = new Map<string, Entry>()
  readonly #monotonicMs: () => number

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  /** Takes news of a worker; `worker` stands for it. */
  take(worker: object, news: SeriesNews): void {
    let source = this.#sources.get(worker)
    if (source === undefined) {
      source = { chunks: new Map(), byId: new Map() }
      this.#sources.set(worker, source)
    }
    for (const { number, buffer } of news.chunks) source.chunks.set(number, new Float64Array(buffer))
    for (const id of news.gone) this.#letGo(worker, source, id)
    for (const definition of news.defined) {
      // Both in one message when an object came and went within a turn.
      if (news.gone.includes(definition.id)) continue
      const numbers = source.chunks.get(definition.chunk)?.subarray(definition.offset, definition.offset + definition.length)
      if (numbers === undefined) continue
      const key = `${definition.kind}\n${definition.length}\n${definition.labels.join('\n')}`
      let entry = this.#entries.get(key)
      if (entry === undefined) {
        entry = new Entry(definition.kind, definition.labels, definition.length)
        this.#entries.set(key, entry)
      }
      entry.goneMs = -1
      let parts = entry.parts.get(worker)
      if (parts === undefined) entry.parts.set(worker, (parts = new Map()))
      parts.set(definition.id, numbers)
      source.byId.set(definition.id, entry)
    }
  }

  /** A worker is gone; what it has counted stays. */
  end(worker: object): void {
    const source = this.#sources.get(worker)
    if (source === undefined) return
    for (const id of source.byId.keys()) this.#letGo(worker, source, id)
    this.#sources.delete(worker)
  }

  /** All sums as they are now. Series without a worker whose object is gone are among them for the last time when `forgets` is set. */
  sums(isThere: IsThere, forgets: boolean): SeriesSum[] {
    const sums: SeriesSum[] = []
    const nowMs = this.#monotonicMs()
    for (const [key, entry] of this.#entries) {
      if (entry.parts.size === 0) {
        if (states.has(entry.kind)) {
          this.#entries.delete(key)
          continue
        }
        if (isThere(entry.kind, entry.labels)) entry.goneMs = -1
        else if (entry.goneMs === -1) entry.goneMs = nowMs
        if (entry.goneMs !== -1 && (forgets || nowMs - entry.goneMs > goneMsMax)) this.#entries.delete(key)
      }
      entry.sum()
      sums.push(entry)
    }
    return sums
  }

  /** Forgets everything: nobody wants numbers any more. */
  clear(): void {
    this.#entries.clear()
    this.#sources.clear()
  }

  #letGo(worker: object, source: Source, id: number): void {
    const entry = source.byId.get(id)
    if (entry === undefined) return
    source.byId.delete(id)
    const parts = entry.parts.get(worker)
    const part = parts?.get(id)
    if (parts === undefined || part === undefined) return
    if (!states.has(entry.kind)) entry.fold(part)
    parts.delete(id)
    if (parts.size === 0) entry.parts.delete(worker)
  }
}
