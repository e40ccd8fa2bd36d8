/** The shape of a file of recorded answers: one configuration, the requests sent to it, what the router answered and passed on. */

/** Any JSON value. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }

/** How a backend answers; each part may come from the backend, a request's X-Reply header or its `reply` parameter. */
export interface Reply {
  readonly status?: number
  readonly reason?: string
  readonly headers?: ReadonlyArray<readonly [string, string]>
  readonly body?: string
  readonly size?: number
  readonly chunked?: boolean
  readonly trailers?: ReadonlyArray<readonly [string, string]>
  readonly informational?: ReadonlyArray<readonly [number, ReadonlyArray<readonly [string, string]>]>
  /** Seconds before the answer. */
  readonly delay?: number
  /** Closes the connection instead of answering. */
  readonly close?: boolean
  /** Exact bytes, as latin1, instead of an answer. */
  readonly raw?: string
  readonly thenClose?: boolean
  /** How many requests fail first: without an answer, or with `failStatus`. */
  readonly failFirst?: number
  readonly failStatus?: number
  readonly noUpgrade?: boolean
}

/** A server that the router is configured to reach. */
export interface BackendSpec {
  readonly kind?: 'http' | 'https' | 'tcp' | 'tls' | 'udp' | 'closed'
  readonly port?: string | number
  readonly reply?: Reply
  /** What it receives is not noted. */
  readonly quiet?: boolean
  readonly expectProxy?: boolean
  readonly speaksFirst?: boolean
  readonly cert?: string
  readonly clientAuth?: boolean
}

/** How a client speaks TLS. */
export interface TlsSpec {
  readonly sni?: string
  readonly alpn?: readonly string[]
  readonly min?: '1.2' | '1.3'
  readonly max?: '1.0' | '1.1' | '1.2' | '1.3'
  readonly ciphers?: string
  /** A name for which a certificate is made, or the path of a file with chain and key. */
  readonly clientCert?: string
}

/** What every step that connects has. Times are in seconds. */
export interface ConnectionSpec {
  readonly to: string
  readonly tls?: TlsSpec
  readonly from?: string
  /** Bytes sent first, a PROXY protocol header. */
  readonly proxy?: string
  readonly halfClose?: boolean
  readonly timeout?: number
}

/** An HTTP/1.1 request and how its answer is read. */
export interface RequestSpec extends ConnectionSpec {
  readonly request?: string
  readonly raw?: string
  readonly bodySize?: number
  readonly json?: true | readonly string[]
  readonly whole?: boolean
  readonly grep?: string
  readonly mask?: string
}

/** A TCP exchange. */
export interface TcpSpec extends ConnectionSpec {
  readonly send?: string
}

/** A UDP exchange. */
export interface UdpSpec {
  readonly to: string
  readonly send: string
  readonly times?: number
  readonly timeout?: number
}

/** An HTTP/2 request; without `tls` by prior knowledge. */
export interface Http2Spec extends ConnectionSpec {
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body?: string
}

/** One step of a case. Which keys are there says which kind it is. */
export interface Step extends Partial<RequestSpec> {
  readonly tcp?: TcpSpec
  readonly udp?: UdpSpec
  readonly h2?: Http2Spec
  readonly sleep?: number
  readonly routing?: Json
  readonly routingText?: string
  readonly stopBackend?: string
  readonly signal?: NodeJS.Signals
  readonly log?: string
  readonly pick?: readonly string[]
  readonly last?: number
  readonly settle?: number
  readonly wait?: number
  readonly unordered?: boolean
  readonly repeat?: number
  readonly parallel?: number
}

/** What a step gave: status, headers, body, seen and so on. */
export type Result = { [part: string]: Json }

/** A case: one step, its keys at the case's level, or several. */
export interface Case extends Step {
  readonly name: string
  readonly steps?: readonly Step[]
  readonly expect?: Result[]
  /** The recorded answer is itself a fault or a hole, and may be answered better. */
  readonly why?: string
  readonly loose?: readonly string[]
  readonly looseSeen?: readonly string[]
  readonly ignoreHeaders?: readonly string[]
  readonly jar?: boolean
  readonly compare?: 'same-backend'
}

/** A file of recorded answers. */
export interface Group {
  readonly about?: string
  readonly area?: string
  readonly install?: { readonly [key: string]: Json }
  readonly routing?: Json
  readonly routingText?: string
  readonly routingFile?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  /** The process must end with an error. */
  readonly startFails?: boolean
  readonly backends?: Readonly<Record<string, BackendSpec>>
  readonly settle?: number
  readonly cases?: readonly Case[]
}
