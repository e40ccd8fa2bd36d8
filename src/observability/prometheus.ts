/** The exposition formats of Prometheus: text 0.0.4, and OpenMetrics 1.0 for who asks for it. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import type { FamilyInfo } from './families.ts'
import type { Label, Sample, Snapshot } from './snapshot.ts'

/** A format. */
export type ExpositionFormat = 'text' | 'openMetrics'

const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** Answers shorter than this are not worth compressing, in bytes. */
const gzipBytesMin = 1024

const compress = promisify(gzip)

/** The answer to a scrape, in the format and coding that the request prefers. */
export async function answerScrape(request: ControlRequest, snapshot: Snapshot, buckets: readonly number[]): Promise<ControlResponse> {
  const format = preferredFormat(fieldOf(request, 'accept'))
  const text = expose(snapshot, buckets, format)
  const headers: [string, string][] = [['Content-Type', contentTypes[format]]]
  const body = Buffer.from(text)
  if (body.length < gzipBytesMin || !takesGzip(fieldOf(request, 'accept-encoding'))) return { status: 200, headers, body }
  return { status: 200, headers: [...headers, ['Content-Encoding', 'gzip']], body: await compress(body) }
}

/** Writes all families. `buckets` are the bounds that histograms show, each of them one of the snapshot's. */
export function expose(snapshot: Snapshot, buckets: readonly number[], format: ExpositionFormat): string {
  const parts: string[] = []
  const shown = bucketsOf(snapshot.bounds, buckets)
  for (const { info, samples } of snapshot.families) {
    if (!info.prometheus) continue
    const base = format === 'openMetrics' && info.type === 'counter' ? info.name.replace(/_total$/, '') : info.name
    parts.push(`# HELP ${base} ${escapeHelp(info.help)}\n# TYPE ${base} ${info.type}\n`)
    for (const sample of samples) {
      if (sample.buckets === null) parts.push(line(info.name, labelText(sample.labels), sample.value))
      else exposeHistogram(info, sample, shown, parts)
    }
  }
  if (format === 'openMetrics') parts.push('# EOF\n')
  return parts.join('')
}

/** A bucket that is shown, with the number of the snapshot's buckets that it holds. */
interface ShownBucket {
  readonly le: string
  readonly behind: number
}

/** What histograms show: each bound with the place behind its last bucket; everything at the end. */
export function bucketsOf(bounds: readonly number[], buckets: readonly number[]): ShownBucket[] {
  const shown = buckets.map((bound) => ({ le: formatNumber(bound), behind: bounds.indexOf(bound) + 1 })).filter(({ behind }) => behind > 0)
  return [...shown, { le: '+Inf', behind: bounds.length + 1 }]
}

function exposeHistogram(
  { name }: FamilyInfo,
  { labels, buckets, value, sum }: Sample,
  shown: readonly ShownBucket[],
  parts: string[],
): void {
  const text = labelText(labels)
  const prefix = text === '' ? '' : `${text},`
  let count = 0
  let place = 0
  for (const { le, behind } of shown) {
    for (; place < behind; place += 1) count += buckets?.[place] ?? 0
    parts.push(line(`${name}_bucket`, `${prefix}le="${le}"`, count))
  }
  parts.push(line(`${name}_sum`, text, sum), line(`${name}_count`, text, value))
}

function line(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${formatNumber(value)}\n` : `${name}{${labels}} ${formatNumber(value)}\n`
}

/** Labels sorted by name, as Prometheus' own libraries write them. */
function labelText(labels: readonly Label[]): string {
  const sorted = labels.length > 1 ? labels.toSorted(([a], [b]) => (a < b ? -1 : 1)) : labels
  let text = ''
  for (const [name, value] of sorted) text += `${text === '' ? '' : ','}${name}="${escapeLabel(value)}"`
  return text
}

function escapeLabel(value: string): string {
  return /["\\\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function formatNumber(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

function fieldOf(request: ControlRequest, name: string): string {
  return request.headers
    .filter(([key]) => key.toLowerCase() === name)
    .map(([, value]) => value)
    .join(',')
}

/** OpenMetrics only where it is asked for by name and not less than text. */
function preferredFormat(accept: string): ExpositionFormat {
  let best: ExpositionFormat = 'text'
  let bestQuality = 0
  for (const item of accept.split(',')) {
    const [type = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
    const format = type === 'application/openmetrics-text' ? 'openMetrics' : type === 'text/plain' ? 'text' : null
    if (format === null) continue
    const quality = qualityOf(parameters)
    if (quality > bestQuality) {
      best = format
      bestQuality = quality
    }
  }
  return best
}

function takesGzip(codings: string): boolean {
  return codings.split(',').some((item) => {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
    return coding === 'gzip' && qualityOf(parameters) > 0
  })
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = text === undefined ? 1 : Number(text.slice(2))
  return quality >= 0 && quality <= 1 ? quality : 0
}
