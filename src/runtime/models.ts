/**
 * What routers take over from their entry points: middlewares, TLS, observability, rule syntax. A router on several entry points of which some
 * have such a model is split into copies `<entry point>-<router>`; the others stay together under the router's own name.
 */
import type { EntryPoint, InstallConfiguration } from '../config/install/install.ts'
import type { HttpRouter } from '../config/routing/routing.ts'
import type { Sourced } from './merge.ts'
import { localName, providerOf, qualify } from './names.ts'

type Routers = ReadonlyMap<string, Sourced<HttpRouter>>

/** Fills in default entry points and models; parents' names in `parentRefs` become those of their copies. */
export function applyModels(routers: Routers, install: InstallConfiguration, defaults: readonly string[]): Map<string, Sourced<HttpRouter>> {
  const syntax = install.core?.defaultRuleSyntax ?? ''
  const anyModel = syntax !== '' || Object.values(install.entryPoints).some(hasModel)
  const result = new Map<string, Sourced<HttpRouter>>()
  const copies = new Map<string, string[]>()
  const children: [string, Sourced<HttpRouter>][] = []
  for (const [name, sourced] of routers) {
    if (sourced.config.parentRefs.length > 0) {
      children.push([name, sourced])
      continue
    }
    const entryPoints = sourced.config.entryPoints.length > 0 ? sourced.config.entryPoints : defaults
    const made = anyModel ? split(name, { ...sourced.config, entryPoints: [...entryPoints] }, install, syntax) : new Map([[name, { ...sourced.config, entryPoints: [...entryPoints] }]])
    copies.set(name, [...made.keys()])
    for (const [copy, config] of made) result.set(copy, { config, origin: sourced.origin })
  }
  for (const [name, sourced] of children) {
    const provider = providerOf(name)
    const parentRefs = sourced.config.parentRefs.flatMap((ref) => {
      const parent = qualify(ref, provider)
      return copies.get(parent) ?? [parent]
    })
    result.set(name, { config: { ...sourced.config, parentRefs }, origin: sourced.origin })
  }
  return result
}

function hasModel(entryPoint: EntryPoint): boolean {
  const { middlewares, tls, encodedCharacters } = entryPoint.http
  return middlewares.length > 0 || tls !== undefined || encodedCharacters !== undefined || entryPoint.observability !== undefined
}

function split(name: string, router: HttpRouter, install: InstallConfiguration, syntax: string): Map<string, HttpRouter> {
  const made = new Map<string, HttpRouter>()
  const together: string[] = []
  for (const entryPointName of router.entryPoints) {
    const entryPoint = install.entryPoints[entryPointName]
    if (entryPoint === undefined || (syntax === '' && !hasModel(entryPoint))) {
      together.push(entryPointName)
      continue
    }
    const copy = router.entryPoints.length > 1 ? `${entryPointName}-${localName(name)}@${providerOf(name)}` : name
    made.set(copy, withModel({ ...router, entryPoints: [entryPointName] }, entryPoint, syntax))
  }
  if (together.length > 0 || made.size === 0) made.set(name, { ...router, entryPoints: together })
  return made
}

function withModel(router: HttpRouter, entryPoint: EntryPoint, syntax: string): HttpRouter {
  const filled: HttpRouter = {
    ...router,
    middlewares: [...entryPoint.http.middlewares, ...router.middlewares],
    ruleSyntax: router.ruleSyntax === '' ? syntax : router.ruleSyntax,
  }
  const tls = router.tls ?? entryPoint.http.tls
  if (tls !== undefined) filled.tls = tls
  const inherited = entryPoint.observability
  if (inherited !== undefined) {
    const own = router.observability
    filled.observability = {
      accessLogs: own?.accessLogs ?? inherited.accessLogs,
      metrics: own?.metrics ?? inherited.metrics,
      tracing: own?.tracing ?? inherited.tracing,
      traceVerbosity: own?.traceVerbosity ?? inherited.traceVerbosity,
    }
  }
  return filled
}
