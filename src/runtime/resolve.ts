/**
 * From configuration to a generation: merges what providers published, resolves every reference, gives each object its status, and makes the
 * plans that workers serve. No I/O but reading named files through what is passed in; the same input gives the same result.
 */
import type { BoardAllocator } from '../board/allocator.ts'
import type { Board } from '../board/board.ts'
import { precedenceNames } from '../config/install/check.ts'
import type { InstallConfiguration } from '../config/install/install.ts'
import {
  childServicesOf,
  type EntryPointPlan,
  type GlobalPlan,
  requestCounters,
  type RouterPlan,
  type ServicePlan,
} from '../generation/plan.ts'
import { defaultEntryPoints } from './entry-points.ts'
import type { ReadFile } from './file-content.ts'
import { internalServices, internalSnapshot } from './internal.ts'
import { mergeSnapshots, type Snapshot } from './merge.ts'
import type { SharedMemory } from './middleware-plans.ts'
import { resolveMiddlewares, type ReadFiles } from './middlewares.ts'
import { applyModels } from './models.ts'
import { providerOf } from './names.ts'
import type { PlanSet } from './publisher.ts'
import { type PreviousDrafts, type RouterDraft, resolveRouters } from './routers.ts'
import type { RuleCheck } from './rule-check.ts'
import { internalDrafts, internalService, resolveServices, type ServiceDraft } from './services.ts'
import type { RuntimeState } from './state.ts'
import type { TcpServiceDraft, UdpServiceDraft } from './stream-drafts.ts'
import { resolveStreams } from './streams.ts'
import type { TlsMaterialSource } from './tls-material.ts'
import { resolveTls } from './tls.ts'
import { resolveTransports } from './transports.ts'

/** What resolving is given. */
export interface ResolveInput {
  readonly generation: number
  readonly install: InstallConfiguration
  /** Entry points that are listened on, with their ports. */
  readonly entryPoints: readonly EntryPointPlan[]
  readonly global: GlobalPlan
  readonly snapshots: readonly Snapshot[]
  readonly unbuilt: readonly string[]
  readonly providers: readonly string[]
  /** Of the generation before, whose plans are in force; null or absent when there is none. */
  readonly previous?: PreviousDrafts | null
}

/** What resolving leans on. */
export interface ResolveContext {
  readonly board: Board
  readonly places: BoardAllocator
  readonly memory: SharedMemory
  readonly readFile: ReadFile
  readonly tls: TlsMaterialSource
  readonly readMiddlewareFiles: ReadFiles
  readonly checkRule: RuleCheck
}

/** A resolved generation. */
export interface Resolved {
  readonly state: RuntimeState
  readonly plans: PlanSet
  readonly services: ReadonlyMap<string, ServiceDraft>
  readonly tcpServices: ReadonlyMap<string, TcpServiceDraft>
  readonly udpServices: ReadonlyMap<string, UdpServiceDraft>
  /** Findings that belong to no object; logged. */
  readonly warnings: readonly string[]
  /** What the next generation may take over. */
  readonly drafts: PreviousDrafts
}

/** Resolves a generation. */
export function resolve(input: ResolveInput, context: ResolveContext): Resolved {
  const { install, previous = null } = input
  const warnings: string[] = []
  const merged = mergeSnapshots([...input.snapshots, internalSnapshot(install, warnings)])
  const transports = resolveTransports(merged, install, context.readFile)
  for (const result of transports.values()) warnings.push(...result.warnings)
  const tls = resolveTls(merged, install.ocsp, context)
  warnings.push(...tls.warnings)
  const middlewares = resolveMiddlewares(merged, context)
  const internal = internalServices(install)
  const terminatingStatus = install.ping?.terminatingStatusCode ?? 503
  const transportErrors = new Map([...transports].map(([name, result]) => [name, result.error]))
  const services = resolveServices({ ...context, merged, middlewares, transports: transportErrors, internal, terminatingStatus, previous })
  for (const draft of internalDrafts({ internal, board: context.board })) services.set(draft.name, draft)
  const internalPlans = new Map<string, ServicePlan>()
  const internalProblem = (name: string): string | null => {
    const plan = internalService(name, { internal, terminatingStatus })
    if (typeof plan === 'string') return plan
    internalPlans.set(name, withCounters(plan, install, context.places))
    return null
  }
  const tlsErrors = new Map([...tls.options].map(([name, result]) => [name, result.error]))
  const routers = resolveRouters(applyModels(merged.routers, install, defaultEntryPoints(install.entryPoints)), {
    install,
    middlewares,
    services,
    tlsOptions: tlsErrors,
    internalProblem,
    checkRule: context.checkRule,
    previous,
  })
  for (const { plan } of services.values())
    for (const child of plan === null ? [] : childServicesOf(plan)) if (providerOf(child) === 'internal') internalProblem(child)
  const rank = precedenceOf(install)
  const streams = resolveStreams(merged, { ...context, install, tlsOptions: tlsErrors, rank })
  warnings.push(...streams.warnings)
  context.memory.turn()
  const plans: PlanSet = {
    global: new Map([['', input.global]]),
    ...tls.plans,
    entryPoint: new Map(input.entryPoints.map((plan) => [plan.name, plan])),
    transport: new Map(
      [...transports].flatMap(([name, { plan, error }]) => (plan === null || error !== null ? [] : [[name, plan] as const])),
    ),
    middleware: plansOf(middlewares.values(), new Map()),
    service: plansOf(services.values(), internalPlans),
    router: routerPlans(routers.values(), rank, install, context.places),
    ...streams.plans,
  }
  const state: RuntimeState = {
    generation: input.generation,
    install,
    routers,
    services,
    middlewares,
    certificates: tls.certificates,
    ...streams.state,
    unbuilt: input.unbuilt,
    providers: input.providers,
  }
  return {
    state,
    plans,
    services,
    tcpServices: streams.tcpServices,
    udpServices: streams.udpServices,
    warnings,
    drafts: { install, middlewares, services, routers },
  }
}

/** Internal services are counted only where the metrics ask for it. */
function withCounters(plan: ServicePlan, install: InstallConfiguration, places: BoardAllocator): ServicePlan {
  if (plan.kind !== 'internal' || install.metrics?.addInternals !== true) return plan
  const counters = places.place('counter', `service:${plan.name}`, requestCounters.count)
  return counters === 0 ? plan : { ...plan, counters }
}

function plansOf<P extends { readonly name: string }>(drafts: Iterable<{ readonly plan: P | null }>, into: Map<string, P>): Map<string, P> {
  for (const { plan } of drafts) if (plan !== null) into.set(plan.name, plan)
  return into
}

function routerPlans(
  drafts: Iterable<RouterDraft>,
  rank: (provider: string) => number,
  install: InstallConfiguration,
  places: BoardAllocator,
): Map<string, RouterPlan> {
  const plans = new Map<string, RouterPlan>()
  for (const draft of drafts) {
    // A draft of the generation before has the plan that it had there.
    draft.plan ??= routerPlan(draft, rank, install, places)
    plans.set(draft.name, draft.plan)
  }
  return plans
}

function routerPlan(
  draft: RouterDraft,
  rank: (provider: string) => number,
  install: InstallConfiguration,
  places: BoardAllocator,
): RouterPlan {
  const internal = draft.provider === 'internal' || providerOf(draft.service) === 'internal'
  const logsInternals = install.accessLog?.addInternals === true
  const measuresInternals = install.metrics?.addInternals === true
  const observability = draft.source.observability
  return {
    name: draft.name,
    entryPoints: draft.using,
    rule: draft.source.rule,
    syntax: draft.syntax,
    priority: draft.priority,
    precedence: rank(draft.provider),
    middlewares: draft.middlewares,
    service: draft.service,
    children: draft.children.map((child) => child.name),
    isChild: draft.isChild,
    disabled: draft.status === 'disabled' ? (draft.errors[0] ?? 'disabled') : null,
    tls: draft.source.tls !== undefined,
    tlsOptions: draft.tlsOptions,
    tlsHosts: draft.tlsHosts,
    tlsHostPatterns: draft.tlsHostPatterns,
    accessLogs: (observability?.accessLogs ?? true) && (!internal || logsInternals),
    metrics: (observability?.metrics ?? true) && (!internal || measuresInternals),
    internal,
    counters: internal && !measuresInternals ? 0 : places.place('counter', `router:${draft.name}`, requestCounters.count),
  }
}

/** Order of providers for ties between equal priorities. Deterministic also where Traefik's is not: see docs/differences.md. */
function precedenceOf(install: InstallConfiguration): (provider: string) => number {
  const given = install.providers.precedence.map((name) => name.toLowerCase())
  const order = given.length > 0 ? given : precedenceNames
  const ranks = new Map(order.map((name, index) => [name, index]))
  return (provider) => ranks.get(provider.toLowerCase()) ?? order.length
}
