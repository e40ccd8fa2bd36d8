/**
 * The Exchange: one request and its response, whatever the protocol version. Routers, middlewares and services see only this.
 *
 * Life: a protocol driver fills in the request and calls the entry point's handler. A service (or a middleware that answers by itself) sets
 * `status` and `responseHeaders`, calls `startResponse`, then `write` and `end`. The driver calls `finish` when the last byte has been handed to
 * the connection or the exchange has failed.
 */
import type { X509Certificate } from 'node:crypto'
import type { MatchInput } from '../../rules/match-input.ts'
import type { Transport } from '../transport/transport.ts'
import type { BodySource, ResponseProducer } from './body.ts'
import { HeaderList } from './header-list.ts'
import { routingPathOf } from './path.ts'
import type { Reason } from './reasons.ts'

/** Handles an exchange: answers it, or passes it on. Returns without a promise when it does not wait. */
export type Handler = (exchange: Exchange) => void | Promise<void>

/** Wraps the next handler. Runs once per generation; the handler that it returns runs per request. */
export type Middleware = (next: Handler) => Handler

/** What is known of the client's TLS connection. */
export interface TlsFacts {
  /** As Traefik logs it: '1.2', '1.3'. */
  readonly version: string
  readonly cipher: string
  readonly serverName: string
  readonly clientSubject: string
  /** Policy of the options that the handshake was made under (`TlsOptionsPlan.policy`); routers of another policy answer 421. */
  readonly policy: string
  /** The client's certificate, its issuers behind it; null when it showed none. Trusted only as far as the options verify it. */
  readonly clientCertificate: X509Certificate | null
}

/** Facts that hold for every exchange of a client connection; one object per connection. */
export interface ConnectionFacts {
  /** Peer address without zone, IPv4-mapped IPv6 written as IPv4; PROXY protocol applied. */
  readonly remoteIp: string
  readonly remotePort: number
  readonly localIp: string
  readonly localPort: number
  readonly tls: TlsFacts | null
}

/** Takes the answer. The driver is the outermost; middlewares that change bodies put theirs in front (`exchange.sink`). */
export interface ResponseSink {
  /** Sends a 1xx answer (RFC 9110 §15.2), never 101. */
  informational(exchange: Exchange, status: number, headers: HeaderList): void
  /** Sends `exchange.status` and `exchange.responseHeaders`; hooks have run already. */
  head(exchange: Exchange): void
  /** Sends a chunk (valid only during the call); false asks the producer to wait for `onDrain`. */
  write(exchange: Exchange, chunk: Uint8Array): boolean
  /** Sends a small body held as text, one byte per character; may leave in one write with the head. */
  writeText(exchange: Exchange, text: string): void
  /** The body is complete; `exchange.responseTrailers` go with it where the protocol allows. */
  end(exchange: Exchange): void
  /** The answer cannot be completed: cut it so that the client notices (RFC 9112 §8). */
  abort(exchange: Exchange, reason: Reason): void
  /**
   * Sends `exchange.status` 101 with `exchange.responseHeaders` and joins the client connection with the server's: from now on both are a tunnel.
   * `early` are bytes that the server sent behind its head.
   */
  upgrade(exchange: Exchange, server: Transport, early: Buffer | null): void
}

/** Looks at or changes the head of an answer right before it leaves; one object per generation, none per request. */
export interface ResponseHook {
  onResponse(exchange: Exchange): void
}

/** Told once when an exchange is over: access log, metrics, in-flight counts, leases. */
export interface ExchangeObserver {
  onFinish(exchange: Exchange): void
}

/** One request and its response. */
export class Exchange implements MatchInput {
  readonly connection: ConnectionFacts
  /** Name of the entry point. */
  readonly entryPoint: string
  /** Monotonic milliseconds (performance.now()) when the head was complete. */
  startedMs = 0

  // Request, as it will be forwarded.
  method = 'GET'
  /** 'http' or 'https' as the client connection has it. */
  scheme = 'http'
  /** Host as sent (Host field or authority of an absolute-form target); what is forwarded. */
  hostRaw = ''
  /** Canonical host for matching: lower case, no port, no brackets. */
  host = ''
  /** Name that `host` is an alias of; '' when there is none or nobody asked (`hostResolver`). */
  flatHost = ''
  /** '' when the request line has none; else the text after the first '?'. */
  rawQuery = ''
  /** True when there was a '?', even with nothing behind it. */
  hasQuery = false
  /** The query as the client wrote it, when that differs from `rawQuery` and no middleware has set the path; '' otherwise. Redirections show it. */
  writtenQuery = ''
  /** 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0': as access logs print it. */
  protocol = 'HTTP/1.1'
  headers: HeaderList
  /** Null when the request has no body. */
  body: BodySource | null = null
  /** Upgrade token in lower case when the request asks for one with a valid Connection; '' otherwise. */
  upgrade = ''
  /** X-Forwarded-For gets no entry for this client (notAppendXForwardedFor, or nulled by the headers middleware). */
  suppressForwardedFor = false
  /** True once a middleware has replaced the path, and with it the client's X-Replaced-Path. */
  pathReplaced = false
  /** passHostHeader=false and similar: Host for the server when it differs from `hostRaw`. */
  upstreamHost: string | null = null

  // Response.
  status = 0
  /** Reason phrase of a server; '' for the standard one. */
  statusText = ''
  responseHeaders: HeaderList = new HeaderList()
  responseTrailers: HeaderList | null = null
  /** Length of the response body in bytes; -1 when not known beforehand. */
  responseLength = -1
  sink: ResponseSink
  producer: ResponseProducer | null = null
  /** True once the head of the final answer has been handed to the sink. */
  responseStarted = false

  // Facts for logs and metrics; set by whoever knows them.
  reason: Reason | null = null
  routerName = ''
  serviceName = ''
  /** Places on the board where router and service are counted; 0: nowhere. */
  routerCounters = 0
  serviceCounters = 0
  /** False when the router's `observability.accessLogs` is off or its service is internal. */
  accessLogged = true
  /** False when the router's `observability.metrics` is off or its service is internal: exporters of metrics do not see the exchange. */
  measured = true
  /** Method and protocol of the request as metrics label them, noted before middlewares; -1: not noted. */
  measuredAs = -1
  /** The middleware that has the exchange now, while metrics are on; see `Recorder`. */
  middleware: object | null = null
  /** Monotonic milliseconds when it got it; 0: with the exchange itself. */
  middlewareMs = 0
  /** URL of the chosen server, '' when none was chosen. */
  serverUrl = ''
  serverAddress = ''
  /** Null: no authentication took place. */
  username: string | null = null
  /** Status and size of the server's answer, before middlewares. */
  originStatus = 0
  originBytes = 0
  /** Milliseconds between handing the request to the service and its whole answer. */
  originDurationMs = 0
  /** Set before routing when somebody wants the head of the server's answer as it was before response hooks; see `originHeaders`. */
  wantsOriginHeaders = false
  /** Header fields of the server's answer before response hooks; only when wanted and `originStatus` is set before `startResponse`. */
  originHeaders: HeaderList | null = null
  /** Attempts after the first one. */
  retryAttempts = 0
  requestBytes = 0
  responseBytes = 0
  /** True when the client connection must not be used for another request. */
  closeAfter = false
  finished = false
  /** Set once the client or the driver gave the exchange up. */
  aborted: Reason | null = null

  #path = '/'
  #routingPath: string | null = null
  #hooks: ResponseHook[] | null = null
  /** The observer that was added first; nearly always the only one. */
  #observer: ExchangeObserver | null = null
  #observers: ExchangeObserver[] | null = null

  constructor(connection: ConnectionFacts, entryPoint: string, headers: HeaderList, sink: ResponseSink) {
    this.connection = connection
    this.entryPoint = entryPoint
    this.headers = headers
    this.sink = sink
  }

  /** Escaped path in canonical form; matched and forwarded alike. */
  get path(): string {
    return this.#path
  }

  set path(value: string) {
    this.#path = value
    this.#routingPath = null
    this.writtenQuery = ''
  }

  /** The path with every escape decoded but those of reserved characters: what path matchers look at. */
  get routingPath(): string {
    this.#routingPath ??= routingPathOf(this.#path)
    return this.#routingPath
  }

  get clientIp(): string {
    return this.connection.remoteIp
  }

  headerValues(lowerCaseName: string): readonly string[] {
    return this.headers.getAll(lowerCaseName)
  }

  /** Adds a hook; the one added last runs first (innermost middleware first). */
  addResponseHook(hook: ResponseHook): void {
    if (this.#hooks === null) this.#hooks = [hook]
    else this.#hooks.push(hook)
  }

  /** Adds an observer that is told once when the exchange is over. */
  addObserver(observer: ExchangeObserver): void {
    if (this.#observer === null) this.#observer = observer
    else if (this.#observers === null) this.#observers = [observer]
    else this.#observers.push(observer)
  }

  /** Hands the head of the final answer on. Call it once, after status, headers and `responseLength` are set. */
  startResponse(): void {
    if (this.wantsOriginHeaders && this.originStatus !== 0) this.originHeaders ??= this.responseHeaders.clone()
    this.runResponseHooks()
    this.responseStarted = true
    this.sink.head(this)
  }

  /** Runs and forgets the response hooks; for sinks that answer in a way of their own. */
  runResponseHooks(): void {
    const hooks = this.#hooks
    if (hooks === null) return
    this.#hooks = null
    for (let index = hooks.length - 1; index >= 0; index -= 1) hooks[index]?.onResponse(this)
  }

  /** Called by the driver when the exchange is over, complete or not. */
  finish(): void {
    if (this.finished) return
    this.finished = true
    const observers = this.#observers
    if (observers !== null) for (let index = observers.length - 1; index >= 0; index -= 1) observers[index]?.onFinish(this)
    this.#observer?.onFinish(this)
  }

  /** Called by the driver when the client went away or broke the protocol: stops the producer. */
  abort(reason: Reason): void {
    if (this.aborted !== null || this.finished) return
    this.aborted = reason
    this.reason ??= reason
    this.producer?.onAbort(reason)
  }
}
