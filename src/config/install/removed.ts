/** Options of Traefik v2 that v3 refuses to start with, by path in lower case (`<name>` does not occur), and what to do instead. */

const caOptional = 'use tls.insecureSkipVerify or a CA that fits'
const namespaces = 'use the list `namespaces`'
const otlp = 'export traces by tracing.otlp'

/** What to do instead of a removed option. */
export const removedOptions: ReadonlyMap<string, string> = new Map([
  ['pilot', 'leave it out'],
  ['experimental.http3', 'set http3 on the entry point'],
  ['providers.marathon', 'there is no such provider any more'],
  ['providers.rancher', 'there is no such provider any more'],
  ['providers.docker.swarmmode', 'use providers.swarm'],
  ['providers.docker.tls.caoptional', caOptional],
  ['providers.swarm.tls.caoptional', caOptional],
  ['providers.consul.tls.caoptional', caOptional],
  ['providers.consulcatalog.endpoint.tls.caoptional', caOptional],
  ['providers.nomad.endpoint.tls.caoptional', caOptional],
  ['providers.etcd.tls.caoptional', caOptional],
  ['providers.redis.tls.caoptional', caOptional],
  ['providers.http.tls.caoptional', caOptional],
  ['providers.consul.namespace', namespaces],
  ['providers.consulcatalog.namespace', namespaces],
  ['providers.nomad.namespace', namespaces],
  ['metrics.influxdb', 'use metrics.influxDB2'],
  ...['jaeger', 'zipkin', 'datadog', 'instana', 'haystack', 'elastic'].map((name): [string, string] => [`tracing.${name}`, otlp]),
  ['tracing.spannamelimit', 'leave it out'],
])

/** Sections that only removed options had; variables below them count as given. */
export const removedSections: readonly string[] = ['pilot']
