/** How the API shows routers, services, middlewares and entry points: their configuration with status, users and errors beside it. */
import { type EntryPoint, entryPoint } from '../config/install/entry-points.ts'
import { httpMiddleware } from '../config/routing/middlewares.ts'
import { httpRouter, tcpRouter, udpRouter } from '../config/routing/routers.ts'
import { httpService } from '../config/routing/services.ts'
import { tcpMiddleware } from '../config/routing/tcp-middlewares.ts'
import { tcpService } from '../config/routing/tcp-services.ts'
import { udpService } from '../config/routing/udp-services.ts'
import { redact, toApi } from '../config/schema/encode.ts'
import { isRecord } from '../config/schema/inspect.ts'
import type { TSchema } from '../config/schema/kit.ts'
import type { MiddlewareInfo, ObjectInfo, RouterInfo, RuntimeState, ServiceInfo } from '../runtime/state.ts'

/** Protocol of a section of the API. */
export type Protocol = 'http' | 'tcp' | 'udp'
/** Kind of object in a section. */
export type Kind = 'routers' | 'services' | 'middlewares'

/** An object of the API before it is printed. */
export type Shown = Readonly<Record<string, unknown>>

const schemas: Readonly<Record<Protocol, Readonly<Record<Kind, TSchema | null>>>> = {
  http: { routers: httpRouter, services: httpService, middlewares: httpMiddleware },
  tcp: { routers: tcpRouter, services: tcpService, middlewares: tcpMiddleware },
  udp: { routers: udpRouter, services: udpService, middlewares: null },
}

/** One kind of object of one protocol, with what is needed to show it. */
export interface Section<I extends ObjectInfo<unknown> = ObjectInfo<unknown>> {
  readonly objects: ReadonlyMap<string, I>
  /** Configuration and runtime facts, without name, provider and type: as `rawdata` shows it. */
  show(info: I): Shown
  /** The facts that lists and details add. */
  identify(info: I): Shown
}

/** Any of the sections; null when there is no such kind for the protocol. */
export function sectionOf(state: RuntimeState, protocol: Protocol, kind: Kind, withDetails: boolean): Section | null {
  const schema = schemas[protocol][kind]
  if (schema === null) return null
  const base = (info: ObjectInfo<unknown>): Shown => ({
    ...asRecord(toApi(schema, redact(schema, info.config))),
    ...(info.errors.length > 0 ? { error: info.errors } : {}),
    ...(withDetails && info.details.length > 0 ? { errorDetails: info.details } : {}),
    status: info.status,
  })
  if (kind === 'routers') return hide(routerSection(routersOf(state, protocol), base))
  if (kind === 'services') return hide(serviceSection(servicesOf(state, protocol), base))
  return hide(middlewareSection(protocol === 'http' ? state.middlewares : state.tcpMiddlewares, base))
}

/** A section whose kind of info is hidden: it only ever sees its own objects. */
function hide<I extends ObjectInfo<unknown>>(section: Section<I>): Section {
  const own = (info: ObjectInfo<unknown>): I => {
    const found = section.objects.get(info.name)
    if (found === undefined) throw new Error(`${info.name} is no object of this section`)
    return found
  }
  return { objects: section.objects, show: (info) => section.show(own(info)), identify: (info) => section.identify(own(info)) }
}

type Base = (info: ObjectInfo<unknown>) => Shown

function routerSection(objects: ReadonlyMap<string, RouterInfo<unknown>>, base: Base): Section<RouterInfo<unknown>> {
  return {
    objects,
    show: (info) => ({
      ...base(info),
      ...(info.priority === 0n ? {} : { priority: info.priority }),
      ...(info.using.length > 0 ? { using: info.using } : {}),
    }),
    identify: (info) => ({
      name: info.name,
      provider: info.provider,
      ...(info.priority === 0n ? {} : { priorityStr: String(info.priority) }),
    }),
  }
}

function serviceSection(objects: ReadonlyMap<string, ServiceInfo<unknown>>, base: Base): Section<ServiceInfo<unknown>> {
  let inUse: ReadonlySet<string> | null = null
  return {
    objects,
    show: (info) => {
      inUse ??= servicesInUse(objects)
      // Services that nothing uses are not built, so their servers have no state.
      const servers = inUse.has(info.name) ? info.serverStatus() : {}
      return { ...base(info), ...users(info.usedBy), ...(Object.keys(servers).length > 0 ? { serverStatus: servers } : {}) }
    },
    identify: typed,
  }
}

function middlewareSection(objects: ReadonlyMap<string, MiddlewareInfo<unknown>>, base: Base): Section<MiddlewareInfo<unknown>> {
  return { objects, show: (info) => ({ ...base(info), ...users(info.usedBy) }), identify: typed }
}

function typed(info: ServiceInfo<unknown> | MiddlewareInfo<unknown>): Shown {
  return { name: info.name, provider: info.provider, ...(info.type === '' ? {} : { type: info.type }) }
}

function users(usedBy: readonly string[]): Shown {
  return usedBy.length > 0 ? { usedBy: usedBy.toSorted() } : {}
}

/** Names of the services that a router uses, directly or through other services. */
function servicesInUse(services: ReadonlyMap<string, ServiceInfo<unknown>>): Set<string> {
  const inUse = new Set<string>()
  const waiting = [...services.values()].filter((info) => info.usedBy.length > 0)
  for (let info = waiting.pop(); info !== undefined; info = waiting.pop()) {
    if (inUse.has(info.name)) continue
    inUse.add(info.name)
    for (const name of childrenOf(info.config)) {
      const child = services.get(name.includes('@') ? name : `${name}@${info.provider}`)
      if (child !== undefined) waiting.push(child)
    }
  }
  return inUse
}

/** Names in `services`, `service`, `fallback` and `mirrors` of a composed service. */
function childrenOf(config: unknown): string[] {
  const names: string[] = []
  const kinds: unknown[] = isRecord(config)
    ? [config['weighted'], config['highestRandomWeight'], config['mirroring'], config['failover']]
    : []
  for (const options of kinds) {
    if (!isRecord(options)) continue
    for (const one of [options['service'], options['fallback']]) if (typeof one === 'string' && one !== '') names.push(one)
    for (const list of [options['services'], options['mirrors']]) {
      if (!Array.isArray(list)) continue
      for (const item of list) if (isRecord(item) && typeof item['name'] === 'string') names.push(item['name'])
    }
  }
  return names
}

function routersOf(state: RuntimeState, protocol: Protocol): ReadonlyMap<string, RouterInfo<unknown>> {
  return protocol === 'http' ? state.routers : protocol === 'tcp' ? state.tcpRouters : state.udpRouters
}

function servicesOf(state: RuntimeState, protocol: Protocol): ReadonlyMap<string, ServiceInfo<unknown>> {
  return protocol === 'http' ? state.services : protocol === 'tcp' ? state.tcpServices : state.udpServices
}

/** An entry point with its name. */
export function showEntryPoint(name: string, config: EntryPoint): Shown {
  return { ...asRecord(toApi(entryPoint, config)), name }
}

function asRecord(value: unknown): Shown {
  return isRecord(value) ? value : {}
}
