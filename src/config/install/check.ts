/** What the schema cannot say about an install configuration: mistakes that stop the start. */
import { parseIpOrCidr } from '../../std/cidr.ts'
import { parseEntryPointAddress } from './address.ts'
import type { EntryPoint } from './entry-points.ts'
import type { InstallConfiguration } from './install.ts'

/** A mistake in an install configuration. */
export interface InstallMistake {
  /** Schema path of the option. */
  readonly path: string
  /** Traefik's wording where it has one. */
  readonly message: string
  readonly allowed?: string
}

type Report = (path: string, message: string, allowed?: string) => void

/** Names that may stand in `providers.precedence`; also the order that Traefik documents as its default. */
export const precedenceNames: readonly string[] = [
  'kubernetesgateway',
  'kubernetescrd',
  'kubernetes',
  'kubernetesingressnginx',
  'swarm',
  'docker',
  'file',
  'redis',
  'knative',
  'consul',
  'consulcatalog',
  'nomad',
  'etcd',
  'ecs',
  'http',
  'zookeeper',
  'rest',
]

/** Lists all mistakes that stop the start. Pure: files, ports and names are not looked at. */
export function checkInstall(install: InstallConfiguration): InstallMistake[] {
  const mistakes: InstallMistake[] = []
  const report: Report = (path, message, allowed) => mistakes.push({ path, message, ...(allowed === undefined ? {} : { allowed }) })
  for (const [name, entryPoint] of Object.entries(install.entryPoints)) checkEntryPoint(`entryPoints.${name}`, name, entryPoint, report)
  checkAddresses(install, report)
  checkResolvers(install, report)
  checkProviders(install, report)
  checkExporters(install, report)
  const { api, core, ocsp } = install
  const syntax = core?.defaultRuleSyntax
  if (syntax !== undefined && syntax !== 'v2' && syntax !== 'v3') {
    report('core.defaultRuleSyntax', `unsupported default rule syntax configuration: ${JSON.stringify(syntax)}`, 'v3, v2')
  }
  if (api !== undefined && !/^\/[a-zA-Z0-9/_.:~-]*$/.test(api.basePath)) {
    report('api.basePath', `API basePath has to start with / and hold letters, digits and /_.:~- only: ${JSON.stringify(api.basePath)}`)
  }
  for (const [url, override] of Object.entries(ocsp?.responderOverrides ?? {})) {
    if (override === '') report(`ocsp.responderOverrides.${url}`, 'OCSP responder override value must not be empty')
  }
  return mistakes
}

function checkEntryPoint(path: string, name: string, entryPoint: EntryPoint, report: Report): void {
  try {
    parseEntryPointAddress(entryPoint.address)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    report(`${path}.address`, `building listener for entry point ${name}: ${reason}`, '[host]:port[/tcp|/udp]')
  }
  checkRanges(`${path}.forwardedHeaders.trustedIPs`, entryPoint.forwardedHeaders.trustedIPs, report)
  const { proxyProtocol, http, http2, transport } = entryPoint
  if (proxyProtocol !== undefined) {
    checkRanges(`${path}.proxyProtocol.trustedIPs`, proxyProtocol.trustedIPs, report)
    if (!proxyProtocol.insecure && proxyProtocol.trustedIPs.length === 0) {
      report(`${path}.proxyProtocol`, 'proxyProtocol needs trustedIPs or insecure', 'trustedIPs, insecure')
    }
  }
  for (const [option, value] of Object.entries(http2)) {
    if (typeof value === 'number' && value < 0)
      report(`${path}.http2.${option}`, `HTTP/2 server configuration value ${option} must be greater than or equal to 0`, '0 or more')
  }
  const { tunnelsOnRemoval } = transport.lifeCycle
  if (!['keep', 'drain', 'close'].includes(tunnelsOnRemoval)) {
    report(
      `${path}.transport.lifeCycle.tunnelsOnRemoval`,
      `unsupported end of tunnels: ${JSON.stringify(tunnelsOnRemoval)}`,
      'keep, drain, close',
    )
  }
  const strategy = http.underscoreHeadersStrategy
  if (strategy !== '' && !['keep', 'delete', 'reject'].includes(strategy)) {
    report(
      `${path}.http.underscoreHeadersStrategy`,
      `unsupported underscore headers strategy: ${JSON.stringify(strategy)}`,
      'keep, delete, reject',
    )
  }
}

function checkRanges(path: string, ranges: readonly string[], report: Report): void {
  for (const [index, range] of ranges.entries()) {
    if (parseIpOrCidr(range) !== undefined) continue
    report(`${path}[${index}]`, `parsing CIDR trusted IPs: invalid CIDR address: ${range}`, 'an IP address or CIDR range')
  }
}

function checkAddresses(install: InstallConfiguration, report: Report): void {
  const users = new Map<string, string>()
  for (const [name, entryPoint] of Object.entries(install.entryPoints)) {
    let key: string
    try {
      const { host, port, protocol } = parseEntryPointAddress(entryPoint.address)
      if (port === 0) continue
      key = `${host === '0.0.0.0' || host === '::' ? '' : host.toLowerCase()}:${port}/${protocol}`
    } catch {
      // Reported with the entry point itself.
      continue
    }
    const other = users.get(key)
    if (other !== undefined)
      report(`entryPoints.${name}.address`, `entry points ${other} and ${name} have the same address ${entryPoint.address}`)
    else users.set(key, name)
  }
}

function checkResolvers({ certificatesResolvers }: InstallConfiguration, report: Report): void {
  for (const [name, resolver] of Object.entries(certificatesResolvers)) {
    const path = `certificatesResolvers.${name}`
    if (resolver.acme !== undefined && resolver.tailscale !== undefined) {
      report(
        path,
        `unable to initialize certificates resolver ${JSON.stringify(name)}, as ACME and Tailscale providers are mutually exclusive`,
      )
    }
    if (resolver.acme !== undefined && resolver.acme.storage === '') {
      report(
        `${path}.acme.storage`,
        `unable to initialize certificates resolver ${JSON.stringify(name)} with no storage location for the certificates`,
      )
    }
  }
}

function checkProviders({ providers, experimental }: InstallConfiguration, report: Report): void {
  for (const [index, name] of providers.precedence.entries()) {
    if (!precedenceNames.includes(name.toLowerCase())) {
      report(`providers.precedence[${index}]`, `unknown provider name ${JSON.stringify(name)} in precedence`, precedenceNames.join(', '))
    }
  }
  const nginx = providers.kubernetesIngressNGINX
  if (nginx !== undefined && nginx.watchNamespace !== '' && nginx.watchNamespaceSelector !== '') {
    report('providers.kubernetesIngressNGINX', 'watchNamespace and watchNamespaceSelector options are mutually exclusive')
  }
  if (providers.knative !== undefined && experimental?.knative !== true) {
    report('providers.knative', 'the experimental Knative provider must be enabled in the experimental section')
  }
}

interface OtlpOptions {
  readonly grpc?: { readonly insecure: boolean; readonly tls?: unknown }
}

function checkExporters(install: InstallConfiguration, report: Report): void {
  const { accessLog, log, metrics, tracing, experimental } = install
  const enabled = experimental?.otlplogs === true
  if (log?.otlp !== undefined && !enabled) report('log.otlp', 'the experimental OTLP logs feature must be enabled to use OTLP logging')
  if (accessLog?.otlp !== undefined && !enabled)
    report('accessLog.otlp', 'the experimental OTLP logs feature must be enabled to use OTLP access logging')
  const exporters: readonly (readonly [string, OtlpOptions | undefined])[] = [
    ['log.otlp', log?.otlp],
    ['accessLog.otlp', accessLog?.otlp],
    ['metrics.otlp', metrics?.otlp],
    ['tracing.otlp', tracing?.otlp],
  ]
  for (const [path, exporter] of exporters) {
    if (exporter?.grpc?.insecure === true && exporter.grpc.tls !== undefined) {
      report(`${path}.grpc`, `${path} grpc: TLS and insecure are mutually exclusive`)
    }
  }
}
