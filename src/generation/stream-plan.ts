/** Plans of TCP and UDP objects. */
import type { BalancingPlan, ServerPlaces } from './balancing-plan.ts'
import type { MiddlewarePlan, TransportPlan } from './plan.ts'

/** A TCP router. */
export interface TcpRouterPlan {
  readonly name: string
  readonly entryPoints: readonly string[]
  readonly rule: string
  readonly syntax: 'v2' | 'v3'
  readonly priority: bigint
  /** Rank of the provider for ties, lower first. */
  readonly precedence: number
  /** Qualified names, in order. */
  readonly middlewares: readonly string[]
  /** Qualified name. */
  readonly service: string
  /** Null: takes connections without TLS. */
  readonly tls: {
    /** TLS is left to the server. */
    readonly passthrough: boolean
    /** Qualified name of the TLS options; there may be none by that name: then nobody is served. */
    readonly options: string
  } | null
  /** Why the router cannot serve; it keeps its place, so that no lower router takes its connections. Null when it is sound. */
  readonly disabled: string | null
}

/** A TCP middleware that can be built. */
export type TcpMiddlewarePlan = MiddlewarePlan

/** A server of a TCP load balancer. */
export interface TcpServerPlan extends ServerPlaces {
  /** As configured. */
  readonly address: string
  readonly host: string
  readonly port: number
  readonly weight: number
  /** The server speaks TLS. */
  readonly tls: boolean
  /** Gauge of open connections. */
  readonly connections: number
}

/** A TCP load balancer over servers. */
export interface TcpLoadBalancerPlan extends BalancingPlan {
  readonly kind: 'loadBalancer'
  readonly name: string
  readonly servers: readonly TcpServerPlan[]
  /** Qualified name of a TCP transport plan. */
  readonly transport: string
  /** Overrides of the transport, from deprecated options of the service. */
  readonly terminationDelayMs: number | null
  readonly proxyProtocol: ProxyProtocolVersion | null
  readonly sequenceCell: number
}

/** Version of the PROXY protocol that is sent; 0: none. */
export type ProxyProtocolVersion = 0 | 1 | 2

/** A choice among services by weight, for TCP or UDP. */
export interface StreamWeightedPlan {
  readonly kind: 'weighted'
  readonly name: string
  readonly services: readonly {
    readonly name: string
    readonly weight: number
    /** Servers whose states decide whether the child is up; empty: always up. */
    readonly stateCells: readonly number[]
  }[]
  readonly sequenceCell: number
}

/** Any TCP service. */
export type TcpServicePlan = TcpLoadBalancerPlan | StreamWeightedPlan

/** How connections to TCP servers are made; files are already read. */
export interface TcpTransportPlan {
  readonly name: string
  /** The TLS side; used for servers that speak TLS. */
  readonly tls: TransportPlan
  /** 0: none. */
  readonly dialTimeoutMs: number
  /** Interval of keep-alive probes; negative: none are sent. */
  readonly dialKeepAliveMs: number
  /** How long a connection of which one side has finished may be silent; negative: for ever. */
  readonly terminationDelayMs: number
  readonly proxyProtocol: ProxyProtocolVersion
}

/** A UDP router. */
export interface UdpRouterPlan {
  readonly name: string
  readonly entryPoints: readonly string[]
  readonly precedence: number
  /** Qualified name. */
  readonly service: string
  /** Why the router cannot serve; null when it is sound. */
  readonly disabled: string | null
}

/** A server of a UDP load balancer. */
export interface UdpServerPlan extends ServerPlaces {
  /** As configured. */
  readonly address: string
  readonly host: string
  readonly port: number
  readonly weight: number
  /** Gauge of sessions. */
  readonly sessions: number
}

/** A UDP load balancer over servers. */
export interface UdpLoadBalancerPlan extends BalancingPlan {
  readonly kind: 'loadBalancer'
  readonly name: string
  readonly servers: readonly UdpServerPlan[]
  readonly sequenceCell: number
}

/** Any UDP service. */
export type UdpServicePlan = UdpLoadBalancerPlan | StreamWeightedPlan
