/** Which servers are checked, and how: read off a resolved generation. */
import type { HttpService, TcpService } from '../config/routing/routing.ts'
import type { ServicePlan, TransportPlan } from '../generation/plan.ts'
import type { ProxyProtocolVersion, TcpServicePlan, TcpTransportPlan } from '../generation/stream-plan.ts'

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
}

/** One server to check. */
export type HealthTarget = HttpHealthTarget | TcpHealthTarget

/** One HTTP server to check. */
export interface HttpHealthTarget {
  readonly protocol?: undefined
  /** The same for as long as it is the same server of the same service. */
  readonly key: string
  readonly service: string
  readonly url: string
  /** Cell of the board that holds its state. */
  readonly stateCell: number
  readonly check: HealthCheck
  readonly transport: TransportPlan
  /** What is wrong with the options without being in the way. */
  readonly remarks: readonly string[]
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

/** One TCP server to check. */
export interface TcpHealthTarget {
  readonly protocol: 'tcp'
  readonly key: string
  readonly service: string
  /** Its address. */
  readonly url: string
  readonly stateCell: number
  readonly check: TcpHealthCheck
  /** Null when it does not speak TLS. */
  readonly tls: TransportPlan | null
  readonly remarks: readonly string[]
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
export function healthTargets(resolved: ResolvedServices): HttpHealthTarget[] {
  const targets: HttpHealthTarget[] = []
  for (const name of servicesInUse(resolved.services)) {
    const service = resolved.services.get(name)
    const options = service?.config.loadBalancer?.healthCheck
    if (service?.plan?.kind !== 'loadBalancer' || options === undefined) continue
    const transport = resolved.plans.transport.get(service.plan.transport)
    if (transport === undefined) continue
    const { check, remarks } = readOptions(options)
    const seen = new Map<string, number>()
    for (const server of service.plan.servers) {
      const count = seen.get(server.url) ?? 0
      seen.set(server.url, count + 1)
      targets.push({
        key: `${name} ${server.url} ${count}`,
        service: name,
        url: server.url,
        stateCell: server.stateCell,
        check,
        transport,
        remarks,
      })
    }
  }
  return targets
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
export function tcpHealthTargets({ tcpServices, plans }: ResolvedTcpServices): TcpHealthTarget[] {
  const targets: TcpHealthTarget[] = []
  for (const name of servicesInUse(tcpServices)) {
    const service = tcpServices.get(name)
    const options = service?.config.loadBalancer?.healthCheck
    const plan = service?.plan
    if (plan?.kind !== 'loadBalancer' || options === undefined) continue
    const transport = plans.tcpTransport.get(plan.transport)
    if (transport === undefined) continue
    const { times, remarks } = readTimes(options)
    const proxyProtocol = plan.proxyProtocol ?? transport.proxyProtocol
    for (const { address, host, port, tls, stateCell } of plan.servers) {
      const check = { host, port: options.port === 0 ? port : options.port, send: options.send, expect: options.expect, proxyProtocol }
      targets.push({
        protocol: 'tcp',
        key: `tcp ${name} ${stateCell}`,
        service: name,
        url: address,
        stateCell,
        check: { ...check, ...times },
        tls: tls ? transport.tls : null,
        remarks,
      })
    }
  }
  return targets
}

type Services = ReadonlyMap<
  string,
  {
    readonly plan: { readonly kind: string; readonly services?: readonly { readonly name: string }[] } | null
    readonly usedBy: readonly string[]
  }
>

function servicesInUse(services: Services): Set<string> {
  const inUse = new Set<string>()
  const waiting = [...services].filter(([, service]) => service.usedBy.length > 0).map(([name]) => name)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (inUse.has(name)) continue
    inUse.add(name)
    const plan = services.get(name)?.plan
    if (plan?.kind === 'weighted') for (const child of plan.services ?? []) waiting.push(child.name)
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

function readOptions(options: Options): { check: HealthCheck; remarks: string[] } {
  const { times, remarks } = readTimes(options)
  const check: HealthCheck = {
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
  }
  return { check, remarks }
}
