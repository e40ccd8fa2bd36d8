/** Lists of the API: which objects, in which order, on which page. */
import { isRecord } from '../config/schema/inspect.ts'
import type { MiddlewareInfo, ObjectInfo, RouterInfo, ServiceInfo } from '../runtime/state.ts'
import type { Kind } from './objects.ts'

const perPageDefault = 100

/** Part of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Number of the next page; 1 when this is the last. */
  readonly next: number
}

/** Cuts out the page that `page` and `per_page` ask for, or tells what is wrong with them. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams): Page<T> | { readonly problem: string } {
  const perPage = positive(query, 'per_page', perPageDefault)
  if (typeof perPage === 'string') return { problem: perPage }
  const page = positive(query, 'page', 1)
  if (typeof page === 'string') return { problem: page }
  const start = (page - 1) * perPage
  if (start !== 0 && start >= all.length) return { problem: `invalid request: page: ${page}, per_page: ${perPage}` }
  return { items: all.slice(start, start + perPage), next: page * perPage < all.length ? page + 1 : 1 }
}

function positive(query: URLSearchParams, name: string, otherwise: number): number | string {
  const raw = query.get(name) ?? ''
  if (raw === '') return otherwise
  const value = /^[+-]?\d{1,15}$/.test(raw) ? Number(raw) : 0
  return value > 0 ? value : `invalid request: ${name}: ${value}`
}

/** Keeps the objects that `search`, `status`, `serviceName` and `middlewareName` ask for. */
export function filterObjects(objects: Iterable<ObjectInfo<unknown>>, kind: Kind, query: URLSearchParams): ObjectInfo<unknown>[] {
  const search = (query.get('search') ?? '').toLowerCase()
  const status = (query.get('status') ?? '').toLowerCase()
  const service = kind === 'routers' ? (query.get('serviceName') ?? '') : ''
  const middleware = kind === 'routers' ? (query.get('middlewareName') ?? '') : ''
  const kept: ObjectInfo<unknown>[] = []
  for (const info of objects) {
    if (status !== '' && info.status !== status) continue
    const searched = kind === 'routers' ? [info.name, textOption(info.config, 'rule')] : [info.name]
    if (search !== '' && !searched.some((text) => text.toLowerCase().includes(search))) continue
    if (service !== '' && !usesService(textOption(info.config, 'service'), service)) continue
    if (middleware !== '' && !listOption(info.config, 'middlewares').includes(middleware)) continue
    kept.push(info)
  }
  return kept
}

/** A service that a router names without provider is found by its name alone. */
function usesService(named: string, wanted: string): boolean {
  return named.includes('@') ? named === wanted : named === wanted.split('@', 1)[0]
}

type SortKey = string | number | bigint

/** Orders objects by `sortBy` and `direction`; by name where they are alike, and when the key is not known. */
export function sortObjects(objects: readonly ObjectInfo<unknown>[], kind: Kind, query: URLSearchParams): ObjectInfo<unknown>[] {
  const direction = query.get('direction') ?? ''
  const sign = direction === '' || direction === 'asc' ? 1 : -1
  const keyOf = sortKeys[kind][query.get('sortBy') ?? ''] ?? nameOf
  const keyed = objects.map((info) => ({ info, key: keyOf(info) }))
  keyed.sort((a, b) => sign * (compare(a.key, b.key) || compare(a.info.name, b.info.name)))
  return keyed.map(({ info }) => info)
}

type KeyOf = (info: ObjectInfo<unknown>) => SortKey

const nameOf: KeyOf = (info) => info.name
const common: Readonly<Record<string, KeyOf>> = { name: nameOf, provider: (info) => info.provider, status: (info) => info.status }
const typeOf: KeyOf = (info) => (isTyped(info) ? info.type : '')

const sortKeys: Readonly<Record<Kind, Readonly<Record<string, KeyOf>>>> = {
  routers: {
    ...common,
    priority: (info) => (isRouter(info) ? info.priority : 0n),
    rule: (info) => textOption(info.config, 'rule'),
    service: (info) => textOption(info.config, 'service'),
    entryPoints: (info) => listOption(info.config, 'entryPoints').join(''),
  },
  services: { ...common, type: typeOf, servers: (info) => serverCount(info.config) },
  middlewares: { ...common, type: typeOf },
}

function compare(a: SortKey, b: SortKey): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function isRouter(info: ObjectInfo<unknown>): info is RouterInfo<unknown> {
  return 'priority' in info
}

function isTyped(info: ObjectInfo<unknown>): info is ServiceInfo<unknown> | MiddlewareInfo<unknown> {
  return 'type' in info
}

function serverCount(config: unknown): number {
  const balancer = isRecord(config) ? config['loadBalancer'] : undefined
  return isRecord(balancer) && Array.isArray(balancer['servers']) ? balancer['servers'].length : 0
}

function textOption(config: unknown, name: string): string {
  const value = isRecord(config) ? config[name] : undefined
  return typeof value === 'string' ? value : ''
}

function listOption(config: unknown, name: string): readonly unknown[] {
  const value = isRecord(config) ? config[name] : undefined
  return Array.isArray(value) ? value : []
}
