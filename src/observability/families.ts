/**
 * The metrics: names in each exporter's manner, kinds and labels. `docs/metrics.md` is checked against this table. Names that begin with `tidegate` are ours;
 * all others are Traefik's.
 */

/** What a metric is. */
export type FamilyType = 'counter' | 'gauge' | 'histogram'

/** Which switch of an exporter shows a metric. */
export type FamilyGroup = 'general' | 'entryPoints' | 'routers' | 'services'

/** A metric. */
export interface FamilyInfo {
  /** For Prometheus and OTLP. */
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  readonly group: FamilyGroup
  readonly labels: readonly string[]
  /** For StatsD and Datadog, behind the prefix; '' when they do not get it. */
  readonly dotted: string
  /** For InfluxDB, behind `traefik.`. */
  readonly measurement: string
  /** Unit for OTLP (UCUM). */
  readonly unit: string
  /** False: not shown to Prometheus, where Traefik has no such metric although it names one. */
  readonly prometheus: boolean
}

type Names = readonly [name: string, dotted: string, measurement: string]

// oxlint-disable-next-line eslint/max-params -- rows of a table: names at each value would hide them.
function family(type: FamilyType, group: FamilyGroup, names: Names, labels: string, help: string, unit = '1'): FamilyInfo {
  const [name, dotted, measurement] = names
  return { name, type, help, group, labels: labels === '' ? [] : labels.split(' '), dotted, measurement, unit, prometheus: true }
}

const entryPoint = 'code method protocol entrypoint'
const router = 'code method protocol router service'
const service = 'code method protocol service'

// oxlint-disable-next-line eslint/max-params -- rows of a table: names at each value would hide them.
function own(type: FamilyType, group: FamilyGroup, name: string, labels: string, help: string, unit = '1'): FamilyInfo {
  return family(type, group, [name, '', ''], labels, help, unit)
}

/** All metrics by a key of their own. */
export const families = {
  reloads: family(
    'counter',
    'general',
    ['traefik_config_reloads_total', 'config.reload.total', 'config.reload.total'],
    '',
    'Config reloads',
  ),
  lastReload: family(
    'gauge',
    'general',
    ['traefik_config_last_reload_success', 'config.reload.lastSuccessTimestamp', 'config.reload.lastSuccessTimestamp'],
    '',
    'When a routing configuration was last taken into force, in seconds since 1970.',
    's',
  ),
  openConnections: family(
    'gauge',
    'general',
    ['traefik_open_connections', 'open.connections', 'open.connections'],
    'entrypoint protocol',
    'Open connections of clients.',
  ),
  certificates: family(
    'gauge',
    'general',
    ['traefik_tls_certs_not_after', 'tls.certs.notAfterTimestamp', 'tls.certs.notAfterTimestamp'],
    'cn serial sans',
    'When a certificate expires, in seconds since 1970.',
    's',
  ),
  ...requestFamilies('entrypoint', 'entryPoints', entryPoint, 'entrypoint', 'of an entry point'),
  ...requestFamilies('router', 'routers', router, 'router service', 'of a router'),
  ...requestFamilies('service', 'services', service, 'service', 'to a service, each attempt by itself'),
  retries: {
    ...family(
      'counter',
      'services',
      ['traefik_service_retries_total', 'service.retries.total', 'service.retries.total'],
      'service',
      'Attempts after the first one.',
    ),
    prometheus: false,
  },
  serverUp: family(
    'gauge',
    'services',
    ['traefik_service_server_up', 'service.server.up', 'service.server.up'],
    'service url',
    'State of a server that is checked: 1 is up, 0 is down.',
  ),
  ownRetries: own('counter', 'services', 'tidegate_service_retries_total', 'service', 'Attempts after the first one.'),
  serverRequests: own(
    'counter',
    'services',
    'tidegate_server_requests_total',
    'code service url',
    'Requests to a server, each attempt by itself.',
  ),
  serverDuration: own(
    'histogram',
    'services',
    'tidegate_server_request_duration_seconds',
    'code service url',
    'Time that a server took for a request and its answer.',
    's',
  ),
  serverState: own(
    'gauge',
    'services',
    'tidegate_server_requests_in_flight',
    'service url',
    'Requests that are on their way to a server or back.',
  ),
  entryPointReasons: own(
    'counter',
    'entryPoints',
    'tidegate_entrypoint_reasons_total',
    'entrypoint reason',
    'Answers that Tidegate made, changed or cut itself, by reason.',
  ),
  routerReasons: own(
    'counter',
    'routers',
    'tidegate_router_reasons_total',
    'router service reason',
    'Answers that Tidegate made, changed or cut itself, by reason.',
  ),
  middlewareRequests: own(
    'counter',
    'general',
    'tidegate_middleware_requests_total',
    'middleware outcome',
    'Requests of a middleware: passed on, or answered by itself.',
  ),
  middlewareDuration: own(
    'histogram',
    'general',
    'tidegate_middleware_duration_seconds',
    'middleware outcome',
    'Time that a middleware kept a request until it passed it on or answered.',
    's',
  ),
  middlewareAnswers: own(
    'counter',
    'general',
    'tidegate_middleware_answers_total',
    'middleware code',
    'Answers of a middleware by itself.',
  ),
  handshakes: own('counter', 'general', 'tidegate_tls_handshakes_total', 'entrypoint result', 'TLS handshakes of clients: ok or failed.'),
  upstreams: own('gauge', 'general', 'tidegate_upstream_connections', 'server state', 'Connections to a server: idle or active.'),
  generation: own('gauge', 'general', 'tidegate_config_generation', '', 'Number of the configuration in force.'),
  objects: own('gauge', 'general', 'tidegate_config_objects', 'kind status', 'Routing objects by their status.'),
  installReloads: own(
    'counter',
    'general',
    'tidegate_install_reloads_total',
    'result',
    'Reloads of the install configuration: success or failure.',
  ),
  lastInstall: own(
    'gauge',
    'general',
    'tidegate_install_last_reload_timestamp_seconds',
    'result',
    'When the install configuration was last reloaded, in seconds since 1970.',
    's',
  ),
  workers: own('gauge', 'general', 'tidegate_workers', '', 'Workers that serve.'),
  loopDelay: own(
    'gauge',
    'general',
    'tidegate_worker_event_loop_delay_seconds',
    'worker quantile',
    'How late the event loop of a worker was over the last second.',
    's',
  ),
  heap: own('gauge', 'general', 'tidegate_worker_heap_bytes', 'worker', 'Memory that the objects of a worker take.', 'By'),
  dropped: own('counter', 'general', 'tidegate_metrics_dropped_series_total', '', 'Series that there was no memory for.'),
} satisfies Readonly<Record<string, FamilyInfo>>

/** Key of a metric. */
export type FamilyKey = keyof typeof families

type RequestKeys<P extends string> = `${P}${'Requests' | 'Tls' | 'Duration' | 'RequestBytes' | 'ResponseBytes'}`

/** The five metrics that entry points, routers and services have alike. */
// oxlint-disable-next-line eslint/max-params -- rows of a table, too.
function requestFamilies<P extends 'entrypoint' | 'router' | 'service'>(
  prefix: P,
  group: FamilyGroup,
  labels: string,
  object: string,
  what: string,
): Record<RequestKeys<P>, FamilyInfo> {
  const name = (suffix: string): string => `traefik_${prefix}_${suffix}`
  const made: Record<string, FamilyInfo> = {
    [`${prefix}Requests`]: family(
      'counter',
      group,
      [name('requests_total'), `${prefix}.request.total`, `${prefix}.requests.total`],
      labels,
      `Requests ${what}.`,
    ),
    [`${prefix}Tls`]: family(
      'counter',
      group,
      [name('requests_tls_total'), `${prefix}.request.tls.total`, `${prefix}.requests.tls.total`],
      `tls_version tls_cipher ${object}`,
      `Requests ${what} that came over TLS.`,
    ),
    [`${prefix}Duration`]: family(
      'histogram',
      group,
      [name('request_duration_seconds'), `${prefix}.request.duration`, `${prefix}.request.duration`],
      labels,
      `Time of requests ${what} with their answers.`,
      's',
    ),
    [`${prefix}RequestBytes`]: family(
      'counter',
      group,
      [name('requests_bytes_total'), `${prefix}.requests.bytes.total`, `${prefix}.requests.bytes.total`],
      labels,
      `Bytes of the bodies of requests ${what}.`,
      'By',
    ),
    [`${prefix}ResponseBytes`]: family(
      'counter',
      group,
      [name('responses_bytes_total'), `${prefix}.responses.bytes.total`, `${prefix}.responses.bytes.total`],
      labels,
      `Bytes of the bodies of answers ${what}.`,
      'By',
    ),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are made of the prefix right above.
  return made as Record<RequestKeys<P>, FamilyInfo>
}
