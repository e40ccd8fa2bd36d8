/** Resolves TCP and UDP objects: every reference followed, each with its status, and the plans that workers serve. */
import type { BoardAllocator } from '../board/allocator.ts'
import type { Board } from '../board/board.ts'
import type { InstallConfiguration } from '../config/install/install.ts'
import { tcpMiddlewares } from '../config/routing/tcp-middlewares.ts'
import type { TcpTransportPlan } from '../generation/stream-plan.ts'
import type { ReadFile } from './file-content.ts'
import type { Merged } from './merge.ts'
import { middlewarePlan, type PlannedKind, type SharedMemory } from './middleware-plans.ts'
import type { PlanSet } from './publisher.ts'
import type { RuleCheck } from './rule-check.ts'
import type { RuntimeState } from './state.ts'
import { TcpMiddlewareDraft, type TcpServiceDraft, type UdpServiceDraft } from './stream-drafts.ts'
import { resolveTcpRouters, resolveUdpRouters, tcpRouterPlan, udpRouterPlan } from './stream-routers.ts'
import { resolveTcpServices, resolveUdpServices } from './stream-services.ts'
import { resolveTcpTransports } from './tcp-transports.ts'

/** What streams are resolved against. */
export interface StreamsContext {
  readonly install: InstallConfiguration
  readonly board: Board
  readonly places: BoardAllocator
  readonly memory: SharedMemory
  readonly readFile: ReadFile
  readonly checkRule: RuleCheck
  /** Names of TLS option sets, with the error of those that cannot be used. */
  readonly tlsOptions: ReadonlyMap<string, string | null>
  /** Rank of a provider for ties. */
  readonly rank: (provider: string) => number
}

/** The resolved streams of a generation. */
export interface ResolvedStreams {
  readonly state: Pick<RuntimeState, 'tcpRouters' | 'tcpServices' | 'tcpMiddlewares' | 'udpRouters' | 'udpServices'>
  readonly plans: Pick<PlanSet, 'tcpTransport' | 'tcpMiddleware' | 'tcpService' | 'tcpRouter' | 'udpService' | 'udpRouter'>
  readonly tcpServices: ReadonlyMap<string, TcpServiceDraft>
  readonly udpServices: ReadonlyMap<string, UdpServiceDraft>
  /** Findings that belong to no object. */
  readonly warnings: readonly string[]
}

/** Resolves all TCP and UDP objects. */
export function resolveStreams(merged: Merged, context: StreamsContext): ResolvedStreams {
  const { install, readFile, rank } = context
  const transports = resolveTcpTransports(merged, install, readFile)
  const warnings = [...transports.values()].flatMap((result) => [...result.warnings])
  const servicesContext = { ...context, merged, transports: new Map([...transports].map(([name, { error }]) => [name, error])) }
  const tcpServices = resolveTcpServices(servicesContext)
  const udpServices = resolveUdpServices(servicesContext)
  const middlewares = resolveTcpMiddlewares(merged, context)
  const tcpRouters = resolveTcpRouters(merged, { ...context, services: tcpServices, middlewares })
  const udpRouters = resolveUdpRouters(merged, { ...context, services: udpServices }, warnings)
  return {
    state: { tcpRouters, tcpServices, tcpMiddlewares: middlewares, udpRouters, udpServices },
    plans: {
      tcpTransport: plansOf<TcpTransportPlan>(transports.values()),
      tcpMiddleware: plansOf(middlewares.values()),
      tcpService: plansOf(tcpServices.values()),
      tcpRouter: new Map([...tcpRouters.values()].map((draft) => [draft.name, tcpRouterPlan(draft, rank)])),
      udpService: plansOf(udpServices.values()),
      udpRouter: new Map([...udpRouters.values()].map((draft) => [draft.name, udpRouterPlan(draft, rank)])),
    },
    tcpServices,
    udpServices,
    warnings,
  }
}

function plansOf<P extends { readonly name: string }>(results: Iterable<{ readonly plan: P | null }>): Map<string, P> {
  const plans = new Map<string, P>()
  for (const { plan } of results) if (plan !== null) plans.set(plan.name, plan)
  return plans
}

interface Kind extends PlannedKind {
  check?(options: unknown): string | undefined
}

function resolveTcpMiddlewares(merged: Merged, context: Pick<StreamsContext, 'places' | 'memory'>): Map<string, TcpMiddlewareDraft> {
  const drafts = new Map<string, TcpMiddlewareDraft>()
  const kinds: readonly Kind[] = tcpMiddlewares
  for (const [name, { config, origin }] of merged.tcpMiddlewares) {
    const draft = new TcpMiddlewareDraft(name, config, origin)
    drafts.set(name, draft)
    const options: Readonly<Record<string, unknown>> = config
    const present = kinds.filter((each) => options[each.key] !== undefined)
    const kind = present[0]
    if (kind === undefined) {
      draft.fail(`invalid middleware "${name}" configuration: invalid middleware type or middleware does not exist`)
      continue
    }
    draft.type = kind.key.toLowerCase()
    if (present.length > 1) {
      draft.fail(
        'cannot create middleware: multi-types middleware not supported, consider declaring two different pieces of middleware instead',
        { found: present.map((each) => each.key).join(', ') },
      )
      continue
    }
    const problem = kind.check?.(options[kind.key])
    if (problem !== undefined) {
      draft.fail(problem)
      continue
    }
    draft.plan = middlewarePlan(name, kind, options[kind.key], { protocol: 'tcp', ...context })
  }
  return drafts
}
