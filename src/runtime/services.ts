/** Resolves services: exactly one kind each, usable servers, children and transports that exist, no cycles. */
import { createHash } from 'node:crypto'
import type { BoardAllocator } from '../board/allocator.ts'
import type { Board } from '../board/board.ts'
import type { HttpService } from '../config/routing/routing.ts'
import { httpServices } from '../config/routing/services.ts'
import type { LoadBalancerOptions } from '../config/routing/services/load-balancer.ts'
import type { LoadBalancerPlan, ServerPlan, ServicePlan, StickyPlan } from '../generation/plan.ts'
import { requestCounters } from '../generation/plan.ts'
import { isProblem, planBalancing, ServerPlacer } from './balancing.ts'
import { type CompositeContext, resolveComposite } from './composite-services.ts'
import { Draft, nearestObject, type Origin } from './draft.ts'
import type { InternalServices } from './internal.ts'
import type { Merged } from './merge.ts'
import { flatten, type MiddlewareDraft } from './middlewares.ts'
import { localName, qualify } from './names.ts'
import { statusOf } from './server-status.ts'
import { serverUrlProblem } from './server-url.ts'
import type { ServerStatus, ServiceInfo } from './state.ts'

/** A service while it is resolved. */
export class ServiceDraft extends Draft<HttpService> implements ServiceInfo {
  type = ''
  readonly usedBy: string[] = []
  plan: ServicePlan | null = null
  /** Places of the servers, for the status that the API shows. */
  servers: readonly { readonly url: string; readonly stateCell: number }[] = []
  readonly #board: Board

  constructor(name: string, source: HttpService, origin: Origin, board: Board) {
    super(name, source, origin)
    this.#board = board
  }

  serverStatus(): Record<string, ServerStatus> {
    return statusOf(this.#board, this.servers)
  }
}

/** What services are resolved against. */
export interface ServicesContext {
  readonly merged: Merged
  readonly middlewares: ReadonlyMap<string, MiddlewareDraft>
  /** Names of transports that can be used, with the error of those that cannot. */
  readonly transports: ReadonlyMap<string, string | null>
  readonly internal: InternalServices
  readonly terminatingStatus: number
  readonly places: BoardAllocator
  readonly board: Board
  /** Services of the generation before, whose plans are in force; null when there is none. */
  readonly previous: { readonly services: ReadonlyMap<string, ServiceDraft> } | null
}

/** Resolves every service of the providers. */
export function resolveServices(context: ServicesContext): Map<string, ServiceDraft> {
  const drafts = new Map<string, ServiceDraft>()
  const done = new Set<string>()
  for (const [name, { config, origin }] of context.merged.services) {
    const before = context.previous?.services.get(name)
    if (before === undefined || !staysAsItWas(before, config, context)) {
      drafts.set(name, new ServiceDraft(name, config, origin, context.board))
      continue
    }
    // Routers say anew who uses it.
    before.usedBy.length = 0
    drafts.set(name, before)
    done.add(name)
  }
  const walk: Walk = {
    ...context,
    drafts,
    done,
    resolveChild: (draft, path) => resolveOne(draft, walk, path),
    middlewaresOf: (draft) => serviceMiddlewares(draft, context),
    stickyPlan,
    internalProblem: (name) => internalProblem(name, context.internal),
  }
  for (const draft of drafts.values()) resolveOne(draft, walk, [])
  return drafts
}

/** Whether resolving a service anew would give what it gave before, without anything to say about it. Its places are its own as long as its plan is in force. */
function staysAsItWas({ source, plan, details }: ServiceDraft, config: HttpService, { transports }: ServicesContext): boolean {
  if (source !== config || details.length > 0 || plan?.kind !== 'loadBalancer') return false
  return source.middlewares.length === 0 && transports.get(plan.transport) === null
}

/** The context while services are resolved, children before parents. */
interface Walk extends ServicesContext, CompositeContext {
  /** Names of services that are resolved. */
  readonly done: Set<string>
}

function resolveOne(draft: ServiceDraft, walk: Walk, path: readonly string[]): void {
  const { done } = walk
  if (done.has(draft.name)) return
  if (path.includes(draft.name)) {
    draft.fail(`could not instantiate service ${draft.name}: recursion detected in ${[...path, draft.name].join('->')}`)
    done.add(draft.name)
    return
  }
  const config: Readonly<Record<string, unknown>> = draft.source
  const present = httpServices.filter((kind) => config[kind.key] !== undefined)
  const kind = present[0]
  draft.type = kind?.key.toLowerCase() ?? ''
  if (kind === undefined) draft.fail(`the service "${draft.name}" does not have any type defined`)
  else if (present.length > 1)
    draft.fail('cannot create service: multi-types service not supported, consider declaring two different pieces of service instead', {
      found: present.map((each) => each.key).join(', '),
    })
  else {
    if (!kind.built) draft.fail(`${kind.key}: not supported yet`)
    else if (draft.source.loadBalancer !== undefined) resolveLoadBalancer(draft, draft.source.loadBalancer, walk)
    else resolveComposite(draft, walk, [...path, draft.name])
  }
  done.add(draft.name)
}

function resolveLoadBalancer(draft: ServiceDraft, options: LoadBalancerOptions, context: ServicesContext): void {
  const { places, board } = context
  const balancing = planBalancing(options)
  if (isProblem(balancing)) {
    const { path, message, ...more } = balancing
    draft.fail(message, { path: `loadBalancer.${path}`, ...more })
    return
  }
  const transport = options.serversTransport === '' ? 'default@internal' : qualify(options.serversTransport, draft.provider)
  const transportProblem = context.transports.get(transport)
  if (transportProblem === undefined) {
    const nearest = nearestObject(transport, context.transports.keys(), draft.provider)
    draft.fail(`servers transport not found ${transport}`, {
      path: 'loadBalancer.serversTransport',
      ...(nearest === undefined ? {} : { nearest }),
    })
    return
  }
  if (transportProblem !== null) {
    draft.fail(transportProblem, { path: 'loadBalancer.serversTransport' })
    return
  }
  const middlewares = serviceMiddlewares(draft, context)
  const known = knownPlans.get(options)
  if (
    known !== undefined &&
    middlewares !== null &&
    stillHolds(known, draft.name, places) &&
    known.transport === transport &&
    known.middlewares.join() === middlewares.join()
  ) {
    draft.plan = known
    draft.servers = known.servers
    return
  }
  for (const [index, server] of options.servers.entries()) {
    const problem = serverUrlProblem(server.url)
    if (problem !== null)
      draft.fail(`error parsing server URL ${server.url}: ${problem}`, { path: `loadBalancer.servers[${index}].url`, found: server.url })
  }
  if (draft.status === 'disabled' || middlewares === null) return
  const servers = serverPlans(options, new ServerPlacer(`server:${draft.name}`, balancing, places, board))
  draft.servers = servers
  const plan: LoadBalancerPlan = {
    kind: 'loadBalancer',
    name: draft.name,
    servers,
    ...balancing,
    sticky: stickyPlan(draft.name, options.sticky?.cookie),
    passHostHeader: options.passHostHeader,
    transport,
    flushIntervalMs: options.responseForwarding.flushInterval,
    middlewares,
    sequenceCell: places.place('cell', `sequence:${draft.name}`),
    counters: places.place('counter', `service:${draft.name}`, requestCounters.count),
  }
  draft.plan = plan
  knownPlans.set(options, plan)
}

/** Plans of options that were sound before; options that did not change are the very same object (see Aggregator). */
const knownPlans = new WeakMap<LoadBalancerOptions, LoadBalancerPlan>()

/** Whether a plan was made for this service and its places are its own: those of a service that was out of use may have been given back. */
function stillHolds(plan: LoadBalancerPlan, name: string, places: BoardAllocator): boolean {
  return plan.name === name && places.holds('cell', `sequence:${name}`, plan.sequenceCell)
}

function serverPlans(options: LoadBalancerOptions, placer: ServerPlacer): ServerPlan[] {
  return options.servers.map((server) => ({
    url: server.url,
    weight: server.weight ?? 1,
    preservePath: server.preservePath,
    fenced: server.fenced,
    ...placer.place(server.url),
  }))
}

function serviceMiddlewares(draft: ServiceDraft, context: ServicesContext): string[] | null {
  const names = draft.source.middlewares.map((name) => qualify(name, draft.provider))
  const flat = flatten(names, context.middlewares)
  if (flat.error === undefined) return flat.names
  draft.fail(flat.error, { path: 'middlewares', ...(flat.nearest === undefined ? {} : { nearest: flat.nearest }) })
  return null
}

/** Drafts of the internal services that are on, so that they are shown like any other. */
export function internalDrafts(context: Pick<ServicesContext, 'internal' | 'board'>): ServiceDraft[] {
  return targets
    .map((target) => `${target}@internal`)
    .filter((name) => internalProblem(name, context.internal) === null)
    .map((name) => new ServiceDraft(name, { middlewares: [] }, { path: `http.services.${name}`, locate: () => ({}) }, context.board))
}

/** The plan of an internal service, or why there is none. */
export function internalService(name: string, context: Pick<ServicesContext, 'internal' | 'terminatingStatus'>): ServicePlan | string {
  const problem = internalProblem(name, context.internal)
  if (problem !== null) return problem
  const target = localName(name)
  if (!isTarget(target)) return `unknown internal service ${name}`
  return { kind: 'internal', name, target, terminatingStatus: context.terminatingStatus }
}

const targets = ['ping', 'noop', 'api', 'dashboard', 'rest', 'prometheus'] as const

function isTarget(text: string): text is (typeof targets)[number] {
  return targets.some((target) => target === text)
}

function internalProblem(name: string, internal: InternalServices): string | null {
  const target = localName(name)
  if (!isTarget(target)) return `unknown internal service ${name}`
  return target === 'noop' || internal[target] ? null : `${target} is not enabled`
}

type Cookie = NonNullable<NonNullable<LoadBalancerOptions['sticky']>['cookie']>

function stickyPlan(service: string, cookie: Cookie | undefined): StickyPlan | null {
  if (cookie === undefined) return null
  return { ...cookie, name: cookie.name === '' ? defaultCookieName(service) : safeCookieName(cookie.name) }
}

/** Name of a sticky cookie when none is given, as Traefik makes it, so that clients keep their server across a switch. */
function defaultCookieName(service: string): string {
  return `_${createHash('sha1').update(`_TRAEFIK_BACKEND_${service}`).digest('hex').slice(0, 5)}`
}

function safeCookieName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9!#$%&'*+\-.^`|~]/g, '_')
}
