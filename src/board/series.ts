/**
 * Numbers whose labels nobody knows beforehand, such as the codes of answers. A worker writes them by plain adds into shared memory of its own; the
 * control plane learns of each once, by a message, and reads them whenever it likes. They outlive the worker, since the control plane holds the memory.
 */
import type { SeriesDefinition, SeriesKind, SeriesNews } from './series-kinds.ts'

/** Numbers of a chunk of memory; 128 KiB. */
const chunkNumbers = 16 * 1024
/** Most chunks of a worker: 64 MiB. What would need more is not counted. */
export const chunksMax = 512
/** How long a freed run rests before it is used again: exchanges under way may still write to it. */
const restMs = 15 * 60_000

/** Numbers of one series; `numbers` is written by its worker alone. */
export interface SeriesRun {
  readonly id: number
  readonly numbers: Float64Array
}

/** What a writer is given. */
export interface SeriesWriterInput {
  /** Tells the control plane; called a turn after something was defined, with all of it. */
  post(news: SeriesNews): void
  /** Calls soon, on a later turn. */
  soon(call: () => void): void
  readonly monotonicMs: () => number
}

interface News {
  readonly chunks: SeriesNews['chunks'][number][]
  readonly defined: SeriesDefinition[]
  readonly gone: number[]
}

/** Hands out runs in a worker. */
export class SeriesWriter {
  readonly #input: SeriesWriterInput
  readonly #chunks: Float64Array[] = []
  #used = chunkNumbers
  #nextId = 1
  #news: News | null = null
  /** Freed runs by length, oldest first. */
  readonly #free = new Map<number, { readonly place: SeriesDefinition; readonly freedMs: number }[]>()
  readonly #places = new Map<number, SeriesDefinition>()
  #full: SeriesRun | null = null

  constructor(input: SeriesWriterInput) {
    this.#input = input
  }

  /** A new run of `length` numbers, all 0; when there is no memory left, one that everybody shares and nobody reads. */
  define(kind: SeriesKind, labels: readonly string[], length: number): SeriesRun {
    const place = this.#take(length)
    if (place === null) return this.#overflow(length)
    const definition: SeriesDefinition = { id: this.#nextId, kind, labels, length, ...place }
    this.#nextId += 1
    this.#places.set(definition.id, definition)
    this.#tell().defined.push(definition)
    const numbers = this.#chunks[place.chunk]!.subarray(place.offset, place.offset + length)
    numbers.fill(0)
    return { id: definition.id, numbers }
  }

  /** Gives a run back whose object is gone. */
  release(run: SeriesRun): void {
    const place = this.#places.get(run.id)
    if (place === undefined) return
    this.#places.delete(run.id)
    this.#tell().gone.push(run.id)
    const entry = { place, freedMs: this.#input.monotonicMs() }
    const runs = this.#free.get(place.length)
    if (runs === undefined) this.#free.set(place.length, [entry])
    else runs.push(entry)
  }

  #take(length: number): { chunk: number; offset: number } | null {
    const runs = this.#free.get(length)
    const oldest = runs?.[0]
    if (runs !== undefined && oldest !== undefined && this.#input.monotonicMs() - oldest.freedMs >= restMs) {
      runs.shift()
      return { chunk: oldest.place.chunk, offset: oldest.place.offset }
    }
    if (this.#used + length > chunkNumbers) {
      if (this.#chunks.length >= chunksMax || length > chunkNumbers) return null
      const buffer = new SharedArrayBuffer(chunkNumbers * 8)
      this.#tell().chunks.push({ number: this.#chunks.length, buffer })
      this.#chunks.push(new Float64Array(buffer))
      this.#used = 0
    }
    const offset = this.#used
    this.#used += length
    return { chunk: this.#chunks.length - 1, offset }
  }

  #overflow(length: number): SeriesRun {
    if (this.#full === null || this.#full.numbers.length < length) this.#full = { id: 0, numbers: new Float64Array(length) }
    return this.#full
  }

  #tell(): News {
    if (this.#news === null) {
      this.#news = { chunks: [], defined: [], gone: [] }
      this.#input.soon(() => this.flush())
    }
    return this.#news
  }

  /** Tells what is to be told now. */
  flush(): void {
    const news = this.#news
    if (news === null) return
    this.#news = null
    this.#input.post(news)
  }
}
