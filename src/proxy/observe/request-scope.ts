/** The series of one object: requests by code, method and protocol, and what hangs on them. Adding to a series that is known makes nothing. */
import { requestNumbers, type SeriesKind } from '../../board/series-kinds.ts'
import type { SeriesRun } from '../../board/series.ts'
import type { Exchange, TlsFacts } from '../http/exchange.ts'
import { kindsMax, methodOf, protocolOf } from './request-kind.ts'

/** Most series of one family of an object. What comes beyond is counted with the label `other`. */
export const familySeriesMax = 500
/** Characters of a header's value that become a label. */
const headerLabelMax = 256
/** Stands for what there was no room for. */
const other = 'other'

const { count, seconds, requestBytes, responseBytes, buckets } = requestNumbers

/** What all scopes of a worker share. */
export interface SeriesMaker {
  readonly bounds: readonly number[]
  /** Headers whose values are labels, in lower case. */
  readonly headers: readonly string[]
  define(kind: SeriesKind, labels: readonly string[], length: number): SeriesRun
  release(run: SeriesRun): void
}

/** What was observed of a request; filled in anew for each, so that nothing is made. */
export interface Observation {
  durationMs: number
  /** Of its duration. */
  bucket: number
  answerBytes: number
}

/** Kinds of series that an object of a sort has; null: none of that. */
export interface ScopeKinds {
  readonly requests: SeriesKind
  /** Whether method and protocol are labels, too. */
  readonly byMethod: boolean
  readonly tls: SeriesKind | null
  readonly headers: SeriesKind | null
  readonly reasons: SeriesKind | null
}

const noNumbers: Float64Array = new Float64Array(0)

/** The series of an object. */
export class RequestScope {
  /** Values of the labels that say which object. */
  readonly labels: readonly string[]
  readonly #maker: SeriesMaker
  readonly #kinds: ScopeKinds
  #lastKey = -1
  #last = noNumbers
  #lastVersion = ''
  #lastCipher = ''
  #lastTls = noNumbers
  #lastReason = ''
  #reasonNumbers = noNumbers
  readonly #requests = new Map<number, SeriesRun>()
  readonly #texts = new Map<string, SeriesRun>()
  readonly #headers = new Map<string, SeriesRun>()
  #isReleased = false

  constructor(maker: SeriesMaker, kinds: ScopeKinds, labels: readonly string[]) {
    this.#maker = maker
    this.#kinds = kinds
    this.labels = labels
  }

  /** Counts a request; `key` is code and kind. */
  count(exchange: Exchange, key: number, { durationMs, bucket, answerBytes }: Observation): void {
    if (key !== this.#lastKey) this.#find(key)
    const numbers = this.#last
    numbers[count] = (numbers[count] ?? 0) + 1
    numbers[seconds] = (numbers[seconds] ?? 0) + durationMs / 1000
    numbers[requestBytes] = (numbers[requestBytes] ?? 0) + exchange.requestBytes
    numbers[responseBytes] = (numbers[responseBytes] ?? 0) + answerBytes
    const place = buckets + bucket
    numbers[place] = (numbers[place] ?? 0) + 1
    const { tls } = exchange.connection
    if (tls !== null && this.#kinds.tls !== null) this.#countTls(this.#kinds.tls, tls)
    if (this.#maker.headers.length > 0 && this.#kinds.headers !== null) this.#countHeaders(this.#kinds.headers, key, exchange)
  }

  /** Counts an answer that Tidegate made for a reason. */
  countReason(reason: string): void {
    const kind = this.#kinds.reasons
    if (kind === null) return
    if (reason !== this.#lastReason) {
      this.#reasonNumbers = this.#named(kind, [...this.labels, reason])
      this.#lastReason = reason
    }
    bump(this.#reasonNumbers)
  }

  /** Gives all series back; nothing that is counted later is seen. */
  release(): void {
    this.#isReleased = true
    for (const runs of [this.#requests, this.#texts, this.#headers]) {
      for (const run of runs.values()) this.#maker.release(run)
      runs.clear()
    }
  }

  #countTls(kind: SeriesKind, { version, cipher }: TlsFacts): void {
    if (version !== this.#lastVersion || cipher !== this.#lastCipher) {
      this.#lastTls = this.#named(kind, [version, cipher, ...this.labels])
      this.#lastVersion = version
      this.#lastCipher = cipher
    }
    bump(this.#lastTls)
  }

  #countHeaders(kind: SeriesKind, key: number, exchange: Exchange): void {
    let text = String(key)
    const values: string[] = []
    for (const name of this.#maker.headers) {
      const value = (exchange.headers.get(name) ?? '').slice(0, headerLabelMax)
      values.push(value)
      text += `\n${value}`
    }
    let run = this.#headers.get(text)
    if (run === undefined) {
      const isFull = this.#headers.size >= familySeriesMax
      if (isFull) {
        text = other
        run = this.#headers.get(text)
      }
      if (run === undefined) {
        const labels = isFull ? [other, other, other] : requestLabels(key, true)
        const shown = isFull ? values.map(() => other) : values.map((value) => Buffer.from(value, 'latin1').toString('utf8'))
        run = this.#define(kind, [...labels, ...this.labels, ...shown], 1)
        this.#headers.set(text, run)
      }
    }
    bump(run.numbers)
  }

  #find(key: number): void {
    const { requests, byMethod } = this.#kinds
    let run = this.#requests.get(key)
    if (run === undefined) {
      const isFull = this.#requests.size >= familySeriesMax
      const kept = isFull ? -1 : key
      run = this.#requests.get(kept)
      if (run === undefined) {
        const labels = isFull ? (byMethod ? [other, other, other] : [other]) : requestLabels(key, byMethod)
        run = this.#define(requests, [...labels, ...this.labels], buckets + this.#maker.bounds.length + 1)
        this.#requests.set(kept, run)
      }
    }
    this.#last = run.numbers
    this.#lastKey = key
  }

  #named(kind: SeriesKind, labels: readonly string[]): Float64Array {
    const text = `${kind}\n${labels.join('\n')}`
    let run = this.#texts.get(text)
    if (run === undefined) {
      const isFull = this.#texts.size >= familySeriesMax
      run = isFull ? { id: 0, numbers: new Float64Array(1) } : this.#define(kind, labels, 1)
      if (!isFull) this.#texts.set(text, run)
    }
    return run.numbers
  }

  #define(kind: SeriesKind, labels: readonly string[], length: number): SeriesRun {
    return this.#isReleased ? { id: 0, numbers: new Float64Array(length) } : this.#maker.define(kind, labels, length)
  }
}

/** Adds one to a series that is a single number. */
export function bump(numbers: Float64Array): void {
  numbers[0] = (numbers[0] ?? 0) + 1
}

/** The bucket that a duration falls into: the first whose bound is not below it. */
export function bucketOf(bounds: readonly number[], durationMs: number): number {
  const value = durationMs / 1000
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((bounds[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

function requestLabels(key: number, byMethod: boolean): string[] {
  const code = String(Math.floor(key / kindsMax))
  const kind = key % kindsMax
  return byMethod ? [code, methodOf(kind), protocolOf(kind)] : [code]
}
