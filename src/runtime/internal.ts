/** The routing that Tidegate adds itself: API, ping, REST provider, redirections of entry points. Its provider is `internal`. */
import type { InstallConfiguration } from '../config/install/install.ts'
import type { HttpMiddleware, HttpRouter, HttpService } from '../config/routing/routing.ts'
import { entryPointPort } from './entry-points.ts'
import type { Snapshot } from './merge.ts'
import { normalizeName } from './names.ts'

const maxPriority = 9_223_372_036_854_775_807n
const acmePath = '/.well-known/acme-challenge/'

/** Internal services and whether the install configuration enables them. */
export interface InternalServices {
  readonly api: boolean
  readonly dashboard: boolean
  readonly ping: boolean
  readonly rest: boolean
  readonly prometheus: boolean
}

/** Which internal services there are. */
export function internalServices(install: InstallConfiguration): InternalServices {
  return {
    api: install.api !== undefined,
    dashboard: install.api?.dashboard === true,
    ping: install.ping !== undefined,
    rest: install.providers.rest !== undefined,
    prometheus: install.metrics?.prometheus !== undefined,
  }
}

/** The snapshot of the internal provider. `problems` take what is wrong with redirections: they are logged, nothing stops. */
export function internalSnapshot(install: InstallConfiguration, problems: string[]): Snapshot {
  const parts: Parts = { routers: {}, middlewares: {} }
  addApi(install, parts)
  addPing(install, parts)
  addPrometheus(install, parts)
  if (install.providers.rest?.insecure === true)
    parts.routers['rest'] = router('traefik', 'rest@internal', 'PathPrefix(`/api/providers`)', maxPriority)
  for (const [name, entryPoint] of Object.entries(install.entryPoints)) {
    const redirection = entryPoint.http.redirections?.entryPoint
    if (redirection !== undefined) addRedirection(install, { name, ...redirection }, parts, problems)
  }
  const services: Record<string, HttpService> = {}
  return { provider: 'internal', routing: { http: { ...parts, services, models: {}, serversTransports: {} } }, locate: () => ({}) }
}

interface Parts {
  readonly routers: Record<string, HttpRouter>
  readonly middlewares: Record<string, HttpMiddleware>
}

function addApi(install: InstallConfiguration, parts: Parts): void {
  const api = install.api
  if (api?.insecure !== true) return
  parts.routers['api'] = router('traefik', 'api@internal', 'PathPrefix(`/api`)', maxPriority - 1n)
  if (api.debug) parts.routers['debug'] = router('traefik', 'api@internal', 'PathPrefix(`/debug`)', maxPriority - 1n)
  if (!api.dashboard) return
  parts.routers['dashboard'] = {
    ...router('traefik', 'dashboard@internal', 'PathPrefix(`/`)', maxPriority - 2n),
    middlewares: ['dashboard_redirect@internal', 'dashboard_stripprefix@internal'],
  }
  parts.middlewares['dashboard_redirect'] = {
    redirectRegex: { regex: String.raw`^(http:\/\/(\[[\w:.]+\]|[\w\._-]+)(:\d+)?)\/$`, replacement: '${1}/dashboard/', permanent: true },
  }
  parts.middlewares['dashboard_stripprefix'] = { stripPrefix: { prefixes: ['/dashboard/', '/dashboard'] } }
}

function addPing(install: InstallConfiguration, parts: Parts): void {
  const ping = install.ping
  if (ping === undefined || ping.manualRouting) return
  parts.routers['ping'] = router(ping.entryPoint, 'ping@internal', 'PathPrefix(`/ping`)', maxPriority)
}

function addPrometheus(install: InstallConfiguration, parts: Parts): void {
  const prometheus = install.metrics?.prometheus
  if (prometheus === undefined || prometheus.manualRouting) return
  parts.routers['prometheus'] = router(prometheus.entryPoint, 'prometheus@internal', 'PathPrefix(`/metrics`)', maxPriority)
}

type Redirection = NonNullable<NonNullable<InstallConfiguration['entryPoints'][string]['http']['redirections']>['entryPoint']>

function addRedirection(
  install: InstallConfiguration,
  redirection: Redirection & { readonly name: string },
  parts: Parts,
  problems: string[],
): void {
  const { name, to, scheme, permanent, priority } = redirection
  if (to === '') {
    problems.push(`entryPoints.${name}.http.redirections.entryPoint.to: missing, so nothing is redirected`)
    return
  }
  const port = redirectionPort(install, to)
  if (port === null) {
    problems.push(`entryPoints.${name}.http.redirections.entryPoint.to: entry point "${to}" does not exist, so nothing is redirected`)
    return
  }
  const title = `${normalizeName(name)}-to-${normalizeName(to)}`
  const bypass = install.entryPoints[name]?.allowACMEByPass === true ? ` && !PathPrefix(\`${acmePath}\`)` : ''
  parts.routers[title] = {
    ...router(name, 'noop@internal', `HostRegexp(\`^.+$\`)${bypass}`, priority),
    middlewares: [`redirect-${title}@internal`],
  }
  parts.middlewares[`redirect-${title}`] = { redirectScheme: { scheme, port, permanent } }
}

function redirectionPort(install: InstallConfiguration, to: string): string | null {
  if (/^:\d+$/.test(to)) return to.slice(1)
  const target = install.entryPoints[to]
  return target === undefined ? null : entryPointPort(target.address)
}

function router(entryPoint: string, service: string, rule: string, priority: bigint): HttpRouter {
  return { entryPoints: [entryPoint], middlewares: [], service, rule, parentRefs: [], ruleSyntax: 'default', priority, defaultRule: false }
}
