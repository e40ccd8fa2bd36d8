/** What was added since the last push that arrived, for collectors that want increments. */
import type { FamilyInfo } from './families.ts'
import type { Sample, Snapshot } from './snapshot.ts'

/** What was added to a sample. */
export interface Delta {
  readonly info: FamilyInfo
  readonly sample: Sample
  /** Of counters: the increment; of gauges: the value; of histograms: the number of observations. */
  readonly value: number
  /** Of histograms: new observations by bucket. */
  readonly buckets: Float64Array | null
}

type Told = Map<string, { readonly value: number; readonly buckets: Float64Array | null }>

/** Remembers what was told. */
export class Deltas {
  #told: Told = new Map()

  /** What is new, samples without news left out; gauges are always told. */
  of(snapshot: Snapshot, wants: (info: FamilyInfo) => boolean): Delta[] {
    const deltas: Delta[] = []
    for (const { info, samples } of snapshot.families) {
      if (!wants(info)) continue
      for (const sample of samples) {
        if (info.type === 'gauge') {
          deltas.push({ info, sample, value: sample.value, buckets: null })
          continue
        }
        const before = this.#told.get(keyOf(info, sample))
        // Less than before: it was forgotten and began anew.
        const isNew = before === undefined || before.value > sample.value || before.buckets?.length !== sample.buckets?.length
        const value = isNew ? sample.value : sample.value - before.value
        if (value > 0) deltas.push({ info, sample, value, buckets: isNew ? sample.buckets : difference(sample.buckets, before.buckets) })
      }
    }
    return deltas
  }

  /** What a snapshot holds has arrived. */
  commit(snapshot: Snapshot, wants: (info: FamilyInfo) => boolean): void {
    const told: Told = new Map()
    for (const { info, samples } of snapshot.families) {
      if (info.type === 'gauge' || !wants(info)) continue
      for (const sample of samples) told.set(keyOf(info, sample), { value: sample.value, buckets: sample.buckets })
    }
    this.#told = told
  }
}

/** The duration in seconds below which a share of observations lies; interpolated within its bucket. */
export function quantileOf(bounds: readonly number[], buckets: Float64Array, quantile: number): number {
  let total = 0
  for (const count of buckets) total += count
  const rank = quantile * total
  let before = 0
  for (let index = 0; index < buckets.length; index += 1) {
    const count = buckets[index] ?? 0
    if (count === 0 || before + count < rank) {
      before += count
      continue
    }
    const low = index === 0 ? 0 : (bounds[index - 1] ?? 0)
    const high = bounds[index] ?? low
    return low + ((rank - before) / count) * (high - low)
  }
  return bounds.at(-1) ?? 0
}

/** A duration in seconds that stands for those of a bucket. */
export function typicalOf(bounds: readonly number[], index: number): number {
  const low = index === 0 ? 0 : (bounds[index - 1] ?? 0)
  const high = bounds[index] ?? low
  return (low + high) / 2
}

function keyOf(info: FamilyInfo, sample: Sample): string {
  let key = info.name
  for (const [name, value] of sample.labels) key += `\n${name}=${value}`
  return key
}

function difference(now: Float64Array | null, before: Float64Array | null): Float64Array | null {
  return now === null || before === null ? null : now.map((count, index) => count - (before[index] ?? 0))
}
