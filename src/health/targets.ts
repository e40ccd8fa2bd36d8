import type { HttpService, TcpService, UdpService } from '../config/routing/routing.ts'
import { childServicesOf, type ServicePlan, type TransportPlan } from '../generation/plan.ts'
import type { ProxyProtocolVersion, TcpServicePlan, TcpTransportPlan, UdpServicePlan } from '../generation/stream-plan.ts'
/** Which servers are checked, and how: read off a resolved generation. */
import { bareTransport } from '../generation/transport-defaults.ts'
import { parseStatusRanges, type StatusRanges } from '../std/status-ranges.ts'

/** How one service wants its servers checked; defaults filled in. */
export interface HealthCheck {
  readonly mode: 'http' | 'grpc'
  /** '' for the server's own. */
  readonly scheme: string
  readonly path: string
  readonly method: string
  /** 0: 200 to 399. */
  readonly status: number
  /** 0: the server's own. */
  readonly port: number
  readonly intervalMs: number
  readonly unhealthyIntervalMs: number
  readonly timeoutMs: number
  /** Host to ask for; '' for the server's address. */
  readonly hostname: string
  readonly followRedirects: boolean
  readonly headers: Readonly<Record<string, string>>
  /** Statuses that count as well instead of `status`; empty: none but those. */
  readonly statuses: StatusRanges
  /** Text that the answer contains; '' for any. */
  readonly body: string
  /** gRPC service that is asked for; '' for the server as a whole. */
  readonly service: string
}

/** One server to check. */
export type HealthTarget = HttpHealthTarget | TcpHealthTarget

/** What targets of any protocol have. */
interface TargetBase {
  /** The same for as long as it is the same server of the same service. */
  readonly key: string
  readonly service: string
  /** URL or address. */
  readonly url: string
  /** Cell of the board that holds its state. */
  readonly stateCell: number
  /** First cell of its history; 0 without one. */
  readonly historyCell: number
  /** Checks in a row that must pass before a server that is down is used. */
  readonly rise: number
  /** Checks in a row that must fail before a server is taken out. */
  readonly fall: number
  /** Random part of the interval, in percent. */
  readonly jitterPercent: number
  /** What is wrong with the options without being in the way. */
  readonly remarks: readonly string[]
}

/** A server that is asked over HTTP or gRPC. */
export interface HttpHealthTarget extends TargetBase {
  readonly protocol?: undefined
  readonly check: HealthCheck
  readonly transport: TransportPlan
}

/** How one TCP server is checked; defaults filled in. */
export interface TcpHealthCheck {
  readonly host: string
  readonly port: number
  /** '': nothing. */
  readonly send: string
  /** '': a connection will do. */
  readonly expect: string
  readonly proxyProtocol: ProxyProtocolVersion
  readonly intervalMs: number
  readonly unhealthyIntervalMs: number
  readonly timeoutMs: number
}

/** A server that is connected to. */
export interface TcpHealthTarget extends TargetBase {
  readonly protocol: 'tcp'
  readonly check: TcpHealthCheck
  /** Null when it does not speak TLS. */
  readonly tls: TransportPlan | null
}

/** What targets are read off. */
export interface ResolvedServices {
  readonly services: ReadonlyMap<
    string,
    { readonly config: HttpService; readonly plan: ServicePlan | null; readonly usedBy: readonly string[] }
  >
  readonly plans: { readonly transport: ReadonlyMap<string, TransportPlan> }
}

const intervalMsDefault = 30_000
const timeoutMsDefault = 5000

/** The servers to check: those of services with a health check that a router uses, directly or through other services. */
export function healthTargets(resolved: ResolvedServices): HealthTarget[] {
  const targets: HealthTarget[] = []
  for (const name of servicesInUse(resolved.services)) {
    const service = resolved.services.get(name)
    const options = service?.config.loadBalancer?.healthCheck
    if (service?.plan?.kind !== 'loadBalancer' || options === undefined) continue
    const transport = resolved.plans.transport.get(service.plan.transport)
    if (transport === undefined) continue
    const { times, remarks } = readTimes(options)
    const check = readOptions(options, times, remarks)
    const seen = new Map<string, number>()
    for (const server of service.plan.servers) {
      const count = seen.get(server.url) ?? 0
      seen.set(server.url, count + 1)
      const base = {
        ...thresholds(options),
        ...placesOf(server),
        key: `${name} ${server.url} ${count}`,
        service: name,
        url: server.url,
        remarks,
      }
      if (options.mode === 'tcp') targets.push(connectTarget(base, check, transport))
      else targets.push({ ...base, check, transport })
    }
  }
  return targets
}

function placesOf({
  stateCell,
  historyCell,
}: {
  readonly stateCell: number
  readonly historyCell: number
}): Pick<TargetBase, 'stateCell' | 'historyCell'> {
  return { stateCell, historyCell }
}

function thresholds(options: {
  readonly rise: number
  readonly fall: number
  readonly jitter: number
}): Pick<TargetBase, 'rise' | 'fall' | 'jitterPercent'> {
  return { rise: Math.max(1, options.rise), fall: Math.max(1, options.fall), jitterPercent: options.jitter }
}

/** A check that only connects to an HTTP server. */
function connectTarget(base: TargetBase, check: HealthCheck, transport: TransportPlan): TcpHealthTarget {
  const url = URL.parse(base.url)
  const isTls = (check.scheme === '' ? url?.protocol : `${check.scheme}:`) === 'https:'
  const host = url === null || url.hostname === '' ? 'localhost' : url.hostname.replace(/^\[|\]$/g, '')
  const port = check.port !== 0 ? check.port : url !== null && url.port !== '' ? Number(url.port) : isTls ? 443 : 80
  const { intervalMs, unhealthyIntervalMs, timeoutMs } = check
  return {
    ...base,
    protocol: 'tcp',
    check: { host, port, send: '', expect: '', proxyProtocol: 0, intervalMs, unhealthyIntervalMs, timeoutMs },
    tls: isTls ? transport : null,
  }
}

/** What TCP targets are read off. */
export interface ResolvedTcpServices {
  readonly tcpServices: ReadonlyMap<
    string,
    { readonly config: TcpService; readonly plan: TcpServicePlan | null; readonly usedBy: readonly string[] }
  >
  readonly plans: { readonly tcpTransport: ReadonlyMap<string, TcpTransportPlan> }
}

/** The TCP servers to check. */
export function tcpHealthTargets({ tcpServices, plans }: ResolvedTcpServices): HealthTarget[] {
  const targets: HealthTarget[] = []
  for (const name of servicesInUse(tcpServices)) {
    const service = tcpServices.get(name)
    const options = service?.config.loadBalancer?.healthCheck
    const plan = service?.plan
    if (plan?.kind !== 'loadBalancer' || options === undefined) continue
    const transport = plans.tcpTransport.get(plan.transport)
    if (transport === undefined) continue
    const proxyProtocol = plan.proxyProtocol ?? transport.proxyProtocol
    for (const server of plan.servers)
      targets.push(streamTarget('tcp', name, { ...server, proxyProtocol, transport: transport.tls }, options))
  }
  return targets
}

/** What UDP targets are read off. */
export interface ResolvedUdpServices {
  readonly udpServices: ReadonlyMap<
    string,
    { readonly config: UdpService; readonly plan: UdpServicePlan | null; readonly usedBy: readonly string[] }
  >
}

/** The UDP servers to check. */
export function udpHealthTargets({ udpServices }: ResolvedUdpServices): HealthTarget[] {
  const targets: HealthTarget[] = []
  for (const name of servicesInUse(udpServices)) {
    const service = udpServices.get(name)
    const options = service?.config.loadBalancer?.healthCheck
    if (service?.plan?.kind !== 'loadBalancer' || options === undefined) continue
    for (const server of service.plan.servers)
      targets.push(streamTarget('udp', name, { ...server, tls: false, proxyProtocol: 0, transport: bareTransport }, options))
  }
  return targets
}

interface StreamServer {
  readonly address: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly stateCell: number
  readonly historyCell: number
  readonly proxyProtocol: ProxyProtocolVersion
  readonly transport: TransportPlan
}

type StreamOptions = NonNullable<NonNullable<TcpService['loadBalancer'] | UdpService['loadBalancer']>['healthCheck']>

function streamTarget(protocol: 'tcp' | 'udp', service: string, server: StreamServer, options: StreamOptions): HealthTarget {
  const { address, host, tls, stateCell, transport, proxyProtocol } = server
  const { times, remarks } = readTimes(options)
  const port = options.port === 0 ? server.port : options.port
  const base = { ...thresholds(options), ...placesOf(server), key: `${protocol} ${service} ${stateCell}`, service, url: address, remarks }
  if (options.mode !== 'http' && options.mode !== 'grpc') {
    const check = { host, port, send: options.send, expect: options.expect, proxyProtocol, ...times }
    return { ...base, protocol: 'tcp', check, tls: tls ? transport : null }
  }
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const http = { ...options, scheme: '', method: '', status: 0, port: 0, followRedirects: true, headers: {} }
  return { ...base, url: `${tls ? 'https' : 'http'}://${authority}`, check: readOptions(http, times, remarks), transport }
}

type Services = ReadonlyMap<
  string,
  { readonly plan: ServicePlan | TcpServicePlan | UdpServicePlan | null; readonly usedBy: readonly string[] }
>

function servicesInUse(services: Services): Set<string> {
  const inUse = new Set<string>()
  const waiting = [...services].filter(([, service]) => service.usedBy.length > 0).map(([name]) => name)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (inUse.has(name)) continue
    inUse.add(name)
    const plan = services.get(name)?.plan ?? null
    if (plan !== null) waiting.push(...childServicesOf(plan))
  }
  return inUse
}

type Options = NonNullable<NonNullable<HttpService['loadBalancer']>['healthCheck']>

interface Times {
  readonly interval: number
  readonly unhealthyInterval?: number
  readonly timeout: number
}

function readTimes({ interval, unhealthyInterval, timeout }: Times): {
  times: Pick<HealthCheck, 'intervalMs' | 'unhealthyIntervalMs' | 'timeoutMs'>
  remarks: string[]
} {
  const remarks: string[] = []
  const positive = (name: string, ms: number, otherwise: number): number => {
    if (ms > 0) return ms
    remarks.push(`healthCheck.${name} must be greater than zero, ${otherwise / 1000}s is used`)
    return otherwise
  }
  const intervalMs = positive('interval', interval, intervalMsDefault)
  const unhealthyIntervalMs =
    unhealthyInterval === undefined ? intervalMs : positive('unhealthyInterval', unhealthyInterval, intervalMsDefault)
  return { times: { intervalMs, unhealthyIntervalMs, timeoutMs: positive('timeout', timeout, timeoutMsDefault) }, remarks }
}

function readOptions(
  options: Omit<Options, 'rise' | 'fall' | 'jitter' | 'interval' | 'unhealthyInterval' | 'timeout'>,
  times: Pick<HealthCheck, 'intervalMs' | 'unhealthyIntervalMs' | 'timeoutMs'>,
  remarks: string[],
): HealthCheck {
  const parsed = parseStatusRanges(options.statuses)
  if ('problem' in parsed) remarks.push(`healthCheck.statuses: "${parsed.problem}" is neither a status nor a range, status counts instead`)
  return {
    // Every other word means http, as recorded of Traefik.
    mode: options.mode === 'grpc' ? 'grpc' : 'http',
    scheme: options.scheme,
    path: options.path,
    method: options.method === '' ? 'GET' : options.method,
    status: options.status,
    port: options.port,
    ...times,
    hostname: options.hostname,
    followRedirects: options.followRedirects,
    headers: options.headers,
    statuses: 'problem' in parsed ? [] : parsed.ranges,
    body: options.body,
    service: options.service,
  }
}
