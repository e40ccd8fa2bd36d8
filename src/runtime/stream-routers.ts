/** Resolves TCP and UDP routers: entry points, rule, middlewares, service, TLS. */
import type { InstallConfiguration } from '../config/install/install.ts'
import type { TcpRouterPlan, UdpRouterPlan } from '../generation/stream-plan.ts'
import { parseRule } from '../rules/parser.ts'
import { isCatchAll } from '../rules/tcp-table.ts'
import { ruleHosts } from '../rules/tree.ts'
import { type Draft, nearestObject } from './draft.ts'
import { defaultEntryPoints, isUdp } from './entry-points.ts'
import type { Merged } from './merge.ts'
import { qualify } from './names.ts'
import { userPriorityMax } from './routers.ts'
import type { RuleCheck } from './rule-check.ts'
import { type TcpMiddlewareDraft, TcpRouterDraft, type TcpServiceDraft, UdpRouterDraft, type UdpServiceDraft } from './stream-drafts.ts'

/** What TCP routers are resolved against. */
interface TcpRoutersContext {
  readonly install: InstallConfiguration
  readonly services: ReadonlyMap<string, TcpServiceDraft>
  readonly middlewares: ReadonlyMap<string, TcpMiddlewareDraft>
  readonly tlsOptions: ReadonlyMap<string, string | null>
  readonly checkRule: RuleCheck
}

/** Resolves every TCP router. */
export function resolveTcpRouters(merged: Merged, context: TcpRoutersContext): Map<string, TcpRouterDraft> {
  const defaults = defaultEntryPoints(context.install.entryPoints)
  const drafts = new Map<string, TcpRouterDraft>()
  for (const [name, { config, origin }] of merged.tcpRouters) {
    const draft = new TcpRouterDraft(name, config, origin, config.entryPoints.length > 0 ? config.entryPoints : defaults)
    drafts.set(name, draft)
    draft.using = resolveEntryPoints(draft, context.install, false)
    resolveRule(draft, context)
    resolveMiddlewares(draft, context)
    resolveTls(draft, context)
    draft.service = resolveService(draft, draft.source.service, context.services)
  }
  return drafts
}

/** Resolves every UDP router; several on one entry point are told by a warning. */
export function resolveUdpRouters(
  merged: Merged,
  context: { readonly install: InstallConfiguration; readonly services: ReadonlyMap<string, UdpServiceDraft> },
  warnings: string[],
): Map<string, UdpRouterDraft> {
  const { entryPoints } = context.install
  const defaults = Object.entries(entryPoints).flatMap(([name, entryPoint]) => (isUdp(entryPoint) ? [name] : []))
  const drafts = new Map<string, UdpRouterDraft>()
  const routers = new Map<string, string[]>()
  for (const [name, { config, origin }] of merged.udpRouters) {
    const draft = new UdpRouterDraft(name, config, origin, config.entryPoints.length > 0 ? config.entryPoints : defaults.sort())
    drafts.set(name, draft)
    draft.using = resolveEntryPoints(draft, context.install, true)
    draft.service = resolveService(draft, config.service, context.services, 'udp ')
    if (draft.status !== 'disabled')
      for (const entryPoint of draft.using) routers.set(entryPoint, [...(routers.get(entryPoint) ?? []), name])
  }
  for (const [entryPoint, names] of routers) {
    if (names.length > 1)
      warnings.push(`entry point ${entryPoint} has several UDP routers, of which one is served: ${names.sort().join(', ')}`)
  }
  return drafts
}

/** The plan of a TCP router. */
export function tcpRouterPlan(draft: TcpRouterDraft, rank: (provider: string) => number): TcpRouterPlan {
  const { tls } = draft.source
  return {
    name: draft.name,
    entryPoints: draft.using,
    rule: draft.source.rule,
    syntax: draft.syntax,
    priority: draft.priority,
    precedence: rank(draft.provider),
    middlewares: draft.middlewares,
    service: draft.service,
    tls: tls === undefined ? null : { passthrough: tls.passthrough, options: draft.tlsOptions },
    disabled: disabledBy(draft),
  }
}

/** The plan of a UDP router. */
export function udpRouterPlan(draft: UdpRouterDraft, rank: (provider: string) => number): UdpRouterPlan {
  const { name, using, service } = draft
  return { name, entryPoints: using, precedence: rank(draft.provider), service, disabled: disabledBy(draft) }
}

function disabledBy(draft: TcpRouterDraft | UdpRouterDraft): string | null {
  return draft.status === 'disabled' ? (draft.errors[0] ?? 'disabled') : null
}

function resolveEntryPoints(draft: TcpRouterDraft | UdpRouterDraft, { entryPoints }: InstallConfiguration, wantsUdp: boolean): string[] {
  const using: string[] = []
  for (const name of draft.entryPoints) {
    const entryPoint = entryPoints[name]
    if (entryPoint === undefined || isUdp(entryPoint) !== wantsUdp) {
      const nearest = nearestObject(name, Object.keys(entryPoints), '')
      draft.warn(`entryPoint "${name}" doesn't exist`, {
        path: 'entryPoints',
        found: name,
        allowed: Object.keys(entryPoints).join(', '),
        ...(nearest === undefined ? {} : { nearest }),
      })
    } else if (!using.includes(name)) using.push(name)
  }
  if (using.length === 0) draft.fail('no valid entryPoint for this router', { path: 'entryPoints' })
  return using.sort()
}

function resolveRule(draft: TcpRouterDraft, { install, checkRule }: TcpRoutersContext): void {
  const { rule, priority, ruleSyntax, tls } = draft.source
  const syntax = ruleSyntax === '' ? (install.core?.defaultRuleSyntax ?? '') : ruleSyntax
  draft.syntax = syntax === 'v2' ? 'v2' : 'v3'
  draft.priority = priority === 0n ? BigInt(Buffer.byteLength(rule)) : priority
  if (draft.priority > userPriorityMax)
    draft.fail(`the router priority ${draft.priority} exceeds the max user-defined priority ${userPriorityMax}`, { path: 'priority' })
  if (rule === '') {
    draft.fail('router has no rule', { path: 'rule' })
    return
  }
  const problem = checkRule(rule, draft.syntax, 'tcp')
  if (problem !== null) {
    draft.fail(problem.message, { path: 'rule', ...problem.more })
    return
  }
  const node = parseRule(rule, { protocol: 'tcp', syntax: draft.syntax })
  if (priority === 0n && isCatchAll(node)) draft.priority = -1n
  const [host] = ruleHosts(node)
  if (tls === undefined && host !== undefined && host !== '*')
    draft.fail(`invalid rule: ${JSON.stringify(rule)} , has HostSNI matcher, but no TLS on router`, { path: 'rule', found: rule })
}

function resolveMiddlewares(draft: TcpRouterDraft, { middlewares }: TcpRoutersContext): void {
  draft.middlewares = draft.source.middlewares.map((name) => qualify(name, draft.provider))
  for (const name of draft.middlewares) {
    const middleware = middlewares.get(name)
    if (middleware === undefined) {
      const nearest = nearestObject(name, middlewares.keys(), draft.provider)
      draft.fail(`middleware "${name}" does not exist`, { path: 'middlewares', found: name, ...(nearest === undefined ? {} : { nearest }) })
    } else if (middleware.plan === null) {
      draft.fail(middleware.errors[0] ?? `middleware "${name}" cannot be built`, { path: 'middlewares', found: name })
    }
  }
}

function resolveTls(draft: TcpRouterDraft, { tlsOptions }: TcpRoutersContext): void {
  const { tls } = draft.source
  if (tls === undefined) return
  const options = tls.options === '' ? 'default' : tls.options
  draft.tlsOptions = options === 'default' ? options : qualify(options, draft.provider)
  // With passthrough TLS is spoken by the server alone.
  if (tls.passthrough) return
  const problem = tlsOptions.get(draft.tlsOptions)
  if (problem !== null) draft.fail(problem ?? `unknown TLS options: ${draft.tlsOptions}`, { path: 'tls.options', found: options })
}

function resolveService(
  draft: Draft<unknown>,
  service: string,
  services: ReadonlyMap<string, TcpServiceDraft | UdpServiceDraft>,
  protocol = '',
): string {
  if (service === '') {
    draft.fail(`the service is missing on the ${protocol}router`, { path: 'service' })
    return ''
  }
  const name = qualify(service, draft.provider)
  const target = services.get(name)
  if (target === undefined) {
    const nearest = nearestObject(name, services.keys(), draft.provider)
    draft.fail(`the service "${name}" does not exist`, { path: 'service', found: service, ...(nearest === undefined ? {} : { nearest }) })
    return name
  }
  target.usedBy.push(draft.name)
  if (target.status === 'disabled') draft.fail(target.errors[0] ?? `the service "${name}" cannot be built`, { path: 'service' })
  return name
}
