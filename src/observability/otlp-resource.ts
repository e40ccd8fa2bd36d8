/** What telemetry says of the process that sends it: OpenTelemetry's resource attributes. */
import { readFileSync } from 'node:fs'
import { arch, hostname, release, type as osType, userInfo } from 'node:os'
import { basename } from 'node:path'

/** What of the configuration goes in. */
export interface ResourceOptions {
  readonly serviceName: string
  readonly resourceAttributes: Readonly<Record<string, string>>
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Value of a resource attribute. */
export type ResourceValue = string | number | string[]

const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/** Attributes, the later ones over the earlier: what is found out, configuration, OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME. */
export function resourceAttributes({
  serviceName,
  resourceAttributes: configured,
  version,
  env,
}: ResourceOptions): Record<string, ResourceValue> {
  return {
    ...containerAttributes(),
    ...kubernetesAttributes(env),
    'host.name': hostname(),
    'host.arch': arch() === 'x64' ? 'amd64' : arch(),
    'os.type': process.platform === 'win32' ? 'windows' : process.platform,
    'os.description': `${osType()} ${release()}`,
    'process.pid': process.pid,
    'process.executable.name': basename(process.execPath),
    'process.executable.path': process.execPath,
    'process.command_args': [...process.argv],
    ...ownerAttribute(),
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'process.runtime.description': 'Node.js',
    'telemetry.sdk.name': 'tidegate',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': version,
    'service.name': serviceName,
    'service.version': version,
    ...configured,
    ...attributesFromEnv(env['OTEL_RESOURCE_ATTRIBUTES'] ?? ''),
    ...(env['OTEL_SERVICE_NAME'] === undefined || env['OTEL_SERVICE_NAME'] === '' ? {} : { 'service.name': env['OTEL_SERVICE_NAME'] }),
  }
}

/** Reads `key=value,key=value` with percent-encoded values, as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS have it. */
export function attributesFromEnv(text: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=')
    const key = pair.slice(0, equals).trim()
    if (equals <= 0 || key === '') continue
    attributes[decode(key)] = decode(pair.slice(equals + 1).trim())
  }
  return attributes
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The identity of the container, as far as its control group tells. */
function containerAttributes(): Record<string, string> {
  const id = /([0-9a-f]{64})(?:\.scope)?\s*$/m.exec(readOrNothing('/proc/self/cgroup'))?.[1]
  return id === undefined ? {} : { 'container.id': id }
}

function kubernetesAttributes(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  if (env['KUBERNETES_SERVICE_HOST'] === undefined) return {}
  const namespace = readOrNothing(namespaceFile).trim()
  return { ...(namespace === '' ? {} : { 'k8s.namespace.name': namespace }), 'k8s.pod.name': hostname() }
}

/** Some containers run as a user without a name. */
function ownerAttribute(): Record<string, string> {
  try {
    return { 'process.owner': userInfo().username }
  } catch {
    return {}
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
