/** The exporter of metrics by OTLP. Sums and histograms are cumulative: what did not arrive is part of the next message. */
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import type { Metrics } from '../config/install/metrics.ts'
import { boundsOf } from './metrics-plan.ts'
import { resourceAttributes } from './otlp-resource.ts'
import { metricsSignal, otlpSender } from './otlp-sender.ts'
import type { PushExporter } from './push-loop.ts'
import type { Family, Sample, Snapshot } from './snapshot.ts'

type ResourceMetrics = Parameters<typeof ProtobufMetricsSerializer.serializeRequest>[0]
type MetricData = ResourceMetrics['scopeMetrics'][number]['metrics'][number]
type HrTime = MetricData['dataPoints'][number]['startTime']

/** What the exporter is made with. */
export interface OtlpMetricsInput {
  readonly options: NonNullable<Metrics['otlp']>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version: string
  /** Wall time in milliseconds. */
  readonly startMs: number
}

/** Makes the exporter; throws when its endpoint cannot be used. */
export function otlpMetricsExporter({ options, env, version, startMs }: OtlpMetricsInput): PushExporter {
  const sender = otlpSender(options, metricsSignal, env, 'metrics.otlp')
  const bounds = boundsOf(options.explicitBoundaries)
  const attributes = resourceAttributes({ ...options, version, env })
  const resource: ResourceMetrics['resource'] = {
    attributes,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  }
  return {
    name: 'metrics.otlp',
    intervalMs: options.pushInterval,
    switches: options,
    async push(snapshot) {
      const metrics = snapshot.families.map((family) => metricOf(family, snapshot, bounds, startMs))
      const message = ProtobufMetricsSerializer.serializeRequest({
        resource,
        scopeMetrics: [{ scope: { name: 'tidegate', version }, metrics }],
      })
      if (message === undefined) throw new Error('metrics.otlp: metrics could not be encoded')
      await sender.send(message)
    },
    close: () => sender.close(),
  }
}

function metricOf({ info, samples }: Family, snapshot: Snapshot, bounds: readonly number[], startMs: number): MetricData {
  const base = {
    descriptor: { name: info.name, description: info.help, unit: info.unit, valueType: valueTypes.double },
    aggregationTemporality: cumulative,
  }
  const times = { startTime: hrTime(startMs), endTime: hrTime(snapshot.timeMs) }
  const point = (sample: Sample) => ({ ...times, attributes: Object.fromEntries(sample.labels), value: sample.value })
  if (info.type === 'gauge') return { ...base, dataPointType: dataPointTypes.gauge, dataPoints: samples.map(point) }
  if (info.type === 'counter') return { ...base, dataPointType: dataPointTypes.sum, isMonotonic: true, dataPoints: samples.map(point) }
  return {
    ...base,
    dataPointType: dataPointTypes.histogram,
    dataPoints: samples.map((sample) => ({
      ...point(sample),
      value: {
        buckets: { boundaries: [...bounds], counts: coarser(sample.buckets, snapshot.bounds, bounds) },
        sum: sample.sum,
        count: sample.value,
      },
    })),
  }
}

/** Observations by the buckets that are shown, each of whose bounds is one of the finer ones. */
export function coarser(buckets: Float64Array | null, fine: readonly number[], shown: readonly number[]): number[] {
  const counts = Array.from({ length: shown.length + 1 }, () => 0)
  let at = 0
  buckets?.forEach((count, index) => {
    const bound = fine[index]
    while (at < shown.length && (bound === undefined || bound > (shown[at] ?? 0))) at += 1
    counts[at]! += count
  })
  return counts
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)]
}

// Numbers of enumerations of the encoder's package that only its own dependencies export.
const dataPointTypes = { histogram: 0, gauge: 2, sum: 3 } as const
const cumulative = 1
const valueTypes = { double: 1 } as const
