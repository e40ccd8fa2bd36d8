/** The overview: how many objects are well, and what is switched on. */
import type { InstallConfiguration } from '../config/install/install.ts'
import type { ObjectInfo, RuntimeState } from '../runtime/state.ts'
import type { Shown } from './objects.ts'

/** Makes the overview. */
export function overviewOf(state: RuntimeState): Shown {
  return {
    http: { routers: count(state.routers), services: count(state.services), middlewares: count(state.middlewares) },
    tcp: { routers: count(state.tcpRouters), services: count(state.tcpServices), middlewares: count(state.tcpMiddlewares) },
    udp: { routers: count(state.udpRouters), services: count(state.udpServices) },
    certificates: certificateCount(state),
    features: featuresOf(state.install),
    providers: state.providers,
    ...(state.unbuilt.length > 0 ? { unbuilt: state.unbuilt } : {}),
  }
}

function certificateCount(state: RuntimeState): Count {
  const infos = [...state.certificates.values()]
  return {
    total: infos.length,
    warnings: infos.filter(({ status }) => status === 'warning').length,
    errors: infos.filter(({ status }) => status === 'expired').length,
  }
}

interface Count {
  readonly total: number
  readonly warnings: number
  readonly errors: number
}

function count(objects: ReadonlyMap<string, ObjectInfo<unknown>>): Count {
  let warnings = 0
  let errors = 0
  for (const { status } of objects.values()) {
    if (status === 'warning') warnings += 1
    else if (status === 'disabled') errors += 1
  }
  return { total: objects.size, warnings, errors }
}

/** Exporters of metrics by their option, in the order in which the first one set is named. */
const exporters = [
  ['prometheus', 'Prometheus'],
  ['datadog', 'Datadog'],
  ['statsD', 'StatsD'],
  ['influxDB2', 'InfluxDB2'],
  ['otlp', 'OTLP'],
] as const

function featuresOf(install: InstallConfiguration): Shown {
  const { metrics, tracing } = install
  const exporter = metrics === undefined ? undefined : exporters.find(([option]) => metrics[option] !== undefined)
  return {
    tracing: tracing === undefined ? '' : 'OTLP',
    metrics: exporter?.[1] ?? '',
    accessLog: install.accessLog !== undefined,
  }
}
