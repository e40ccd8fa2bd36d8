/** What would become of a request: the question, and a worker's answer. */

/** A request that is only thought of. Strings hold bytes as latin1. */
export interface ExplainRequest {
  readonly method: string
  /** Absolute: the scheme tells whether TLS is spoken, the port which entry points are asked. */
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  /** Address of the client. */
  readonly client: string
  /** Name of the only entry point that is asked; '': all that the URL's port leads to, or, when none has it, all of HTTP. */
  readonly entryPoint: string
}

/** What would become of it, for each entry point that it may arrive at; `problem` when it is no request at all. */
export interface Explanation {
  readonly problem: string | null
  readonly entryPoints: readonly ExplainedEntryPoint[]
}

/** A request at one entry point. */
export interface ExplainedEntryPoint {
  readonly name: string
  readonly address: string
  /** Null without TLS. */
  readonly tls: ExplainedTls | null
  /** Name of the TCP router that has the connection before HTTP sees it; null when none has. */
  readonly tcpRouter: string | null
  /** The answer that is given before any router is asked; null when there is none. */
  readonly refusal: ExplainedAnswer | null
  /** Null when no router is asked. */
  readonly routing: ExplainedRouting | null
}

/** What the handshake comes to. */
export interface ExplainedTls {
  readonly serverName: string
  /** Name of the set of options. */
  readonly options: string
  readonly minVersion: string
  readonly clientAuth: string
  /** Null when none can be shown. */
  readonly certificate: { readonly names: readonly string[]; readonly notAfter: string; readonly isDefault: boolean } | null
  /** Why nobody is served; null when somebody is. */
  readonly refusal: string | null
}

/** An answer that Tidegate makes itself. */
export interface ExplainedAnswer {
  readonly status: number
  /** Reason code; '' when there is none. */
  readonly reason: string
  /** Where a redirection leads; '' when it is none. */
  readonly location: string
}

/** A request in front of a set of routers. */
export interface ExplainedRouting {
  /** As the rules see it. */
  readonly request: { readonly host: string; readonly path: string; readonly query: string }
  /** In the order in which they are tried. */
  readonly candidates: readonly ExplainedCandidate[]
  /** Routers that are left out of the list: rules of other hosts. */
  readonly others: number
  /** Name of the router that takes the request; null when none does. */
  readonly router: string | null
  /** Why it is that one, or none. */
  readonly why: string
  readonly chain: readonly ExplainedMiddleware[]
  /** The answer that comes instead of a service's; null when there is none. */
  readonly answer: ExplainedAnswer | null
  /** Routers below the one that takes the request; null when there are none. */
  readonly below: ExplainedRouting | null
  readonly service: ExplainedService | null
  /** What the server would be asked, after the middlewares that could be tried. */
  readonly forwarded: { readonly host: string; readonly target: string } | null
}

/** A router that could have the request. */
export interface ExplainedCandidate {
  readonly router: string
  readonly rule: string
  readonly priority: string
  /** First part of the rule that does not hold; null when all of it does. */
  readonly failed: string | null
  /** Why it cannot serve; null when it can. */
  readonly disabled: string | null
}

/** A middleware on the way. */
export interface ExplainedMiddleware {
  readonly name: string
  readonly kind: string
  /** `passed` on, `answered` by itself, or `notTried`, because trying it would count, ask or change something. */
  readonly outcome: 'passed' | 'answered' | 'notTried'
}

/** A service, with the services that it leans on. */
export interface ExplainedService {
  readonly name: string
  readonly kind: string
  /** Of load balancers; '' for others. */
  readonly strategy: string
  readonly servers: readonly {
    readonly url: string
    readonly weight: number
    readonly state: 'up' | 'down' | 'ejected' | 'draining'
    readonly inFlight: number
  }[]
  readonly services: readonly ExplainedService[]
  readonly middlewares: readonly string[]
  /** URL of the server that this request would go to now; '' when none can be told. */
  readonly chosen: string
}
