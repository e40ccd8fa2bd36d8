/** Settings of the data plane that belong to no object, from the install configuration. */
import type { AccessLog } from '../config/install/access-log.ts'
import type { InstallConfiguration } from '../config/install/install.ts'
import type { AccessLogPlan, GlobalPlan } from '../generation/plan.ts'
import { metricsPlan } from '../observability/metrics-plan.ts'
import { parseStatusRanges } from '../std/status-ranges.ts'

/** Makes the global plan. `problems` take what is wrong with it; nothing of that stops the start. */
export function globalPlan(install: InstallConfiguration, hostname: string, problems: string[]): GlobalPlan {
  const resolver = install.hostResolver
  return {
    hostname,
    accessLog: install.accessLog === undefined ? null : accessLogPlan(install.accessLog, problems),
    passRequestTrailers: install.passRequestTrailers,
    hostResolver: resolver?.cnameFlattening === true ? { resolvConfig: resolver.resolvConfig, depth: resolver.resolvDepth } : null,
    lifeCycle: { terminatingStatus: install.ping?.terminatingStatusCode ?? 503 },
    metrics: metricsPlan(install.metrics),
  }
}

const formats = ['common', 'json', 'genericCLF'] as const

function accessLogPlan(config: AccessLog, problems: string[]): AccessLogPlan {
  const format = formats.find((known) => known === config.format)
  if (format === undefined)
    problems.push(`accessLog.format: unsupported format "${config.format}", common is used (allowed: ${formats.join(', ')})`)
  const { fields, filters } = config
  const parsed = parseStatusRanges(filters.statusCodes)
  const ranges = 'problem' in parsed ? null : parsed.ranges
  if (ranges === null)
    problems.push(
      `accessLog.filters.statusCodes: "${filters.statusCodes.join(', ')}" is not a list of codes and ranges, so no filter applies`,
    )
  return {
    filePath: config.filePath,
    format: format ?? 'common',
    addInternals: config.addInternals,
    defaultMode: fields.defaultMode,
    names: fields.names,
    headersDefaultMode: fields.headers.defaultMode,
    headerNames: fields.headers.names,
    queryParametersDefaultMode: fields.queryParameters.defaultMode,
    statusCodes: ranges ?? [],
    // One unreadable code switches all filters off, as Traefik does.
    retryAttempts: ranges !== null && filters.retryAttempts,
    minDurationMs: ranges === null ? 0 : filters.minDuration,
    hasFilters: ranges !== null && (ranges.length > 0 || filters.retryAttempts || filters.minDuration > 0),
  }
}
