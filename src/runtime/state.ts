/** What the control plane knows of every routing object at one moment: configuration as decoded, status, errors. The API shows it. */
import type { X509Certificate } from 'node:crypto'
import type { InstallConfiguration } from '../config/install/install.ts'
import type {
  HttpMiddleware,
  HttpRouter,
  HttpService,
  TcpMiddleware,
  TcpRouter,
  TcpService,
  UdpRouter,
  UdpService,
} from '../config/routing/routing.ts'
import type { ConfigProblem } from '../config/schema/problem.ts'
import type { MiddlewarePlan } from '../generation/plan.ts'
import type { CertificateFacts } from '../std/certificate-reader.ts'

/** Status of an object, Traefik's words. */
export type ObjectStatus = 'enabled' | 'warning' | 'disabled'

/** One routing object with its status. */
export interface ObjectInfo<C> {
  /** Qualified name, `name@provider`. */
  readonly name: string
  readonly provider: string
  /** Decoded configuration with the values filled in that Traefik's API fills in (entry points, priority, observability, tls.options). */
  readonly config: C
  status: ObjectStatus
  /** Traefik's wording; shown as `error`. */
  readonly errors: string[]
  /** The same with place, what is allowed and the nearest name; shown as `errorDetails`. */
  readonly details: ConfigProblem[]
}

/** A router; `using` are the entry points that it is really on. */
export interface RouterInfo<C = HttpRouter> extends ObjectInfo<C> {
  readonly using: string[]
  readonly priority: bigint
}

/** A service; `usedBy` are the routers that use it. */
export interface ServiceInfo<C = HttpService> extends ObjectInfo<C> {
  /** Lower case: loadbalancer, weighted, mirroring, failover, highestrandomweight; '' when it has none. */
  readonly type: string
  readonly usedBy: string[]
  /** Status by server URL or address, live from the board; empty when there are no servers. */
  serverStatus(): Record<string, ServerStatus>
}

/** Status of a server; DRAINING is one that an administrator takes out. */
export type ServerStatus = 'UP' | 'DOWN' | 'DRAINING'

/** A middleware; `usedBy` are the routers that use it. */
export interface MiddlewareInfo<C = HttpMiddleware> extends ObjectInfo<C> {
  /** Lower-case kind, such as basicauth; '' when it has none. */
  readonly type: string
  readonly usedBy: string[]
  /** What workers build it from; null when it cannot be built, and for chains. */
  readonly plan: MiddlewarePlan | null
}

/** A certificate of listeners. */
export interface CertificateInfo {
  /** SHA-256 in hexadecimal digits. */
  readonly name: string
  /** All that it is chosen by: common name and alternative names, lower case. */
  readonly names: readonly string[]
  readonly x509: X509Certificate
  readonly facts: CertificateFacts
  readonly keyType: string
  /** In bits; 0 when that says nothing. */
  readonly keySize: number
  readonly signatureAlgorithm: string
  /** SHA-256 of the public key's info (SPKI) in hexadecimal digits. */
  readonly publicKeyFingerprint: string
  readonly status: 'enabled' | 'warning' | 'expired'
}

/** Everything the API reads; replaced whole by each generation. Keys are qualified names. */
export interface RuntimeState {
  readonly generation: number
  readonly install: InstallConfiguration
  readonly routers: ReadonlyMap<string, RouterInfo>
  readonly services: ReadonlyMap<string, ServiceInfo>
  readonly middlewares: ReadonlyMap<string, MiddlewareInfo>
  readonly tcpRouters: ReadonlyMap<string, RouterInfo<TcpRouter>>
  readonly tcpServices: ReadonlyMap<string, ServiceInfo<TcpService>>
  readonly tcpMiddlewares: ReadonlyMap<string, MiddlewareInfo<TcpMiddleware>>
  readonly udpRouters: ReadonlyMap<string, RouterInfo<UdpRouter>>
  readonly udpServices: ReadonlyMap<string, ServiceInfo<UdpService>>
  /** Certificates of listeners by their SHA-256. */
  readonly certificates: ReadonlyMap<string, CertificateInfo>
  /** Options that are set but not built yet, "providers.nomad: not supported yet". */
  readonly unbuilt: readonly string[]
  /** Names of running providers, Traefik's Go field names (File, HTTP, Rest…). */
  readonly providers: readonly string[]
}
