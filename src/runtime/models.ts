/**
 * What routers take over from their entry points: middlewares, TLS, observability, rule syntax. A router on several entry points of which some
 * have such a model is split into copies `<entry point>-<router>`; the others stay together under the router's own name.
 */
import type { EntryPoint, InstallConfiguration } from '../config/install/install.ts'
import type { HttpRouter } from '../config/routing/routing.ts'
import { sameData } from '../std/same-data.ts'
import type { Sourced } from './merge.ts'
import { localName, providerOf, qualify } from './names.ts'

type Routers = ReadonlyMap<string, Sourced<HttpRouter>>

/** A router with what it takes over from its entry points. */
export interface ModelledRouter extends Sourced<HttpRouter> {
  readonly entryPoints: readonly string[]
  /** Qualified names of parents or of their copies. */
  readonly parentRefs: readonly string[]
}

/** Fills in default entry points and models; parents' names in `parentRefs` become those of their copies. */
export function applyModels(routers: Routers, install: InstallConfiguration, defaults: readonly string[]): Map<string, ModelledRouter> {
  const anyModel = syntaxOf(install) !== '' || Object.values(install.entryPoints).some(hasModel)
  const result = new Map<string, ModelledRouter>()
  const copies = new Map<string, string[]>()
  const children: [string, Sourced<HttpRouter>][] = []
  for (const [name, { config, origin }] of routers) {
    if (config.parentRefs.length > 0) {
      children.push([name, { config, origin }])
      continue
    }
    const entryPoints = config.entryPoints.length > 0 ? config.entryPoints : defaults
    if (!anyModel) {
      result.set(name, { config, origin, entryPoints, parentRefs: noParents })
      continue
    }
    const made = splitOnce(name, { config, entryPoints }, install)
    copies.set(name, [...made.keys()].sort())
    for (const [copy, modelled] of made) result.set(copy, { ...modelled, origin, parentRefs: noParents })
  }
  for (const [name, { config, origin }] of children) {
    const parentRefs = config.parentRefs.flatMap((ref) => {
      const parent = qualify(ref, providerOf(name))
      return copies.get(parent) ?? [parent]
    })
    result.set(name, { config, origin, entryPoints: config.entryPoints, parentRefs })
  }
  return result
}

const noParents: readonly string[] = []

function syntaxOf(install: InstallConfiguration): string {
  return install.core?.defaultRuleSyntax ?? ''
}

function hasModel(entryPoint: EntryPoint): boolean {
  const { middlewares, tls, encodedCharacters } = entryPoint.http
  return middlewares.length > 0 || tls !== undefined || encodedCharacters !== undefined || entryPoint.observability !== undefined
}

type Modelled = Pick<ModelledRouter, 'config' | 'entryPoints'>

/** By configuration, which is the very same object where nothing has changed (see Aggregator): so are its copies then. */
const knownSplits = new WeakMap<
  HttpRouter,
  {
    readonly name: string
    readonly install: InstallConfiguration
    readonly entryPoints: readonly string[]
    readonly made: Map<string, Modelled>
  }
>()

function splitOnce(name: string, modelled: Modelled, install: InstallConfiguration): Map<string, Modelled> {
  const known = knownSplits.get(modelled.config)
  if (known?.name === name && known.install === install && sameData(known.entryPoints, modelled.entryPoints)) return known.made
  const made = split(name, modelled, install)
  knownSplits.set(modelled.config, { name, install, entryPoints: modelled.entryPoints, made })
  return made
}

function split(name: string, { config, entryPoints }: Modelled, install: InstallConfiguration): Map<string, Modelled> {
  const syntax = syntaxOf(install)
  const made = new Map<string, Modelled>()
  const together: string[] = []
  for (const entryPointName of entryPoints) {
    const entryPoint = install.entryPoints[entryPointName]
    if (entryPoint === undefined || (syntax === '' && !hasModel(entryPoint))) {
      together.push(entryPointName)
      continue
    }
    const copy = entryPoints.length > 1 ? `${entryPointName}-${localName(name)}@${providerOf(name)}` : name
    made.set(copy, { config: withModel(config, entryPoint, syntax), entryPoints: [entryPointName] })
  }
  if (together.length > 0 || made.size === 0) made.set(name, { config, entryPoints: together })
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
