/** Puts the snapshots of all providers into one set of objects under qualified names. */
import type {
  HttpMiddleware,
  HttpRouter,
  HttpServersTransport,
  HttpService,
  RoutingConfiguration,
  TcpMiddleware,
  TcpRouter,
  TcpServersTransport,
  TcpService,
  TlsConfiguration,
  UdpRouter,
  UdpService,
} from '../config/routing/routing.ts'
import type { Place } from '../config/schema/problem.ts'
import type { RawPath } from '../config/schema/raw.ts'
import type { Origin } from './draft.ts'

/** The newest that a provider published. */
export interface Snapshot {
  readonly provider: string
  readonly routing: RoutingConfiguration
  /** Place of an object by its path, such as `['http', 'routers', 'web']`. */
  readonly locate: (path: RawPath) => Place
}

/** An object and where it came from. */
export interface Sourced<C> {
  readonly config: C
  readonly origin: Origin
}

/** All objects by qualified name. */
export interface Merged {
  readonly routers: Map<string, Sourced<HttpRouter>>
  readonly services: Map<string, Sourced<HttpService>>
  readonly middlewares: Map<string, Sourced<HttpMiddleware>>
  readonly transports: Map<string, Sourced<HttpServersTransport>>
  readonly tcpRouters: Map<string, Sourced<TcpRouter>>
  readonly tcpServices: Map<string, Sourced<TcpService>>
  readonly tcpMiddlewares: Map<string, Sourced<TcpMiddleware>>
  readonly tcpTransports: Map<string, Sourced<TcpServersTransport>>
  readonly udpRouters: Map<string, Sourced<UdpRouter>>
  readonly udpServices: Map<string, Sourced<UdpService>>
  /** Qualified names; `default` as it is. */
  readonly tlsOptions: Map<string, Sourced<TlsOptions>>
  readonly tlsStores: Map<string, Sourced<TlsStore>>
  readonly tlsCertificates: Sourced<TlsCertificate>[]
  /** Kinds of which more than one provider defines the `default`: none of them counts. */
  readonly tlsClashes: Set<'options' | 'store'>
}

type TlsOptions = TlsConfiguration['options'][string]
type TlsStore = TlsConfiguration['stores'][string]
type TlsCertificate = TlsConfiguration['certificates'][number]

/** Merges snapshots; names of different providers never meet. */
export function mergeSnapshots(snapshots: Iterable<Snapshot>): Merged {
  const merged: Merged = {
    routers: new Map(),
    services: new Map(),
    middlewares: new Map(),
    transports: new Map(),
    tcpRouters: new Map(),
    tcpServices: new Map(),
    tcpMiddlewares: new Map(),
    tcpTransports: new Map(),
    udpRouters: new Map(),
    udpServices: new Map(),
    tlsOptions: new Map(),
    tlsStores: new Map(),
    tlsCertificates: [],
    tlsClashes: new Set(),
  }
  for (const snapshot of snapshots) {
    const { http, tcp, udp, tls } = snapshot.routing
    take(snapshot, 'http.routers', http?.routers, merged.routers)
    take(snapshot, 'http.services', http?.services, merged.services)
    take(snapshot, 'http.middlewares', http?.middlewares, merged.middlewares)
    take(snapshot, 'http.serversTransports', http?.serversTransports, merged.transports)
    take(snapshot, 'tcp.routers', tcp?.routers, merged.tcpRouters)
    take(snapshot, 'tcp.services', tcp?.services, merged.tcpServices)
    take(snapshot, 'tcp.middlewares', tcp?.middlewares, merged.tcpMiddlewares)
    take(snapshot, 'tcp.serversTransports', tcp?.serversTransports, merged.tcpTransports)
    take(snapshot, 'udp.routers', udp?.routers, merged.udpRouters)
    take(snapshot, 'udp.services', udp?.services, merged.udpServices)
    if (tls !== undefined) takeTls(snapshot, tls, merged)
  }
  return merged
}

/** The set and the store named `default` belong to no provider. */
function takeTls(snapshot: Snapshot, tls: TlsConfiguration, merged: Merged): void {
  const sourced = <C>(config: C, ...path: readonly string[]): Sourced<C> => ({
    config,
    origin: { path: ['tls', ...path].join('.'), locate: () => snapshot.locate(['tls', ...path]) },
  })
  const qualified = (name: string): string => (name === 'default' ? name : `${name}@${snapshot.provider}`)
  if (tls.options['default'] !== undefined && merged.tlsOptions.has('default')) merged.tlsClashes.add('options')
  if (tls.stores['default'] !== undefined && merged.tlsStores.has('default')) merged.tlsClashes.add('store')
  for (const [name, config] of Object.entries(tls.options)) merged.tlsOptions.set(qualified(name), sourced(config, 'options', name))
  for (const [name, config] of Object.entries(tls.stores)) merged.tlsStores.set(qualified(name), sourced(config, 'stores', name))
  tls.certificates.forEach((config, index) => merged.tlsCertificates.push(sourced(config, 'certificates', String(index))))
}

function take<C extends object>(
  snapshot: Snapshot,
  section: string,
  objects: Readonly<Record<string, C>> | undefined,
  into: Map<string, Sourced<C>>,
): void {
  if (objects === undefined) return
  for (const name in objects) {
    const config = objects[name]
    if (config === undefined) continue
    let known = knownObjects.get(config)
    if (known === undefined || !known.isFor(section, name, snapshot.provider)) {
      known = new Known(section, name, snapshot.provider)
      knownObjects.set(config, known)
    }
    known.snapshot = snapshot
    into.set(known.qualifiedName, { config, origin: known })
  }
}

/** What an object was merged as. */
class Known implements Origin {
  readonly path: string
  readonly qualifiedName: string
  /** The newest that the object stood in. */
  snapshot: Snapshot | null = null
  readonly #section: string
  readonly #name: string
  readonly #provider: string

  constructor(section: string, name: string, provider: string) {
    this.path = `${section}.${name}`
    // A name that holds '@' itself is still an object of this provider.
    this.qualifiedName = `${name}@${provider}`
    this.#section = section
    this.#name = name
    this.#provider = provider
  }

  isFor(section: string, name: string, provider: string): boolean {
    return this.#name === name && this.#provider === provider && this.#section === section
  }

  locate(below: RawPath = []): Place {
    return this.snapshot?.locate([...this.#section.split('.'), this.#name, ...below]) ?? {}
  }
}

/** By configuration: objects that did not change are the very same (see Aggregator). Making names anew is much of the work of a large generation. */
const knownObjects = new WeakMap<object, Known>()
