/** Which servers are checked, and how: read off a resolved generation. */
import type { HttpService } from '../config/routing/routing.ts'
import type { ServicePlan, TransportPlan } from '../generation/plan.ts'

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
export interface HealthTarget {
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
  for (const name of servicesInUse(resolved)) {
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

function servicesInUse(resolved: ResolvedServices): Set<string> {
  const inUse = new Set<string>()
  const waiting = [...resolved.services].filter(([, service]) => service.usedBy.length > 0).map(([name]) => name)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (inUse.has(name)) continue
    inUse.add(name)
    const plan = resolved.services.get(name)?.plan
    if (plan?.kind === 'weighted') for (const child of plan.services) waiting.push(child.name)
  }
  return inUse
}

type Options = NonNullable<NonNullable<HttpService['loadBalancer']>['healthCheck']>

function readOptions(options: Options): { check: HealthCheck; remarks: string[] } {
  const remarks: string[] = []
  const positive = (name: string, ms: number, otherwise: number): number => {
    if (ms > 0) return ms
    remarks.push(`healthCheck.${name} must be greater than zero, ${otherwise / 1000}s is used`)
    return otherwise
  }
  const intervalMs = positive('interval', options.interval, intervalMsDefault)
  const check: HealthCheck = {
    // Every other word means http, as recorded of Traefik.
    mode: options.mode === 'grpc' ? 'grpc' : 'http',
    scheme: options.scheme,
    path: options.path,
    method: options.method === '' ? 'GET' : options.method,
    status: options.status,
    port: options.port,
    intervalMs,
    unhealthyIntervalMs:
      options.unhealthyInterval === undefined ? intervalMs : positive('unhealthyInterval', options.unhealthyInterval, intervalMsDefault),
    timeoutMs: positive('timeout', options.timeout, timeoutMsDefault),
    hostname: options.hostname,
    followRedirects: options.followRedirects,
    headers: options.headers,
  }
  return { check, remarks }
}
