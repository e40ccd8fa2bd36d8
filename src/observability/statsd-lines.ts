/** The lines of StatsD, and of DogStatsD, which has tags. */
import type { Delta } from './deltas.ts'
import { typicalOf } from './deltas.ts'
import type { FamilyInfo } from './families.ts'

/** Most values of durations of one metric in a push; of more, each stands for several. */
export const valuesMax = 1000

/** The metrics that both get. */
export function isDotted(info: FamilyInfo): boolean {
  return info.dotted !== ''
}

/** Lines without labels: increments are summed over all of them, of times the earliest is told. Durations are in milliseconds. */
export function statsdLines(deltas: readonly Delta[], bounds: readonly number[], prefix: string): string[] {
  const sums = new Map<FamilyInfo, { value: number; readonly buckets: Float64Array }>()
  for (const { info, value, buckets } of deltas) {
    const sum = sums.get(info)
    if (sum === undefined) sums.set(info, { value, buckets: buckets?.slice() ?? new Float64Array(0) })
    else if (info.unit === 's' && info.type === 'gauge') sum.value = Math.min(sum.value, value)
    else {
      sum.value += value
      buckets?.forEach((count, index) => (sum.buckets[index]! += count))
    }
  }
  const lines: string[] = []
  for (const [info, { value, buckets }] of sums) {
    const name = `${prefix}.${info.dotted}`
    if (info.type === 'histogram') timings(name, buckets, bounds, lines)
    else lines.push(`${name}:${value}|${info.type === 'counter' ? 'c' : 'g'}`)
  }
  return lines
}

/** Each value by itself as far as they are few; beyond, an equal share of each bucket with the rate that it stands for. */
function timings(name: string, buckets: Float64Array, bounds: readonly number[], lines: string[]): void {
  const total = buckets.reduce((sum, count) => sum + count, 0)
  const share = Math.max(1, total / valuesMax)
  for (const [index, count] of buckets.entries()) {
    if (count <= 0) continue
    const times = Math.max(1, Math.round(count / share))
    const rate = times < count ? `|@${times / count}` : ''
    const line = `${name}:${round(typicalOf(bounds, index) * 1000)}|ms${rate}`
    for (let told = 0; told < times; told += 1) lines.push(line)
  }
}

/** Lines with tags. Durations are in seconds, one line a bucket: agents weigh values by their rates. */
export function dogstatsdLines(deltas: readonly Delta[], bounds: readonly number[], prefix: string): string[] {
  const lines: string[] = []
  for (const { info, sample, value, buckets } of deltas) {
    const name = `${prefix}.${info.dotted}`
    const tags = tagText(sample.labels)
    if (buckets === null) {
      lines.push(`${name}:${value}|${info.type === 'counter' ? 'c' : 'g'}${tags}`)
      continue
    }
    for (const [index, count] of buckets.entries()) {
      if (count <= 0) continue
      lines.push(`${name}:${round(typicalOf(bounds, index))}|h${count > 1 ? `|@${1 / count}` : ''}${tags}`)
    }
  }
  return lines
}

function tagText(labels: readonly (readonly [string, string])[]): string {
  if (labels.length === 0) return ''
  return `|#${labels.map(([name, value]) => `${name}:${value.replaceAll(/[,|\n#]/g, '_')}`).join(',')}`
}

function round(value: number): number {
  return Number(value.toPrecision(6))
}

/** Packs lines into datagrams that no usual network cuts. */
export function packLines(lines: readonly string[], bytesMax: number): Buffer[] {
  const packets: Buffer[] = []
  let text = ''
  let bytes = 0
  for (const line of lines) {
    const length = Buffer.byteLength(line) + 1
    if (text !== '' && bytes + length > bytesMax) {
      packets.push(Buffer.from(text))
      text = ''
      bytes = 0
    }
    text += `${line}\n`
    bytes += length
  }
  if (text !== '') packets.push(Buffer.from(text))
  return packets
}
