/** The exporter to InfluxDB 2: increments, states and quantiles in its line protocol. */
import type { Metrics } from '../config/install/metrics.ts'
import { type Delta, Deltas, quantileOf } from './deltas.ts'
import type { FamilyInfo } from './families.ts'
import { fileOrContent, postBytes } from './post-bytes.ts'
import type { PushExporter } from './push-loop.ts'
import type { Label, Snapshot } from './snapshot.ts'

/** Lines of a request. */
const linesMax = 5000
const timeoutMs = 10_000

const quantiles = [50, 90, 95, 99] as const

/** Makes the exporter; throws when its options cannot work. */
export function influxdbExporter(options: NonNullable<Metrics['influxDB2']>): PushExporter {
  const { address, org, bucket, token, additionalLabels } = options
  if (token === '' || org === '' || bucket === '') throw new Error('metrics.influxDB2: token, org or bucket property is missing')
  if (!URL.canParse(address)) throw new Error(`metrics.influxDB2.address: "${address}" is not a URL`)
  const url = new URL(`${address.replace(/\/$/, '')}/api/v2/write`)
  url.search = new URLSearchParams({ org, bucket, precision: 'ns' }).toString()
  const deltas = new Deltas()
  const extra = Object.entries(additionalLabels)
  return {
    name: 'metrics.influxDB2',
    intervalMs: options.pushInterval,
    switches: options,
    async push(snapshot: Snapshot) {
      const lines = influxLines(deltas.of(snapshot, isMeasured), snapshot, extra)
      for (let first = 0; first < lines.length; first += linesMax) {
        const body = Buffer.from(`${lines.slice(first, first + linesMax).join('\n')}\n`)
        const headers = { 'Authorization': `Token ${fileOrContent(token).trim()}`, 'Content-Type': 'text/plain; charset=utf-8' }
        await postBytes({ url, headers, body, timeoutMs, tls: undefined })
      }
      deltas.commit(snapshot, isMeasured)
    },
    close() {},
  }
}

function isMeasured(info: FamilyInfo): boolean {
  return info.measurement !== ''
}

/** One line a sample; times are in nanoseconds. */
export function influxLines(deltas: readonly Delta[], { bounds, timeMs }: Snapshot, extra: readonly Label[]): string[] {
  const time = `${Math.floor(timeMs)}000000`
  return deltas.map(({ info, sample, value, buckets }) => {
    const series = `traefik.${info.measurement}${tags([...extra, ...sample.labels])}`
    return `${series} ${fields(info, value, buckets, bounds)} ${time}`
  })
}

function fields(info: FamilyInfo, value: number, buckets: Float64Array | null, bounds: readonly number[]): string {
  if (buckets !== null)
    return quantiles.map((percent) => `p${percent}=${Number(quantileOf(bounds, buckets, percent / 100).toPrecision(6))}`).join(',')
  return info.type === 'counter' ? `count=${value}` : `value=${value}`
}

function tags(labels: readonly Label[]): string {
  // Empty values are not allowed; sorted tags are what the server likes best.
  const given = labels.filter(([, value]) => value !== '').toSorted(([a], [b]) => (a < b ? -1 : 1))
  return given.map(([name, value]) => `,${escape(name)}=${escape(value)}`).join('')
}

function escape(text: string): string {
  return text.replaceAll(/[,= ]/g, (character) => `\\${character}`).replaceAll('\n', '\\n')
}
