/** What middlewares are given besides their options: places on the board, and memory that all workers share. */
import type { BoardAllocator } from '../board/allocator.ts'
import { clientEntries } from '../board/client-counts.ts'
import type { MiddlewarePlan } from '../generation/plan.ts'
import { qualify, providerOf } from './names.ts'

/** A kind of middleware, as far as its plan depends on it. */
export interface PlannedKind {
  readonly key: string
  readonly countsClients?: boolean
  sharedBytes?(options: unknown): number
  services?(options: unknown): readonly string[]
}

/** Memory by middleware; kept for as long as some generation names the middleware with the same kind and size. */
export class SharedMemory {
  #kept = new Map<string, SharedArrayBuffer>()
  #used = new Map<string, SharedArrayBuffer>()

  /** Memory of a middleware: the same as in the generation before where nothing has changed. */
  take(key: string, bytes: number): SharedArrayBuffer {
    const memory = this.#used.get(key) ?? this.#kept.get(key)
    const taken = memory !== undefined && memory.byteLength === bytes ? memory : new SharedArrayBuffer(bytes)
    this.#used.set(key, taken)
    return taken
  }

  /** A generation is resolved: what it did not take is forgotten. */
  turn(): void {
    this.#kept = this.#used
    this.#used = new Map()
  }
}

/** The plan of a middleware whose options are sound. `protocol` keeps HTTP and TCP middlewares of one name apart. */
export function middlewarePlan(
  name: string,
  kind: PlannedKind,
  options: unknown,
  context: { readonly protocol: 'http' | 'tcp'; readonly places: BoardAllocator; readonly memory: SharedMemory },
): MiddlewarePlan {
  const key = `${context.protocol}Clients:${name}`
  const counts = kind.countsClients === true
  const bytes = kind.sharedBytes?.(options) ?? 0
  const services = kind.services?.(options) ?? []
  return {
    name,
    kind: kind.key,
    options,
    clientCells: counts ? context.places.place('cell', key, clientEntries) : 0,
    clientGauges: counts ? context.places.place('gauge', key, clientEntries) : 0,
    shared: bytes === 0 ? null : context.memory.take(`${context.protocol} ${kind.key} ${name}`, bytes),
    services: Object.fromEntries(services.map((service) => [service, qualify(service, providerOf(name))])),
  }
}
