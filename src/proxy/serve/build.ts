/**
 * Turns the plans of a generation into handlers. Only what changed, or leans on something that changed, is built again; the rest is shared
 * with the generation before. Building is cut into steps so that a worker can serve requests in between.
 */
import type { Board } from '../../board/board.ts'
import {
  type CertificatePlan,
  childServicesOf,
  type EntryPointPlan,
  type GlobalPlan,
  type MiddlewarePlan,
  type PlanChange,
  type PlanKind,
  type RouterPlan,
  type ServicePlan,
  type TlsCommonPlan,
  type TlsOptionsPlan,
  type TransportPlan,
} from '../../generation/plan.ts'
import { parseRule } from '../../rules/parser.ts'
import { buildRouteTableSteps, type RouteEntry, type RouteTable } from '../../rules/route-table.ts'
import type { RuleNode } from '../../rules/tree.ts'
import type { Exchange, Handler, Middleware } from '../http/exchange.ts'
import type { TlsServing } from '../tls/acceptor.ts'
import { CertificateIndex } from '../tls/certificate-index.ts'
import { HttpsHosts } from '../tls/https-hosts.ts'
import type { Inspection } from './explain.ts'
import { demandPolicy, disabledRouter, enterRouter, missingService, refuse, routeBy } from './route-handlers.ts'
import { noStreamChanges, noStreamPlans, type StreamBuildContext, StreamBuilder, type StreamPlans, type StreamServing } from './streams.ts'

/** What building needs of the worker. */
export interface BuildContext extends StreamBuildContext {
  /** Told before handlers are built; true when every chain of middlewares is to be put together anew, since others measure it. */
  begin(global: GlobalPlan | null): boolean
  middleware(plan: MiddlewarePlan, service: (name: string) => Handler): BuiltMiddleware
  service(plan: ServicePlan, transport: (name: string) => TransportPlan | undefined, service: (name: string) => Handler): Handler
  /** Pipeline of an entry point in front of its route table. */
  pipeline(plan: EntryPointPlan, global: GlobalPlan, route: Handler): Handler
  /** Refuses paths with escapes that the entry point forbids, once a router has matched; null when it forbids none. */
  encodedCharacters(plan: EntryPointPlan): ((exchange: Exchange) => boolean) | null
}

/** A middleware, and what is to be called when it has been replaced. */
export interface BuiltMiddleware {
  readonly middleware: Middleware
  readonly close: () => void
}

/** Plans by kind and qualified name. */
export type Plans = {
  readonly global: Map<string, GlobalPlan>
  readonly tls: Map<string, TlsCommonPlan>
  readonly tlsOptions: Map<string, TlsOptionsPlan>
  readonly certificate: Map<string, CertificatePlan>
  readonly entryPoint: Map<string, EntryPointPlan>
  readonly router: Map<string, RouterPlan>
  readonly middleware: Map<string, MiddlewarePlan>
  readonly service: Map<string, ServicePlan>
  readonly transport: Map<string, TransportPlan>
} & StreamPlans

/** What a worker serves: immutable once made. */
export interface Serving {
  readonly generation: number
  readonly global: GlobalPlan | null
  readonly entryPoints: ReadonlyMap<string, ServingEntryPoint>
  /** Null until the control plane has said what all TLS listeners have in common. */
  readonly tls: TlsServing | null
  readonly streams: StreamServing
}

/** An entry point with its handler of this generation. */
export interface ServingEntryPoint {
  readonly plan: EntryPointPlan
  /** For requests without TLS. */
  readonly handler: Handler
  /** For requests over TLS: routers with `tls` and no others. */
  readonly secureHandler: Handler
}

/** Objects between two yields; about a millisecond of work. */
const stepObjects = 200

type Changed = Readonly<Record<PlanKind, Set<string>>>

/** Keeps the plans and the handlers built from them. */
export class ServingBuilder {
  readonly #context: BuildContext
  readonly #streams: StreamBuilder
  readonly #plans: Plans
  readonly #middlewares = new Map<string, BuiltMiddleware>()
  /** Of middlewares that the next generation does without. */
  #closing: (() => void)[] = []
  readonly #services = new Map<string, Handler>()
  readonly #routers = new Map<string, Handler>()
  readonly #slots = new Map<string, number>()
  readonly #tables = new Map<string, EntryPointTables>()
  /** What is built of options and certificates; null when they have changed. */
  #tls: Omit<TlsServing, 'hosts'> | null = null
  /** Slots of routers that are gone; no table of the newest generation names them. */
  readonly #freeSlots: number[] = []
  /** Whether all plans are to be built, not only those that change. */
  #buildsAll: boolean
  #handlers: (Handler | undefined)[] = []
  #nextSlot = 0

  constructor(context: BuildContext, plans: Plans = noPlans()) {
    this.#context = context
    this.#streams = new StreamBuilder(context)
    this.#plans = plans
    this.#buildsAll = plans.global.size > 0
  }

  /** A builder that has the same plans and nothing built from them. */
  afresh(): ServingBuilder {
    return new ServingBuilder(this.#context, this.#plans)
  }

  /** The plans as last built; changed by `build` only. */
  get plans(): Plans {
    return this.#plans
  }

  /** The newest generation, as `explain` looks at it. */
  inspect(board: Board): Inspection {
    const plans = this.#plans
    return {
      board,
      plans,
      routers: (entryPoint, secure) => {
        const tables = this.#tables.get(entryPoint)
        return (secure ? tables?.secure : tables?.plain)?.entries ?? []
      },
      routersBelow: (router) => {
        const children = plans.router.get(router)?.children ?? []
        const entries = children.flatMap((name) => plans.router.get(name) ?? []).map((plan) => this.#entry(plan, 0))
        return exhaust(buildRouteTableSteps(entries)).entries
      },
      middleware: (name) => this.#middlewares.get(name)?.middleware,
      service: (name) => this.#services.get(name),
    }
  }

  /** The newest generation is in force: middlewares that it replaced are told. */
  closeReplaced(): void {
    const closing = this.#closing
    this.#closing = []
    for (const close of closing) close()
  }

  /** Applies changes and builds the next generation step by step. Steps yield nothing; the return value is the result. */
  *build(generation: number, changes: readonly PlanChange[]): Generator<void, Serving> {
    const changed: Changed = {
      global: new Set(),
      tls: new Set(),
      tlsOptions: new Set(),
      certificate: new Set(),
      entryPoint: new Set(),
      router: new Set(),
      middleware: new Set(),
      service: new Set(),
      transport: new Set(),
      ...noStreamChanges(),
    }
    const dirtyTables = new Set<string>()
    for (const change of changes) this.#take(change, changed, dirtyTables)
    if (this.#context.begin(this.#plans.global.get('') ?? null)) {
      for (const name of this.#plans.service.keys()) changed.service.add(name)
      for (const name of this.#plans.router.keys()) changed.router.add(name)
    }
    if (this.#buildsAll) {
      for (const name of this.#plans.middleware.keys()) changed.middleware.add(name)
      for (const name of this.#plans.entryPoint.keys()) dirtyTables.add(name)
    }
    if (this.#buildsAll || changed.tls.size + changed.tlsOptions.size + changed.certificate.size > 0) this.#tls = null
    yield* this.#buildMiddlewares(changed)
    yield* this.#buildServices(changed)
    // Handlers are numbered; a generation has an array of its own, so that a request goes on with the handlers it began with.
    this.#handlers = this.#handlers.slice()
    yield* this.#buildRouters(changed)
    for (const name of dirtyTables) yield* this.#buildTable(name)
    const serving = this.#assemble(generation, yield* this.#streams.build(this.#plans, changed))
    this.#buildsAll = false
    return serving
  }

  #take(change: PlanChange, changed: Changed, dirtyTables: Set<string>): void {
    changed[change.kind].add(change.key)
    if (change.kind === 'router') this.#markTables(this.#plans.router.get(change.key), change.plan, dirtyTables)
    if (change.kind === 'entryPoint') dirtyTables.add(change.key)
    const plans: Map<string, unknown> = this.#plans[change.kind]
    if (change.plan === null) plans.delete(change.key)
    else plans.set(change.key, change.plan)
  }

  #markTables(before: RouterPlan | undefined, after: RouterPlan | null, dirtyTables: Set<string>): void {
    if (before !== undefined && after !== null && routesAlike(before, after)) return
    for (const plan of [before, after]) {
      if (plan === undefined || plan === null || plan.isChild) continue
      for (const entryPoint of plan.entryPoints) dirtyTables.add(entryPoint)
    }
  }

  *#buildMiddlewares(changed: Changed): Generator<void> {
    let steps = 0
    for (const name of changed.middleware) {
      const plan = this.#plans.middleware.get(name)
      const before = this.#middlewares.get(name)
      if (before !== undefined) this.#closing.push(before.close)
      if (plan === undefined) this.#middlewares.delete(name)
      else this.#middlewares.set(name, this.#buildMiddleware(plan))
      steps += 1
      if (steps % stepObjects === 0) yield
    }
  }

  #buildMiddleware(plan: MiddlewarePlan): BuiltMiddleware {
    try {
      return this.#context.middleware(plan, (name) => this.#services.get(name) ?? missingService)
    } catch (cause) {
      // The control plane's check let it through, so this is a fault of ours: the routers that use it refuse, they never let traffic by.
      this.#context.warn(`cannot build middleware: ${textOf(cause)}`, { middlewareName: plan.name })
      return { middleware: () => refuse, close() {} }
    }
  }

  *#buildServices(changed: Changed): Generator<void> {
    const state = new Map<string, boolean>()
    for (const name of changed.service) if (!this.#plans.service.has(name)) this.#services.delete(name)
    let steps = 0
    for (const name of this.#plans.service.keys()) {
      this.#buildService(name, changed, state)
      steps += 1
      if (steps % stepObjects === 0) yield
    }
  }

  /** Builds a service after its children when it or anything below it changed; tells whether it did. */
  #buildService(name: string, changed: Changed, state: Map<string, boolean>): boolean {
    const known = state.get(name)
    if (known !== undefined) return known
    const plan = this.#plans.service.get(name)
    if (plan === undefined) return changed.service.has(name)
    // Cycles are refused by the control plane; this only keeps a faulty plan from recursing without end.
    state.set(name, false)
    let dirty = changed.service.has(name) || !this.#services.has(name)
    for (const child of childServicesOf(plan)) dirty = this.#buildService(child, changed, state) || dirty
    if (plan.kind === 'loadBalancer') dirty ||= changed.transport.has(plan.transport)
    const middlewares = plan.kind === 'internal' ? [] : plan.middlewares
    dirty ||= middlewares.some((middleware) => changed.middleware.has(middleware))
    state.set(name, dirty)
    changed.service.delete(name)
    if (dirty) {
      changed.service.add(name)
      this.#services.set(name, this.#wrap(middlewares, this.#buildServiceHandler(plan)))
    }
    return dirty
  }

  #buildServiceHandler(plan: ServicePlan): Handler {
    try {
      return this.#context.service(
        plan,
        (name) => this.#plans.transport.get(name),
        (name) => this.#services.get(name) ?? missingService,
      )
    } catch (cause) {
      this.#context.warn(`cannot build service: ${textOf(cause)}`, { serviceName: plan.name })
      return refuse
    }
  }

  *#buildRouters(changed: Changed): Generator<void> {
    const state = new Map<string, boolean>()
    for (const name of changed.router) {
      if (this.#plans.router.has(name)) continue
      this.#routers.delete(name)
      const slot = this.#slots.get(name)
      if (slot === undefined) continue
      this.#handlers[slot] = undefined
      this.#slots.delete(name)
      this.#freeSlots.push(slot)
    }
    let steps = 0
    for (const name of this.#plans.router.keys()) {
      this.#buildRouter(name, changed, state)
      steps += 1
      if (steps % stepObjects === 0) yield
    }
  }

  #buildRouter(name: string, changed: Changed, state: Map<string, boolean>): boolean {
    const known = state.get(name)
    if (known !== undefined) return known
    const plan = this.#plans.router.get(name)
    if (plan === undefined) return changed.router.has(name)
    state.set(name, false)
    let dirty = changed.router.has(name) || !this.#routers.has(name) || changed.service.has(plan.service)
    for (const child of plan.children) dirty = this.#buildRouter(child, changed, state) || dirty
    dirty ||= plan.middlewares.some((middleware) => changed.middleware.has(middleware))
    dirty ||= plan.tls && changed.tlsOptions.has(plan.tlsOptions)
    state.set(name, dirty)
    if (!dirty) return false
    const handler = this.#routerHandler(plan)
    this.#routers.set(name, handler)
    this.#handlers[this.#slotOf(name)] = handler
    return true
  }

  #routerHandler(plan: RouterPlan): Handler {
    if (plan.disabled !== null) return disabledRouter
    const target = plan.children.length > 0 ? this.#childrenHandler(plan) : (this.#services.get(plan.service) ?? missingService)
    const handler = enterRouter(plan, this.#wrap(plan.middlewares, target))
    return plan.tls ? demandPolicy(this.#plans.tlsOptions.get(plan.tlsOptions)?.policy ?? '', handler) : handler
  }

  #childrenHandler(plan: RouterPlan): Handler {
    const entries: RouteEntry[] = []
    const handlers: Handler[] = []
    for (const name of plan.children) {
      const child = this.#plans.router.get(name)
      const handler = this.#routers.get(name)
      if (child === undefined || handler === undefined) continue
      entries.push(this.#entry(child, handlers.length))
      handlers.push(handler)
    }
    return routeBy(exhaust(buildRouteTableSteps(entries)), handlers, null)
  }

  *#buildTable(entryPoint: string): Generator<void> {
    if (!this.#plans.entryPoint.has(entryPoint)) {
      this.#tables.delete(entryPoint)
      return
    }
    const plain: RouteEntry[] = []
    const secure: RouteEntry[] = []
    const hosts = new HttpsHosts()
    let steps = 0
    for (const plan of this.#plans.router.values()) {
      steps += 1
      if (steps % stepObjects === 0) yield
      if (plan.isChild || !plan.entryPoints.includes(entryPoint)) continue
      const entry = this.#entry(plan, this.#slotOf(plan.name))
      const entries = plan.tls ? secure : plain
      entries.push(entry)
      if (plan.tls && entry.rule !== null) hosts.add(plan)
    }
    this.#tables.set(entryPoint, { plain: yield* buildRouteTableSteps(plain), secure: yield* buildRouteTableSteps(secure), hosts })
  }

  #entry(plan: RouterPlan, slot: number): RouteEntry {
    let rule: RuleNode | null = null
    try {
      rule = parseRule(plan.rule, { protocol: 'http', syntax: plan.syntax })
    } catch {
      // An unreadable rule matches nothing; the control plane has reported it.
    }
    return { slot, rule, priority: plan.priority, precedence: plan.precedence, name: plan.name }
  }

  #slotOf(name: string): number {
    let slot = this.#slots.get(name)
    if (slot === undefined) {
      slot = this.#freeSlots.pop() ?? this.#nextSlot
      if (slot === this.#nextSlot) this.#nextSlot += 1
      this.#slots.set(name, slot)
    }
    return slot
  }

  #wrap(names: readonly string[], target: Handler): Handler {
    let handler = target
    for (let index = names.length - 1; index >= 0; index -= 1) {
      const middleware = this.#middlewares.get(names[index] ?? '')
      handler = middleware === undefined ? refuse : middleware.middleware(handler)
    }
    return handler
  }

  #assemble(generation: number, streams: StreamServing): Serving {
    const global = this.#plans.global.get('') ?? null
    const entryPoints = new Map<string, ServingEntryPoint>()
    if (global === null) return { generation, global, entryPoints, tls: null, streams }
    const hosts = new Map<string, HttpsHosts>()
    for (const plan of this.#plans.entryPoint.values()) {
      const tables = this.#tables.get(plan.name)
      if (tables === undefined) continue
      hosts.set(plan.name, tables.hosts)
      const refused = this.#context.encodedCharacters(plan)
      const pipeline = (table: RouteTable): Handler => this.#context.pipeline(plan, global, routeBy(table, this.#handlers, refused))
      entryPoints.set(plan.name, { plan, handler: pipeline(tables.plain), secureHandler: pipeline(tables.secure) })
    }
    return { generation, global, entryPoints, tls: this.#assembleTls(hosts), streams }
  }

  #assembleTls(hosts: ReadonlyMap<string, HttpsHosts>): TlsServing | null {
    const common = this.#plans.tls.get('')
    if (common === undefined) return null
    const { certificate, tlsOptions } = this.#plans
    this.#tls ??= {
      common,
      options: new Map(tlsOptions),
      certificates: new Map(certificate),
      index: new CertificateIndex(certificate.values(), common.defaultCertificates),
    }
    return { ...this.#tls, hosts }
  }
}

/** What an entry point's requests and handshakes are looked up in. */
interface EntryPointTables {
  readonly plain: RouteTable
  readonly secure: RouteTable
  readonly hosts: HttpsHosts
}

function noPlans(): Plans {
  return {
    global: new Map(),
    tls: new Map(),
    tlsOptions: new Map(),
    certificate: new Map(),
    entryPoint: new Map(),
    router: new Map(),
    middleware: new Map(),
    service: new Map(),
    transport: new Map(),
    ...noStreamPlans(),
  }
}

/** Runs all steps at once. */
export function exhaust<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Whether both take part in the route tables in the same way. */
function routesAlike(a: RouterPlan, b: RouterPlan): boolean {
  return (
    a.rule === b.rule &&
    a.syntax === b.syntax &&
    a.priority === b.priority &&
    a.precedence === b.precedence &&
    a.isChild === b.isChild &&
    a.tls === b.tls &&
    a.tlsOptions === b.tlsOptions &&
    sameTexts(a.tlsHosts, b.tlsHosts) &&
    sameTexts(a.tlsHostPatterns, b.tlsHostPatterns) &&
    sameTexts(a.entryPoints, b.entryPoints)
  )
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index])
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
