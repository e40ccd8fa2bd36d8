/**
 * The Generation: what the control plane publishes and a worker serves. Plain, immutable, structured-clone-able data, cut into plans
 * that refer to each other by qualified name (`name@provider`), so that a difference between two generations is a list of plans.
 */
import type { SecureVersion } from 'node:tls'
import type { EntryPoint } from '../config/install/install.ts'
import type { StatusRanges } from '../std/status-ranges.ts'
import type { BalancingPlan, ServerPlaces } from './balancing-plan.ts'
import type { MetricsPlan } from './metrics-plan.ts'
import type { TcpMiddlewarePlan, TcpRouterPlan, TcpServicePlan, TcpTransportPlan, UdpRouterPlan, UdpServicePlan } from './stream-plan.ts'

/** Places on the board of a router, service or entry point: `first + offset`, see `requestCounters`. 0: not counted. */
export type CounterPlace = number

/** Offsets of the counters that routers, services and entry points have. */
export const requestCounters = {
  requests: 0,
  status1xx: 1,
  status2xx: 2,
  status3xx: 3,
  status4xx: 4,
  status5xx: 5,
  requestBytes: 6,
  responseBytes: 7,
  durationMs: 8,
  count: 9,
} as const

/** A listening address and what is done with a connection there. */
export interface EntryPointPlan {
  readonly name: string
  readonly host: string
  /** Resolved: never 0. */
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly reusePort: boolean
  /**
   * Descriptors handed over by socket activation; empty: the address is bound. One a worker: two threads on one descriptor abort the process when
   * one of them ends, so workers without a descriptor of their own do not listen here.
   */
  readonly descriptors: readonly number[]
  /** The entry point's decoded configuration. */
  readonly config: EntryPoint
  readonly counters: CounterPlace
  /** Gauge of open connections. */
  readonly connections: number
}

/** A router on one or more entry points. */
export interface RouterPlan {
  readonly name: string
  readonly entryPoints: readonly string[]
  readonly rule: string
  readonly syntax: 'v2' | 'v3'
  readonly priority: bigint
  /** Rank of the provider for ties, lower first. */
  readonly precedence: number
  /** Qualified names, entry-point middlewares first. */
  readonly middlewares: readonly string[]
  /** Qualified name; '' when it has children instead. */
  readonly service: string
  /** Qualified names of child routers (multi-layer routing), matched after the middlewares. */
  readonly children: readonly string[]
  /** True for a child: not in the entry points' tables. */
  readonly isChild: boolean
  /** Why the router cannot serve: it keeps its place and answers 404 (router_disabled). Null when it is sound. */
  readonly disabled: string | null
  /** HTTPS only. */
  readonly tls: boolean
  /** Qualified name of the TLS options that connections to this router need; '' without TLS. There may be none by that name: then it serves nobody. */
  readonly tlsOptions: string
  /** Canonical hosts, wildcards included, whose connections get these options. */
  readonly tlsHosts: readonly string[]
  /** Patterns of `HostRegexp`, for the same purpose. */
  readonly tlsHostPatterns: readonly string[]
  readonly accessLogs: boolean
  /** Whether exporters of metrics see its requests. */
  readonly metrics: boolean
  /** Made by Tidegate itself, or its service is internal: not logged unless `addInternals`. */
  readonly internal: boolean
  readonly counters: CounterPlace
}

/** A middleware that can be built: its options passed the schema and the kind's check. */
export interface MiddlewarePlan {
  readonly name: string
  /** Key of the kind, such as 'addPrefix'. */
  readonly kind: string
  readonly options: unknown
  /** First places of its table of clients (see `ClientCounts`); 0 when it has none. */
  readonly clientCells: number
  readonly clientGauges: number
  /** Memory that all workers share for it, zeroed at first; null when its kind asks for none. */
  readonly shared: SharedArrayBuffer | null
  /** Qualified names of the services that its options name, by the name as it is configured. */
  readonly services: Readonly<Record<string, string>>
}

/** A server of a load balancer. */
export interface ServerPlan extends ServerPlaces {
  /** As configured. */
  readonly url: string
  readonly weight: number
  readonly preservePath: boolean
  /** Terminating: no new clients, sticky ones go on. */
  readonly fenced: boolean
  /** Gauge of requests in flight. */
  readonly inFlight: number
}

/** Attributes of a sticky cookie, defaults filled in; `name` is final. */
export interface StickyPlan {
  readonly name: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: string
  readonly maxAge: number
  readonly path: string
  readonly domain: string
}

/** A load balancer over servers. */
export interface LoadBalancerPlan extends BalancingPlan {
  readonly kind: 'loadBalancer'
  readonly name: string
  readonly servers: readonly ServerPlan[]
  readonly sticky: StickyPlan | null
  readonly passHostHeader: boolean
  /** Qualified name of a transport plan. */
  readonly transport: string
  /** -1 flushes at once; else milliseconds. */
  readonly flushIntervalMs: number
  readonly middlewares: readonly string[]
  /** Cell with the balancer's sequence, shared by all workers so that round robin is exact. */
  readonly sequenceCell: number
  readonly counters: CounterPlace
}

/** A choice among services by weight. */
export interface WeightedPlan {
  readonly kind: 'weighted'
  readonly name: string
  readonly services: readonly {
    readonly name: string
    /** The name as it is configured, which sticky values are made of; the plain name when absent. */ readonly configuredName?: string
    readonly weight: number
    /** Servers whose states decide whether the child is up; empty: always up. */ readonly stateCells: readonly number[]
  }[]
  readonly sticky: StickyPlan | null
  readonly middlewares: readonly string[]
  readonly sequenceCell: number
  readonly counters: CounterPlace
}

/** A choice among services by the client's address. */
export interface HighestRandomWeightPlan {
  readonly kind: 'highestRandomWeight'
  readonly name: string
  readonly services: readonly {
    readonly name: string
    /** The name as it is configured, which is hashed. */
    readonly configuredName: string
    readonly weight: number
    readonly stateCells: readonly number[]
  }[]
  readonly middlewares: readonly string[]
}

/** A service whose requests others get copies of. */
export interface MirroringPlan {
  readonly kind: 'mirroring'
  readonly name: string
  /** Qualified name of the service that answers. */
  readonly service: string
  readonly mirrors: readonly { readonly name: string; readonly percent: number }[]
  /** Whether copies have the body. */
  readonly mirrorBody: boolean
  /** Longest body that is copied, in bytes; -1: any. A request with a longer one is not mirrored. */
  readonly bodyBytesMax: number
  readonly middlewares: readonly string[]
  /** Cell that numbers the requests, so that the share of a mirror is exact over all workers. */
  readonly sequenceCell: number
}

/** A service with another one for when it is down or fails. */
export interface FailoverPlan {
  readonly kind: 'failover'
  readonly name: string
  /** Qualified names. */
  readonly service: string
  readonly fallback: string
  /** Servers whose states decide whether the first service is up; null: it is always asked first. */
  readonly stateCells: readonly number[] | null
  /** The same of the second; null: it is asked in any case. */
  readonly fallbackStateCells: readonly number[] | null
  /** Answers of the first service in place of which the second is asked. */
  readonly errors: { readonly status: StatusRanges; readonly bodyBytesMax: number } | null
  readonly middlewares: readonly string[]
}

/** A service that Tidegate answers itself. */
export interface InternalServicePlan {
  readonly kind: 'internal'
  readonly name: string
  /** 'ping' and 'noop' are answered in the worker; the others by the control plane. */
  readonly target: 'ping' | 'noop' | 'api' | 'dashboard' | 'rest' | 'prometheus'
  /** Status that ping answers once the process is going down. */
  readonly terminatingStatus: number
  /** Absent: requests to it are not counted. */
  readonly counters?: CounterPlace
}

/** Any service. */
export type ServicePlan = LoadBalancerPlan | CompositeServicePlan | InternalServicePlan

/** A service made of other services. */
export type CompositeServicePlan = WeightedPlan | HighestRandomWeightPlan | MirroringPlan | FailoverPlan

/** Qualified names of the services that a service leans on. */
export function childServicesOf(plan: ServicePlan | TcpServicePlan | UdpServicePlan): readonly string[] {
  if (plan.kind === 'weighted' || plan.kind === 'highestRandomWeight') return plan.services.map((child) => child.name)
  if (plan.kind === 'mirroring') return [plan.service, ...plan.mirrors.map((mirror) => mirror.name)]
  return plan.kind === 'failover' ? [plan.service, plan.fallback] : []
}

/** How HTTP/2 is spoken to servers. */
export interface Http2TransportPlan {
  /** Silence after which a connection with requests on it is pinged; 0: never. */
  readonly readIdleTimeoutMs: number
  /** How long the answer to a ping may take. */
  readonly pingTimeoutMs: number
}

/** How connections to servers are made; files are already read. */
export interface TransportPlan {
  readonly name: string
  readonly serverName: string
  readonly insecureSkipVerify: boolean
  /** PEM texts; none: system roots. An empty text adds nobody, so that alone it trusts nobody. */
  readonly rootCas: readonly string[]
  readonly certificates: readonly { readonly cert: string; readonly key: string }[]
  readonly minVersion: string
  readonly maxVersion: string
  readonly cipherSuites: readonly string[]
  readonly peerCertUri: string
  /** Types besides 'URI' and 'DNSName' match nothing. */
  readonly peerCertSans: readonly { readonly type: string; readonly value: string }[]
  /** Idle connections kept per server; -1: none kept. */
  readonly maxIdlePerServer: number
  readonly dialTimeoutMs: number
  /** 0: none. */
  readonly responseHeaderTimeoutMs: number
  readonly idleTimeoutMs: number
  /** Absent or null: HTTP/2 is not offered to servers with TLS. */
  readonly http2?: Http2TransportPlan | null
}

/** A certificate that listeners show, with its key. */
export interface CertificatePlan {
  /** SHA-256 of the certificate in hexadecimal digits; the plan's key. */
  readonly id: string
  /** Common name and alternative names (DNS names, addresses), lower case and sorted. */
  readonly names: readonly string[]
  /** PEM, with its chain. */
  readonly certificate: string
  /** PEM. */
  readonly privateKey: string
  readonly keyType: 'ecdsa' | 'rsa' | 'other'
  /** Unix time in milliseconds. */
  readonly notAfterMs: number
  /** Place in the configuration: the first of equal certificates wins. */
  readonly rank: number
  /** OCSP response to be stapled, in base64; '' when there is none. */
  readonly ocspStaple: string
}

/** How client certificates are asked for and checked. */
export type ClientAuth = 'none' | 'request' | 'requireAny' | 'verifyIfGiven' | 'requireAndVerify'

/** A set of TLS options, checked: contexts can be made of it. */
export interface TlsOptionsPlan {
  readonly name: string
  /** Differs for different demands on clients: connections and sessions made under one policy never count under another. */
  readonly policy: string
  readonly minVersion: SecureVersion
  readonly maxVersion: SecureVersion
  /** In OpenSSL's words. */
  readonly ciphers: string
  /** In OpenSSL's words. */
  readonly curves: string
  readonly alpn: readonly string[]
  readonly clientAuth: ClientAuth
  /** PEM texts of the authorities of clients. */
  readonly clientCas: readonly string[]
  /** Refuses clients whose server name no certificate has. */
  readonly sniStrict: boolean
  readonly sessionTickets: boolean
}

/** What all TLS listeners have in common. */
export interface TlsCommonPlan {
  /** Identities of the certificates for names that no other has. */
  readonly defaultCertificates: readonly string[]
  /** Secret in hexadecimal digits that session ticket keys are derived from; changes from time to time. */
  readonly ticketSecret: string
}

/** Settings of the data plane that belong to no object. */
export interface GlobalPlan {
  /** OS host name for X-Forwarded-Server. */
  readonly hostname: string
  readonly accessLog: AccessLogPlan | null
  /** Passes request trailers on over HTTP/1.1. */
  readonly passRequestTrailers: boolean
  /** CNAME flattening for host matching; null: off. */
  readonly hostResolver: { readonly resolvConfig: string; readonly depth: number } | null
  readonly lifeCycle: { readonly terminatingStatus: number }
  /** What exporters of metrics want measured; absent or null: nothing. */
  readonly metrics?: MetricsPlan | null
}

/** What access logs contain; see the install option `accessLog`. */
export interface AccessLogPlan {
  /** '' is standard output. */
  readonly filePath: string
  readonly format: 'common' | 'json' | 'genericCLF'
  readonly addInternals: boolean
  readonly defaultMode: string
  readonly names: Readonly<Record<string, string>>
  readonly headersDefaultMode: string
  readonly headerNames: Readonly<Record<string, string>>
  readonly queryParametersDefaultMode: string
  /** Inclusive ranges; empty: all. */
  readonly statusCodes: StatusRanges
  readonly retryAttempts: boolean
  readonly minDurationMs: number
  readonly hasFilters: boolean
}

/** Plans by kind; keys are qualified names ('' for `global` and `tls`). */
export interface PlanKinds {
  global: GlobalPlan
  tls: TlsCommonPlan
  tlsOptions: TlsOptionsPlan
  certificate: CertificatePlan
  entryPoint: EntryPointPlan
  router: RouterPlan
  middleware: MiddlewarePlan
  service: ServicePlan
  transport: TransportPlan
  tcpTransport: TcpTransportPlan
  tcpMiddleware: TcpMiddlewarePlan
  tcpService: TcpServicePlan
  tcpRouter: TcpRouterPlan
  udpService: UdpServicePlan
  udpRouter: UdpRouterPlan
}

/** Name of a kind of plan. */
export type PlanKind = keyof PlanKinds

/** One changed plan. */
export type PlanChange = { [K in PlanKind]: { readonly kind: K; readonly key: string; readonly plan: PlanKinds[K] | null } }[PlanKind]
