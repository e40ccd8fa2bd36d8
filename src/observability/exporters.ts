/** Makes the exporters that push. Each is loaded when the first configuration asks for it. */
import type { Metrics } from '../config/install/metrics.ts'
import type { Logger } from '../std/log.ts'
import type { PushExporter } from './push-loop.ts'

/** What exporters are made with. */
export interface ExportersContext {
  readonly logger: Logger
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version: string
  /** Wall time in milliseconds when counting began. */
  readonly startMs: number
}

/** Makes the exporters of a configuration; what is wrong with one is logged, and the others go on. */
export async function loadExporters(metrics: Metrics, context: ExportersContext): Promise<readonly PushExporter[]> {
  const { statsD, datadog, influxDB2, otlp } = metrics
  const { env, version, startMs } = context
  const made: PushExporter[] = []
  const add = async (load: () => Promise<PushExporter>): Promise<void> => {
    try {
      made.push(await load())
    } catch (cause) {
      context.logger.error(`cannot export metrics: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  }
  if (statsD !== undefined) await add(async () => (await import('./statsd.ts')).statsdExporter(statsD))
  if (datadog !== undefined) await add(async () => (await import('./statsd.ts')).datadogExporter(datadog, env))
  if (influxDB2 !== undefined) await add(async () => (await import('./influxdb.ts')).influxdbExporter(influxDB2))
  if (otlp !== undefined)
    await add(async () => (await import('./otlp-metrics.ts')).otlpMetricsExporter({ options: otlp, env, version, startMs }))
  return made
}
