/** Resolves HTTP routers: entry points, rule, middlewares, service, and the trees that `parentRefs` make. */
import type { InstallConfiguration } from '../config/install/install.ts'
import type { HttpRouter } from '../config/routing/routing.ts'
import type { RouterPlan } from '../generation/plan.ts'
import { sameData } from '../std/same-data.ts'
import { Draft, nearestObject } from './draft.ts'
import { isUdp } from './entry-points.ts'
import { flatten, type MiddlewareDraft } from './middlewares.ts'
import type { ModelledRouter } from './models.ts'
import { providerOf, qualify } from './names.ts'
import { reportTlsConflicts, resolveRouterTls } from './router-tls.ts'
import type { RuleCheck } from './rule-check.ts'
import type { ServiceDraft } from './services.ts'
import type { RouterInfo } from './state.ts'

/** Greatest priority that users may set; what is above is for internal routers. */
export const userPriorityMax = 9_223_372_036_854_774_807n

/** A router while it is resolved. */
export class RouterDraft extends Draft<HttpRouter> implements RouterInfo {
  /** As asked for; `using` are those that there are. */
  readonly entryPoints: readonly string[]
  readonly parentRefs: readonly string[]
  using: string[] = []
  priority = 0n
  syntax: 'v2' | 'v3' = 'v3'
  /** Qualified names, chains laid flat. */
  middlewares: readonly string[] = []
  /** The same with chains as they are. */
  middlewareNames: readonly string[] = []
  /** Qualified; '' when there is none. */
  service = ''
  /** Qualified; '' without TLS. */
  tlsOptions = ''
  /** Canonical hosts and patterns of hosts that the rule names. */
  tlsHosts: readonly string[] = []
  tlsHostPatterns: readonly string[] = []
  readonly children: RouterDraft[] = []
  readonly isChild: boolean
  /** Made when everything about it is known. */
  plan: RouterPlan | null = null

  constructor(name: string, { config, origin, entryPoints, parentRefs }: ModelledRouter) {
    super(name, config, origin)
    this.entryPoints = entryPoints
    this.parentRefs = parentRefs
    this.isChild = parentRefs.length > 0
  }

  /** Filled in as Traefik's API does; made when asked for, since most routers are never looked at. */
  override get config(): HttpRouter {
    const { source } = this
    const filled: HttpRouter = {
      ...source,
      entryPoints: [...this.entryPoints],
      middlewares: source.middlewares.map((name) => qualify(name, this.provider)),
      parentRefs: this.parentRefs.map((ref) => qualify(ref, this.provider)),
      priority: this.priority,
    }
    if (this.isChild) return filled
    const given = source.observability
    filled.observability = {
      accessLogs: given?.accessLogs ?? true,
      metrics: given?.metrics ?? true,
      tracing: given?.tracing ?? true,
      traceVerbosity: given?.traceVerbosity ?? 'minimal',
    }
    if (source.tls !== undefined) filled.tls = { ...source.tls, options: source.tls.options === '' ? 'default' : source.tls.options }
    return filled
  }
}

/** What routers are resolved against. */
export interface RoutersContext {
  readonly install: InstallConfiguration
  readonly middlewares: ReadonlyMap<string, MiddlewareDraft>
  readonly services: ReadonlyMap<string, ServiceDraft>
  /** Error of each set of TLS options by qualified name; null when it has none. */
  readonly tlsOptions: ReadonlyMap<string, string | null>
  /** Error text when an internal service cannot be used; null when it can. */
  readonly internalProblem: (name: string) => string | null
  readonly checkRule: RuleCheck
  readonly previous: PreviousDrafts | null
}

/** The drafts of the generation before. */
export interface PreviousDrafts {
  readonly install: InstallConfiguration
  readonly middlewares: ReadonlyMap<string, MiddlewareDraft>
  readonly services: ReadonlyMap<string, ServiceDraft>
  readonly routers: ReadonlyMap<string, RouterDraft>
}

/** Resolves every router; `routers` have their models applied. */
export function resolveRouters(routers: ReadonlyMap<string, ModelledRouter>, context: RoutersContext): Map<string, RouterDraft> {
  const drafts = new Map<string, RouterDraft>()
  const fresh: RouterDraft[] = []
  const known = reusableRouters(routers, context)
  for (const [name, modelled] of routers) {
    let draft = known?.get(name)
    if (draft === undefined || !staysAsItWas(draft, modelled, context)) {
      draft = new RouterDraft(name, modelled)
      fresh.push(draft)
    }
    drafts.set(name, draft)
  }
  for (const draft of fresh) linkParents(draft, drafts)
  const reached = new Set<RouterDraft>()
  for (const draft of fresh) if (!draft.isChild) cutCycles(draft, [], reached)
  for (const draft of fresh) cutLooseCycles(draft, reached)
  for (const draft of fresh) resolveOne(draft, context, reached)
  reportTlsConflicts(drafts.values())
  const checked = new Set<RouterDraft>()
  for (const draft of fresh) checkBranches(draft, checked)
  return drafts
}

/** Routers of the generation before, when what all of them lean on is the same: no trees, the same install configuration and middlewares. */
function reusableRouters(routers: ReadonlyMap<string, ModelledRouter>, context: RoutersContext): ReadonlyMap<string, RouterDraft> | null {
  const { previous, install, middlewares } = context
  if (previous === null || previous.install !== install || previous.middlewares.size !== middlewares.size) return null
  for (const [name, { source, status, plan }] of middlewares) {
    const before = previous.middlewares.get(name)
    // One that calls services may fail for their sake.
    if (before?.source !== source || before.status !== status || Object.keys(plan?.services ?? {}).length > 0) return null
  }
  for (const { parentRefs } of routers.values()) if (parentRefs.length > 0) return null
  return previous.routers
}

/** Whether resolving a router anew would give what it gave before, without anything to say about it; notes by whom its parts are used. */
function staysAsItWas(draft: RouterDraft, modelled: ModelledRouter, { services, middlewares, tlsOptions }: RoutersContext): boolean {
  if (draft.source !== modelled.config || draft.details.length > 0 || draft.isChild || draft.children.length > 0) return false
  if (!sameData(draft.entryPoints, modelled.entryPoints)) return false
  if (draft.tlsOptions !== '' && tlsOptions.get(draft.tlsOptions) !== null) return false
  const service = services.get(draft.service)
  if (service === undefined || service.status === 'disabled' || service.provider === 'internal') return false
  service.usedBy.push(draft.name)
  for (const name of draft.middlewareNames) noteUse(middlewares.get(name), draft)
  return true
}

function noteUse(used: MiddlewareDraft | undefined, draft: RouterDraft): void {
  // Routers come one after the other, so that one that uses it twice stands last.
  if (used !== undefined && used.usedBy.at(-1) !== draft.name) used.usedBy.push(draft.name)
}

function linkParents(draft: RouterDraft, drafts: ReadonlyMap<string, RouterDraft>): void {
  for (const name of draft.parentRefs) {
    const ref = qualify(name, draft.provider)
    const parent = drafts.get(ref)
    if (parent === undefined) {
      const nearest = nearestObject(ref, drafts.keys(), draft.provider)
      draft.fail(`parent router "${ref}" does not exist`, { path: 'parentRefs', found: ref, ...(nearest === undefined ? {} : { nearest }) })
    } else if (!parent.children.includes(draft)) parent.children.push(draft)
  }
}

/** Walks a tree from its root; a link that leads back to the path it came by is cut and named. */
function cutCycles(draft: RouterDraft, path: readonly RouterDraft[], reached: Set<RouterDraft>): void {
  reached.add(draft)
  const here = [...path, draft]
  for (const child of draft.children.slice()) {
    if (here.includes(child)) cut(draft, child, here)
    else cutCycles(child, here, reached)
  }
}

function cut(parent: RouterDraft, child: RouterDraft, path: readonly RouterDraft[]): void {
  parent.children.splice(parent.children.indexOf(child), 1)
  const names = [...path.slice(path.indexOf(child)), child].map((each) => each.name)
  parent.warn(`cyclic reference detected in router tree: ${names.join(' -> ')}`, { path: 'parentRefs' })
}

/** Routers that only refer to each other are reached from no root; their circle is cut too, so that nothing walks it. */
function cutLooseCycles(draft: RouterDraft, reached: ReadonlySet<RouterDraft>): void {
  if (!reached.has(draft)) cutCycles(draft, [], new Set())
}

function resolveOne(draft: RouterDraft, context: RoutersContext, reached: ReadonlySet<RouterDraft>): void {
  const { source } = draft
  if (draft.isChild) checkChild(draft)
  else resolveEntryPoints(draft, context.install)
  draft.syntax = source.ruleSyntax === 'v2' ? 'v2' : 'v3'
  draft.priority = source.priority === 0n ? BigInt(Buffer.byteLength(source.rule)) : source.priority
  checkPriority(draft)
  const ruleProblem = context.checkRule(source.rule, draft.syntax)
  if (ruleProblem !== null) draft.fail(ruleProblem.message, { path: 'rule', ...ruleProblem.more })
  resolveMiddlewares(draft, context)
  resolveService(draft, context)
  resolveRouterTls(draft, context.tlsOptions)
  if (draft.isChild && !reached.has(draft)) draft.fail('router is not reachable')
}

function checkPriority(draft: RouterDraft): void {
  if (draft.isChild || draft.provider === 'internal' || draft.priority <= userPriorityMax) return
  draft.fail(`the router priority ${draft.priority} exceeds the max user-defined priority ${userPriorityMax}`, { path: 'priority' })
}

function checkChild(draft: RouterDraft): void {
  const { entryPoints, tls, observability } = draft.source
  if (tls !== undefined) draft.fail('non-root router cannot have TLS configuration', { path: 'tls' })
  if (observability !== undefined) draft.fail('non-root router cannot have Observability configuration', { path: 'observability' })
  if (entryPoints.length > 0) draft.fail('non-root router cannot have Entrypoints configuration', { path: 'entryPoints' })
}

function resolveEntryPoints(draft: RouterDraft, install: InstallConfiguration): void {
  const using: string[] = []
  for (const name of draft.entryPoints) {
    const entryPoint = install.entryPoints[name]
    if (entryPoint === undefined || isUdp(entryPoint)) {
      const nearest = nearestObject(name, Object.keys(install.entryPoints), '')
      draft.warn(`entryPoint "${name}" doesn't exist`, {
        path: 'entryPoints',
        found: name,
        allowed: Object.keys(install.entryPoints).join(', '),
        ...(nearest === undefined ? {} : { nearest }),
      })
    } else if (!using.includes(name)) using.push(name)
  }
  draft.using = using.length > 1 ? using.sort() : using
  if (using.length === 0) draft.fail('no valid entryPoint for this router', { path: 'entryPoints' })
}

function resolveMiddlewares(draft: RouterDraft, context: RoutersContext): void {
  if (draft.source.middlewares.length === 0) return
  const names = draft.source.middlewares.map((name) => qualify(name, draft.provider))
  draft.middlewareNames = names
  for (const name of names) noteUse(context.middlewares.get(name), draft)
  const flat = flatten(names, context.middlewares)
  draft.middlewares = flat.names
  if (flat.error !== undefined)
    draft.fail(flat.error, { path: 'middlewares', ...(flat.nearest === undefined ? {} : { nearest: flat.nearest }) })
  for (const name of flat.names) resolveMiddlewareServices(draft, name, context)
}

/** The services that a middleware calls are used by its routers, which cannot serve without them. */
function resolveMiddlewareServices(draft: RouterDraft, middleware: string, context: RoutersContext): void {
  for (const name of Object.values(context.middlewares.get(middleware)?.plan?.services ?? {})) {
    if (providerOf(name) === 'internal') {
      const problem = context.internalProblem(name)
      if (problem !== null) draft.fail(problem, { path: 'middlewares', found: middleware })
      continue
    }
    const target = context.services.get(name)
    if (target === undefined) draft.fail(`the service "${name}" does not exist`, { path: 'middlewares', found: middleware })
    else if (target.status === 'disabled')
      draft.fail(target.errors[0] ?? `the service "${name}" cannot be built`, { path: 'middlewares', found: middleware })
    if (target !== undefined && !target.usedBy.includes(draft.name)) target.usedBy.push(draft.name)
  }
}

function resolveService(draft: RouterDraft, context: RoutersContext): void {
  const { service } = draft.source
  if (service === '') {
    if (draft.children.length === 0) draft.fail('router has no service and no child routers')
    return
  }
  if (draft.children.length > 0) {
    draft.fail('router has both a service and child routers')
    return
  }
  const name = qualify(service, draft.provider)
  draft.service = name
  if (providerOf(name) === 'internal') {
    const problem = context.internalProblem(name)
    if (problem !== null) draft.fail(problem, { path: 'service', found: service })
    context.services.get(name)?.usedBy.push(draft.name)
    return
  }
  const target = context.services.get(name)
  if (target === undefined) {
    const nearest = nearestObject(name, context.services.keys(), draft.provider)
    draft.fail(`the service "${name}" does not exist`, { path: 'service', found: service, ...(nearest === undefined ? {} : { nearest }) })
    return
  }
  target.usedBy.push(draft.name)
  if (target.status === 'disabled') draft.fail(target.errors[0] ?? `the service "${name}" cannot be built`, { path: 'service' })
}

/** A parent of which no child can serve is out of use itself; children first, since they may be parents too. */
function checkBranches(draft: RouterDraft, checked: Set<RouterDraft>): void {
  if (checked.has(draft)) return
  checked.add(draft)
  for (const child of draft.children) checkBranches(child, checked)
  if (draft.children.length > 0 && draft.status !== 'disabled' && draft.children.every((child) => child.status === 'disabled')) {
    draft.fail('none of the child routers can serve')
  }
}
