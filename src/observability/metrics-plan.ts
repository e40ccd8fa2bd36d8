/** What workers measure, from what all exporters together show. */
import type { Metrics } from '../config/install/metrics.ts'
import type { MetricsPlan } from '../generation/metrics-plan.ts'

/** Bounds in seconds for exporters that want durations themselves: each is within a fifth of what was measured. */
export const fineBounds: readonly number[] = makeFineBounds()

/** Makes the plan; null when no exporter is on. */
export function metricsPlan(metrics: Metrics | undefined): MetricsPlan | null {
  if (metrics === undefined) return null
  const { prometheus, otlp, statsD, datadog, influxDB2 } = metrics
  const exporters = [prometheus, otlp, statsD, datadog, influxDB2].filter((exporter) => exporter !== undefined)
  if (exporters.length === 0) return null
  const bounds = new Set<number>([...boundsOf(prometheus?.buckets), ...boundsOf(otlp?.explicitBoundaries)])
  if (statsD !== undefined || datadog !== undefined || influxDB2 !== undefined) for (const bound of fineBounds) bounds.add(bound)
  return {
    bounds: [...bounds].sort((a, b) => a - b),
    headers: Object.keys(prometheus?.headerLabels ?? {})
      .sort()
      .map((label) => (prometheus?.headerLabels[label] ?? '').toLowerCase()),
    entryPoints: exporters.some(({ addEntryPointsLabels }) => addEntryPointsLabels),
    routers: exporters.some(({ addRoutersLabels }) => addRoutersLabels),
    services: exporters.some(({ addServicesLabels }) => addServicesLabels),
  }
}

/** Bounds that an exporter shows: ascending, each once, and none that is no number. */
export function boundsOf(bounds: readonly number[] | undefined): number[] {
  return [...new Set(bounds ?? [])].filter((bound) => Number.isFinite(bound)).sort((a, b) => a - b)
}

function makeFineBounds(): number[] {
  const bounds: number[] = []
  for (let decade = -4; decade <= 1; decade += 1)
    for (const digit of [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2]) bounds.push(Number(`${digit}e${decade}`))
  return bounds
}
