/** Turns the plans of TCP and UDP objects into what listeners ask. Built anew as a whole when one of them changed: there is little to build. */
import type { EntryPointPlan, PlanKind, RouterPlan } from '../../generation/plan.ts'
import type {
  TcpMiddlewarePlan,
  TcpRouterPlan,
  TcpServicePlan,
  TcpTransportPlan,
  UdpRouterPlan,
  UdpServicePlan,
} from '../../generation/stream-plan.ts'
import { parseRule } from '../../rules/parser.ts'
import type { RouteEntry } from '../../rules/route-table.ts'
import { buildTcpTableSteps, compareRoutes, isCatchAll } from '../../rules/tcp-table.ts'
import type { RuleNode } from '../../rules/tree.ts'
import type { TcpHandler, TcpMiddleware } from '../stream/tcp-connection.ts'
import { type TcpRoute, TcpRoutes } from '../stream/tcp-routes.ts'
import type { UdpService } from '../stream/udp-service.ts'

/** Plans of streams by kind and qualified name. */
export type StreamPlans = {
  readonly tcpTransport: Map<string, TcpTransportPlan>
  readonly tcpMiddleware: Map<string, TcpMiddlewarePlan>
  readonly tcpService: Map<string, TcpServicePlan>
  readonly tcpRouter: Map<string, TcpRouterPlan>
  readonly udpService: Map<string, UdpServicePlan>
  readonly udpRouter: Map<string, UdpRouterPlan>
}

/** What building needs of the worker. */
export interface StreamBuildContext {
  tcpMiddleware(plan: TcpMiddlewarePlan): TcpMiddleware
  /** Whether the address of a client passes a middleware that judges by nothing else; null for other kinds. */
  tcpAdmission(plan: TcpMiddlewarePlan): ((remoteIp: string) => boolean) | null
  tcpService(
    plan: TcpServicePlan,
    transport: (name: string) => TcpTransportPlan | undefined,
    service: (name: string) => TcpHandler,
  ): TcpHandler
  udpService(plan: UdpServicePlan, service: (name: string) => UdpService): UdpService
  warn(message: string, fields: Readonly<Record<string, string>>): void
}

/** What a worker serves of streams; by entry point. */
export interface StreamServing {
  readonly tcp: ReadonlyMap<string, TcpRoutes>
  readonly udp: ReadonlyMap<string, UdpService>
}

/** Objects between two yields. */
const stepObjects = 200

/** An empty set of plans. */
export function noStreamPlans(): StreamPlans {
  return {
    tcpTransport: new Map(),
    tcpMiddleware: new Map(),
    tcpService: new Map(),
    tcpRouter: new Map(),
    udpService: new Map(),
    udpRouter: new Map(),
  }
}

/** An empty set of names for each kind. */
export function noStreamChanges(): Record<keyof StreamPlans, Set<string>> {
  return {
    tcpTransport: new Set(),
    tcpMiddleware: new Set(),
    tcpService: new Set(),
    tcpRouter: new Set(),
    udpService: new Set(),
    udpRouter: new Set(),
  }
}

/** Builds streams, and keeps what was built while nothing changes. */
export class StreamBuilder {
  readonly #context: StreamBuildContext
  #built: StreamServing | null = null
  /** Entry points with HTTPS routers that `#built` was made for. */
  #https = ''

  constructor(context: StreamBuildContext) {
    this.#context = context
  }

  /** Builds what listeners ask for streams; UDP services that did not change are the very same objects. */
  *build(
    plans: StreamPlans & { readonly router: ReadonlyMap<string, RouterPlan>; readonly entryPoint: ReadonlyMap<string, EntryPointPlan> },
    changed: Readonly<Record<PlanKind, ReadonlySet<string>>>,
  ): Generator<void, StreamServing> {
    const https = httpsEntryPoints(plans.router.values())
    const isChanged = changed.entryPoint.size > 0 || streamKinds.some((kind) => changed[kind].size > 0)
    const httpsKey = [...https].sort().join(' ')
    if (this.#built !== null && !isChanged && httpsKey === this.#https) return this.#built
    this.#https = httpsKey
    const udpChanged = changed.udpService.size > 0 || changed.udpRouter.size > 0 || changed.entryPoint.size > 0
    const before = this.#built
    this.#built = null
    this.#built = {
      tcp: yield* this.#buildTcp(plans, https),
      udp: before !== null && !udpChanged ? before.udp : this.#buildUdp(plans),
    }
    return this.#built
  }

  *#buildTcp(
    plans: StreamPlans & { readonly entryPoint: ReadonlyMap<string, EntryPointPlan> },
    https: ReadonlySet<string>,
  ): Generator<void, Map<string, TcpRoutes>> {
    const middlewares = new Map<string, TcpMiddleware>()
    for (const [name, plan] of plans.tcpMiddleware) middlewares.set(name, this.#context.tcpMiddleware(plan))
    const services = new ServiceSet<TcpServicePlan, TcpHandler>(plans.tcpService, closeConnection, (plan, service) =>
      this.#context.tcpService(plan, (name) => plans.tcpTransport.get(name), service),
    )
    const routes: TcpRoute[] = []
    const entries: { readonly plan: TcpRouterPlan; readonly entry: RouteEntry }[] = []
    for (const plan of [...plans.tcpRouter.values()].sort(compareRoutes)) {
      const rule = ruleOf(plan)
      const handler = plan.disabled === null ? this.#handlerOf(plan, middlewares, services) : null
      routes.push({
        name: plan.name,
        isCatchAll: rule !== null && isCatchAll(rule),
        tls: plan.tls,
        handler,
        admissions: this.#admissionsOf(plan, plans),
      })
      entries.push({ plan, entry: { ...plan, slot: routes.length - 1, rule } })
      if (routes.length % stepObjects === 0) yield
    }
    const byEntryPoint = new Map<string, TcpRoutes>()
    for (const name of plans.entryPoint.keys()) {
      const own = entries.filter(({ plan }) => plan.entryPoints.includes(name))
      if (own.length === 0) continue
      const plain = yield* buildTcpTableSteps(own.filter(({ plan }) => plan.tls === null).map(({ entry }) => entry))
      const secure = yield* buildTcpTableSteps(own.filter(({ plan }) => plan.tls !== null).map(({ entry }) => entry))
      byEntryPoint.set(name, new TcpRoutes(plain, secure, routes, https.has(name)))
    }
    return byEntryPoint
  }

  #admissionsOf(plan: TcpRouterPlan, plans: StreamPlans): ((remoteIp: string) => boolean)[] {
    if (plan.tls === null || plan.tls.passthrough) return []
    return plan.middlewares.flatMap((name) => {
      const middleware = plans.tcpMiddleware.get(name)
      return (middleware === undefined ? null : this.#context.tcpAdmission(middleware)) ?? []
    })
  }

  #handlerOf(
    plan: TcpRouterPlan,
    middlewares: ReadonlyMap<string, TcpMiddleware>,
    services: ServiceSet<TcpServicePlan, TcpHandler>,
  ): TcpHandler {
    let handler = services.get(plan.service)
    for (const name of plan.middlewares.toReversed()) {
      const middleware = middlewares.get(name)
      // The control plane has found it, so this is a fault of ours: it must not let anybody pass.
      handler = middleware === undefined ? closeConnection : middleware(handler)
    }
    return handler
  }

  #buildUdp(plans: StreamPlans & { readonly entryPoint: ReadonlyMap<string, EntryPointPlan> }): Map<string, UdpService> {
    const services = new ServiceSet<UdpServicePlan, UdpService>(plans.udpService, noUdpServer, (plan, service) =>
      this.#context.udpService(plan, service),
    )
    const byEntryPoint = new Map<string, UdpService>()
    // Several routers on one entry point: the one that sorts first has it.
    const routers = [...plans.udpRouter.values()].sort((a, b) => compareRoutes({ ...a, priority: 0n }, { ...b, priority: 0n }))
    for (const { entryPoints, service, disabled } of routers) {
      if (disabled !== null) continue
      for (const name of entryPoints) if (!byEntryPoint.has(name)) byEntryPoint.set(name, services.get(service))
    }
    return byEntryPoint
  }
}

const streamKinds = ['tcpTransport', 'tcpMiddleware', 'tcpService', 'tcpRouter', 'udpService', 'udpRouter'] as const

/** Services, each built when it is first asked for. */
class ServiceSet<P extends { readonly name: string }, S> {
  readonly #plans: ReadonlyMap<string, P>
  readonly #missing: S
  readonly #build: (plan: P, service: (name: string) => S) => S
  readonly #built = new Map<string, S>()

  constructor(plans: ReadonlyMap<string, P>, missing: S, build: (plan: P, service: (name: string) => S) => S) {
    this.#plans = plans
    this.#missing = missing
    this.#build = build
  }

  get(name: string): S {
    const known = this.#built.get(name)
    if (known !== undefined) return known
    const plan = this.#plans.get(name)
    if (plan === undefined) return this.#missing
    // Cycles are refused by the control plane; this only keeps a faulty plan from recursing without end.
    this.#built.set(name, this.#missing)
    const service = this.#build(plan, (child) => this.get(child))
    this.#built.set(name, service)
    return service
  }
}

function httpsEntryPoints(routers: Iterable<RouterPlan>): Set<string> {
  const names = new Set<string>()
  for (const { tls, isChild, entryPoints } of routers) if (tls && !isChild) for (const name of entryPoints) names.add(name)
  return names
}

function ruleOf(plan: TcpRouterPlan): RuleNode | null {
  try {
    return parseRule(plan.rule, { protocol: 'tcp', syntax: plan.syntax })
  } catch {
    // An unreadable rule matches nothing; the control plane has reported it.
    return null
  }
}

function closeConnection(connection: { destroy(): void }): void {
  connection.destroy()
}

const noUdpServer: UdpService = { next: () => null, reaches: () => false }
