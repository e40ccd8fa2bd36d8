/** Resolves services that are made of other services: their children, and the servers on which their health hangs. */
import type { BoardAllocator } from '../board/allocator.ts'
import type { WeightedOptions } from '../config/routing/services/weighted.ts'
import {
  type CompositeServicePlan,
  type FailoverPlan,
  type HighestRandomWeightPlan,
  type MirroringPlan,
  requestCounters,
  type StickyPlan,
  type WeightedPlan,
} from '../generation/plan.ts'
import { parseStatusRanges, type StatusRanges } from '../std/status-ranges.ts'
import { nearestObject } from './draft.ts'
import { providerOf, qualify } from './names.ts'
import type { ServiceDraft } from './services.ts'

type Cookie = NonNullable<NonNullable<WeightedOptions['sticky']>['cookie']>

/** What composite services are resolved with. */
export interface CompositeContext {
  readonly places: BoardAllocator
  readonly drafts: ReadonlyMap<string, ServiceDraft>
  /** Resolves a child before its parent; `path` are the names of the parents. */
  resolveChild(child: ServiceDraft, path: readonly string[]): void
  /** Middlewares of a service, laid flat; null when they cannot be used, which the draft tells. */
  middlewaresOf(draft: ServiceDraft): string[] | null
  stickyPlan(service: string, cookie: Cookie | undefined): StickyPlan | null
  /** Why an internal service cannot be used; null when it can. */
  internalProblem(name: string): string | null
}

/** Resolves a service of services. `path` are the names of its parents and its own. */
export function resolveComposite(draft: ServiceDraft, context: CompositeContext, path: readonly string[]): void {
  const family = new Family(draft, context, path)
  const plan = planOf(draft, family)
  if (plan === null || draft.status === 'disabled') return
  const middlewares = context.middlewaresOf(draft)
  if (middlewares !== null) draft.plan = { ...plan, middlewares }
}

type WithoutMiddlewares<P> = P extends unknown ? Omit<P, 'middlewares'> : never

function planOf(draft: ServiceDraft, family: Family): WithoutMiddlewares<CompositeServicePlan> | null {
  const { source } = draft
  if (source.weighted !== undefined) return weightedPlan(draft, source.weighted, family)
  if (source.highestRandomWeight !== undefined) return highestRandomWeightPlan(draft, source.highestRandomWeight, family)
  if (source.mirroring !== undefined) return mirroringPlan(draft, source.mirroring, family)
  return source.failover === undefined ? null : failoverPlan(draft, source.failover, family)
}

/** Traefik's names for what balances, by strategy or type; the rest are `WRR`. */
const updaterNames: Readonly<Record<string, string>> = {
  p2c: 'P2C',
  hrw: 'HRW',
  leasttime: 'LeastTime',
  highestrandomweight: 'HRW',
  mirroring: 'mirroring',
  failover: 'failover',
}

/** Options that services which choose by weight have alike. */
interface ChoiceOptions {
  readonly services: readonly { readonly name: string; readonly weight: number }[]
  readonly healthCheck?: unknown
}

/** The children of a service. */
class Family {
  readonly context: CompositeContext
  readonly #draft: ServiceDraft
  readonly #path: readonly string[]

  constructor(draft: ServiceDraft, context: CompositeContext, path: readonly string[]) {
    this.#draft = draft
    this.context = context
    this.#path = path
  }

  /** The qualified name of a child, resolved; the draft fails when it cannot be used. */
  child(configured: string, optionPath: string): string {
    const draft = this.#draft
    const name = qualify(configured, draft.provider)
    const problem = this.#problem(name)
    if (problem === null) return name
    const { drafts } = this.context
    const nearest = drafts.has(name) ? undefined : nearestObject(name, drafts.keys(), draft.provider)
    draft.fail(problem, { path: optionPath, found: configured, ...(nearest === undefined ? {} : { nearest }) })
    return name
  }

  /** The children of a kind that chooses among them by weight. */
  weighted(kind: 'weighted' | 'highestRandomWeight', options: ChoiceOptions): HighestRandomWeightPlan['services'] {
    return options.services.map((child, index) => {
      const path = `${kind}.services[${index}]`
      const name = this.child(child.name, `${path}.name`)
      const stateCells = options.healthCheck === undefined ? [] : this.healthOf(name, path)
      return { name, configuredName: child.name, weight: child.weight, stateCells }
    })
  }

  /** Cells of the servers on which a child's health hangs; the draft fails when the child does not tell its health. */
  healthOf(name: string, optionPath: string): readonly number[] {
    return this.#health(name, optionPath, () => `child service ${name} of ${this.#draft.name} has no health check`)
  }

  /** The same for the main service of a failover, which Traefik words in another way; `configured` is its name as written. */
  healthOfMain(name: string, configured: string): readonly number[] {
    const kind = updaterNames[this.#updaterKind(name)] ?? 'WRR'
    return this.#health(
      name,
      'failover.service',
      () => `cannot register ${configured} as updater for ${this.#draft.name}: healthCheck not enabled in config for this ${kind} service`,
    )
  }

  #health(name: string, optionPath: string, message: () => string): readonly number[] {
    const draft = this.#draft
    const cells = stateCellsOf(name, this.context.drafts)
    if (cells === null && draft.status !== 'disabled') draft.fail(message(), { path: optionPath })
    return cells ?? []
  }

  #updaterKind(name: string): string {
    const child = this.context.drafts.get(name)
    return child?.source.loadBalancer?.strategy ?? child?.type ?? ''
  }

  #problem(name: string): string | null {
    const { context } = this
    if (providerOf(name) === 'internal') return context.internalProblem(name)
    const child = context.drafts.get(name)
    if (child === undefined) return `the service "${name}" does not exist`
    if (this.#path.includes(name)) return `could not instantiate service ${name}: recursion detected in ${[...this.#path, name].join('->')}`
    context.resolveChild(child, this.#path)
    return child.status === 'disabled' ? (child.errors[0] ?? `the service "${name}" cannot be built`) : null
  }
}

function weightedPlan(
  draft: ServiceDraft,
  options: NonNullable<ServiceDraft['source']['weighted']>,
  family: Family,
): Omit<WeightedPlan, 'middlewares'> {
  const { context } = family
  return {
    kind: 'weighted',
    name: draft.name,
    services: family.weighted('weighted', options),
    sticky: context.stickyPlan(draft.name, options.sticky?.cookie),
    sequenceCell: context.places.place('cell', `sequence:${draft.name}`),
    counters: context.places.place('counter', `service:${draft.name}`, requestCounters.count),
  }
}

function highestRandomWeightPlan(
  draft: ServiceDraft,
  options: NonNullable<ServiceDraft['source']['highestRandomWeight']>,
  family: Family,
): Omit<HighestRandomWeightPlan, 'middlewares'> {
  return { kind: 'highestRandomWeight', name: draft.name, services: family.weighted('highestRandomWeight', options) }
}

function mirroringPlan(
  draft: ServiceDraft,
  options: NonNullable<ServiceDraft['source']['mirroring']>,
  family: Family,
): Omit<MirroringPlan, 'middlewares'> {
  const service = family.child(options.service, 'mirroring.service')
  const mirrors = options.mirrors.map((mirror, index) => {
    const path = `mirroring.mirrors[${index}]`
    if (mirror.percent < 0 || mirror.percent > 100)
      draft.fail(`percent must be between 0 and 100`, { path: `${path}.percent`, found: String(mirror.percent), allowed: '0 to 100' })
    return { name: family.child(mirror.name, `${path}.name`), percent: mirror.percent }
  })
  if (options.healthCheck !== undefined) family.healthOf(service, 'mirroring.service')
  return {
    kind: 'mirroring',
    name: draft.name,
    service,
    mirrors,
    mirrorBody: options.mirrorBody,
    bodyBytesMax: options.maxBodySize,
    sequenceCell: family.context.places.place('cell', `sequence:${draft.name}`),
  }
}

function failoverPlan(
  draft: ServiceDraft,
  options: NonNullable<ServiceDraft['source']['failover']>,
  family: Family,
): Omit<FailoverPlan, 'middlewares'> {
  const service = family.child(options.service, 'failover.service')
  const fallback = family.child(options.fallback, 'failover.fallback')
  const parsed = parseStatusRanges(options.errors?.status ?? [])
  if ('problem' in parsed)
    draft.fail(`creating HTTP code ranges: "${parsed.problem}" is neither a code nor a range`, {
      path: 'failover.errors.status',
      found: parsed.problem,
      allowed: 'codes such as 503, ranges such as 500-599',
    })
  const status: StatusRanges = 'ranges' in parsed ? parsed.ranges : []
  const replacesErrors = status.length > 0
  // Where answers decide, the first service needs no health check.
  const health = stateCellsOf(service, family.context.drafts)
  return {
    kind: 'failover',
    name: draft.name,
    service,
    fallback,
    stateCells: health === null && replacesErrors ? null : family.healthOfMain(service, options.service),
    fallbackStateCells: options.healthCheck === undefined ? null : family.healthOf(fallback, 'failover.fallback'),
    errors: replacesErrors ? { status, bodyBytesMax: options.errors?.maxRequestBodyBytes ?? -1 } : null,
  }
}

/** Cells of the servers on which a service's health hangs; null when the service does not tell its health. */
function stateCellsOf(name: string, drafts: ReadonlyMap<string, ServiceDraft>): readonly number[] | null {
  const draft = drafts.get(name)
  const { source, plan } = draft ?? {}
  if (source === undefined || plan === undefined || plan === null) return null
  switch (plan.kind) {
    case 'loadBalancer':
      return source.loadBalancer?.healthCheck === undefined ? null : plan.servers.map((server) => server.stateCell)
    case 'weighted':
      return source.weighted?.healthCheck === undefined ? null : plan.services.flatMap((child) => [...child.stateCells])
    case 'highestRandomWeight':
      return source.highestRandomWeight?.healthCheck === undefined ? null : plan.services.flatMap((child) => [...child.stateCells])
    case 'mirroring':
      return source.mirroring?.healthCheck === undefined ? null : stateCellsOf(plan.service, drafts)
    case 'failover':
      if (source.failover?.healthCheck === undefined || plan.stateCells === null || plan.fallbackStateCells === null) return null
      return [...plan.stateCells, ...plan.fallbackStateCells]
    case 'internal':
      return null
  }
}
