/**
 * The servers' side of a worker: pools of connections that outlive generations, and the way of an exchange to its server. A pool is known by
 * server and servers transport, so that a reload that changes neither drops no warm connection.
 */
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Board } from '../../board/board.ts'
import type { GlobalPlan, Http2TransportPlan, TransportPlan } from '../../generation/plan.ts'
import { TlsSettings } from '../../generation/tls-settings.ts'
import type { CancelTimer, Clock } from '../../std/clock.ts'
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { ConnectionFacts, Exchange } from '../http/exchange.ts'
import type { Reason } from '../http/reasons.ts'
import type { Recorder } from '../observe/recorder.ts'
import { transportKind, type TransportKind } from '../transport/choose.ts'
import { UpstreamConnection } from './connection.ts'
import { answerFailure, type Failure, failures } from './failure.ts'
import type { ForwardListener } from './forward-listener.ts'
import { Http2Call } from './http2-call.ts'
import type { Http2Connection } from './http2-connection.ts'
import { Http2Pool } from './http2-pool.ts'
import { LoopGuard, loopDepthMax } from './loop-guard.ts'
import { type ProxyFor, proxyFromEnvironment } from './proxy-environment.ts'
import { ServerPool } from './server-pool.ts'
import { parseServerUrl, type ServerAddress } from './server-url.ts'
import { type TargetOptions, UpstreamTarget } from './target.ts'

/** Time between two looks at idle connections, in milliseconds. */
const sweepMs = 1000
/** Idle connections per server where the transport says 0, as Go has it. */
const idleDefault = 2
/** How long a pool without connections is remembered, in milliseconds. */
const emptyPoolMs = 60_000

/** For servers that are said to speak HTTP/2 through a transport that leaves it out. */
const http2Default: Http2TransportPlan = { readIdleTimeoutMs: 0, pingTimeoutMs: 15_000 }

/** What the upstream side needs of its worker. */
export interface UpstreamsInput {
  readonly board: Board
  readonly wheel: TimerWheel
  /** For HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Told of bugs that ended an exchange: something on the way of its answer threw. */
  readonly onError?: (cause: unknown) => void
  /** Kind of transport; default is what this process uses. */
  readonly transportKind?: TransportKind
}

/** All connections of a worker to servers. */
export class Upstreams implements TimerOwner {
  readonly loops: LoopGuard
  readonly wheel: TimerWheel
  readonly clock: Clock
  /** Calls once after some milliseconds. */
  readonly after: (ms: number, call: () => void) => CancelTimer
  readonly onError: (cause: unknown) => void
  readonly transportKind: TransportKind
  /** Measures requests to servers; null while metrics are off. */
  recorder: Recorder | null = null
  /** Request trailers go on over HTTP/1.1. */
  passesRequestTrailers = false
  /** How often an answer was held back because its client was slower. */
  answerPauses = 0
  /** How often an upload was held back because its server was slower. */
  uploadPauses = 0
  readonly #connections = new Set<UpstreamConnection>()
  readonly #http2Connections = new Set<Http2Connection>()
  readonly #proxyFor: ProxyFor
  readonly #pools = new Map<string, ServerPool>()
  readonly #transports = new WeakMap<TransportPlan, { readonly key: string; readonly tls: TlsSettings }>()
  /** Idle connections that belong to a client connection. */
  readonly #pinned = new Map<ConnectionFacts, UpstreamConnection[]>()
  readonly #sweepTimer: Timer
  #isClosed = false

  constructor(input: UpstreamsInput) {
    this.loops = new LoopGuard(input.board)
    this.wheel = input.wheel
    this.clock = input.wheel.clock
    this.after = (ms, call) => input.wheel.after(ms, call)
    this.onError = input.onError ?? (() => {})
    this.transportKind = input.transportKind ?? transportKind
    this.#proxyFor = proxyFromEnvironment(input.env, this.onError)
    this.#sweepTimer = input.wheel.timer(this)
  }

  /** Number of connections to servers, those being made included. */
  get connectionCount(): number {
    return this.#connections.size + this.#http2Connections.size
  }

  /** The server is done with an exchange: whoever asked is told, and metrics count it. */
  settled(exchange: Exchange, listener: ForwardListener, reason: Reason | null): void {
    listener.onSettled(exchange, reason)
    if (this.recorder !== null) this.recorder.settled(exchange, reason)
  }

  /** Tells how many connections to each server are open, those being made included, and how many of them are idle. */
  poolSizes(tell: (server: string, open: number, idle: number) => void): void {
    for (const { key, open, idle } of this.#pools.values())
      if (open > 0) tell(key.slice(0, key.lastIndexOf(' ')).replace('|', ':'), open, idle.length)
  }

  /** Takes the settings of a new generation, and forgets pools that nobody has used for a while. */
  configure(global: GlobalPlan | null): void {
    this.passesRequestTrailers = global?.passRequestTrailers ?? false
    const nowMs = this.clock.monotonicMs()
    for (const [key, pool] of this.#pools) if (pool.open === 0 && nowMs - pool.emptySinceMs > emptyPoolMs) this.#pools.delete(key)
  }

  /** Prepares a server; throws an Error with a readable text when its URL is none. A scheme that is not spoken gives a target that answers 500. */
  target(url: string, options: TargetOptions): UpstreamTarget {
    const address = parseServerUrl(url)
    return new UpstreamTarget(url, address, this.#poolFor(address, options.transport), options)
  }

  /** Passes an exchange to a server and its answer back. The listener is told once when the server is done with it. */
  forward(exchange: Exchange, target: UpstreamTarget, listener: ForwardListener): void {
    exchange.serverUrl = target.url
    exchange.serverAddress = target.hostHeader
    if (exchange.aborted !== null || exchange.finished) {
      this.settled(exchange, listener, exchange.aborted ?? 'client_gone')
      return
    }
    if (exchange.method === 'CONNECT') {
      // R7: no tunnels for whoever asks.
      this.#refuse(exchange, listener, failures.connectMethod)
      return
    }
    const { pool } = target
    if (pool === null) {
      this.#refuse(exchange, listener, failures.unsupported)
      return
    }
    const depth = this.loops.depthOf(exchange.connection)
    if (depth > loopDepthMax) {
      this.#refuse(exchange, listener, failures.loop)
      return
    }
    if (this.#isClosed) {
      this.#refuse(exchange, listener, failures.shuttingDown)
      return
    }
    const { http2 } = pool
    if (http2 !== null && exchange.upgrade === '' && http2.isWanted) {
      http2.send(new Http2Call(this, { exchange, target, listener, depth }))
      return
    }
    this.sendByHttp1(exchange, target, listener, depth)
  }

  /** Sends an exchange on a connection of HTTP/1.1. */
  sendByHttp1(exchange: Exchange, target: UpstreamTarget, listener: ForwardListener, depth: number): void {
    const pool = target.pool!
    const pinned = this.#pinned.size > 0 ? this.#takePinned(exchange.connection, pool) : null
    const connection = pinned ?? pool.take() ?? this.#open(pool)
    connection.send(exchange, target, listener, depth)
  }

  /** Sends an exchange again whose connection died before it was answered; on a new connection, which cannot have died of age. */
  retry(exchange: Exchange, target: UpstreamTarget, listener: ForwardListener, depth: number): void {
    if (target.pool === null || this.#isClosed) this.#refuse(exchange, listener, failures.closed)
    else this.#open(target.pool).send(exchange, target, listener, depth)
  }

  /** Sends a call again that its server has not taken. */
  retryCall(call: Http2Call): void {
    const http2 = call.target.pool?.http2 ?? null
    if (http2 === null || this.#isClosed) call.fail(failures.closed)
    else http2.send(call)
  }

  /** A connection was made to see what the server speaks, and it speaks HTTP/1.1 alone: it serves the first of those that waited. */
  adopt(pool: ServerPool, socket: Socket, waiting: readonly Http2Call[]): void {
    const connection = new UpstreamConnection(pool, this)
    this.#connections.add(connection)
    connection.adopt(socket)
    const [first, ...others] = waiting
    if (first === undefined) connection.close()
    else first.leaveTo(connection)
    for (const call of others) call.leaveTo(null)
  }

  /** An HTTP/2 connection was made. */
  onHttp2Opened(connection: Http2Connection): void {
    this.#http2Connections.add(connection)
  }

  /** An HTTP/2 connection is gone, or could not be made. */
  onHttp2Closed(connection: Http2Connection | null, pool: ServerPool): void {
    if (connection !== null) this.#http2Connections.delete(connection)
    pool.open -= 1
    if (pool.open === 0) pool.emptySinceMs = this.clock.monotonicMs()
  }

  /** Keeps an idle connection; false when nobody wants it. */
  keep(connection: UpstreamConnection): boolean {
    if (this.#isClosed) return false
    if (!this.#sweepTimer.isSet) this.#sweepTimer.set(sweepMs)
    const client = connection.pinnedTo
    if (client === null) return connection.pool.keep(connection)
    const others = this.#pinned.get(client)
    if (others === undefined) this.#pinned.set(client, [connection])
    else others.push(connection)
    return true
  }

  /** Takes a connection out of the books. */
  onClosed(connection: UpstreamConnection): void {
    if (!this.#connections.delete(connection)) return
    const { pool, pinnedTo } = connection
    pool.open -= 1
    if (pool.open === 0) pool.emptySinceMs = this.clock.monotonicMs()
    if (pinnedTo === null) pool.drop(connection)
    else this.#unpin(pinnedTo, connection)
  }

  onTimer(): void {
    const nowMs = this.clock.monotonicMs()
    let idle = 0
    for (const connection of this.#connections) {
      if (!connection.isUsable) continue
      const { idleTimeoutMs } = connection.pool.limits
      if (idleTimeoutMs > 0 && nowMs - connection.idleSinceMs >= idleTimeoutMs) connection.close()
      else idle += 1
    }
    if (idle > 0) this.#sweepTimer.set(sweepMs)
  }

  /** Closes what is idle now and everything else when its answer is complete; nothing new is taken. */
  close(): void {
    this.#isClosed = true
    this.#sweepTimer.close()
    for (const connection of this.#connections) if (connection.isUsable) connection.close()
    for (const connection of this.#http2Connections) connection.retire()
  }

  #refuse(exchange: Exchange, listener: ForwardListener, failure: Failure): void {
    this.settled(exchange, listener, failure.reason)
    answerFailure(exchange, failure)
  }

  #open(pool: ServerPool): UpstreamConnection {
    // A pool that nobody used for a while was forgotten; now that it is used, later generations should find it.
    if (pool.open === 0 && !this.#pools.has(pool.key)) this.#pools.set(pool.key, pool)
    const connection = new UpstreamConnection(pool, this)
    pool.open += 1
    this.#connections.add(connection)
    return connection
  }

  #takePinned(client: ConnectionFacts, pool: ServerPool): UpstreamConnection | null {
    const own = this.#pinned.get(client)
    const connection = own?.find((candidate) => candidate.pool === pool && candidate.isUsable)
    if (connection === undefined) return null
    this.#unpin(client, connection)
    return connection
  }

  #unpin(client: ConnectionFacts, connection: UpstreamConnection): void {
    const left = this.#pinned.get(client)?.filter((other) => other !== connection)
    if (left === undefined || left.length === 0) this.#pinned.delete(client)
    else this.#pinned.set(client, left)
  }

  #poolFor(address: ServerAddress, plan: TransportPlan): ServerPool | null {
    const { scheme, host, port, path } = address
    if (scheme !== 'http' && scheme !== 'https' && scheme !== 'unix' && scheme !== 'h2c') return null
    const transport = this.#transportOf(plan)
    const key = `${scheme}://${scheme === 'unix' ? path : `${host}|${port}`} ${transport.key}`
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      const isTls = scheme === 'https'
      const proxy = scheme === 'unix' || scheme === 'h2c' ? null : this.#proxyFor(host, port, isTls)
      if (proxy !== null && !proxy.isUsable) return null
      const route = {
        socketPath: scheme === 'unix' ? path : '',
        host,
        port,
        tls: isTls ? transport.tls : null,
        proxy,
        dialTimeoutMs: plan.dialTimeoutMs,
      }
      const idleMax = plan.maxIdlePerServer < 0 ? 0 : plan.maxIdlePerServer === 0 ? idleDefault : plan.maxIdlePerServer
      pool = new ServerPool(key, route, {
        idleMax,
        idleTimeoutMs: plan.idleTimeoutMs,
        responseHeaderTimeoutMs: plan.responseHeaderTimeoutMs,
      })
      const http2 = scheme === 'h2c' ? (plan.http2 ?? http2Default) : isTls ? (plan.http2 ?? null) : null
      if (http2 !== null) pool.http2 = new Http2Pool(pool, this, { idleTimeoutMs: plan.idleTimeoutMs, ...http2 })
      pool.emptySinceMs = this.clock.monotonicMs()
      this.#pools.set(key, pool)
    }
    return pool
  }

  #transportOf(plan: TransportPlan): { readonly key: string; readonly tls: TlsSettings } {
    let known = this.#transports.get(plan)
    if (known === undefined) {
      // By content: a plan that came again with another generation is the same transport.
      known = { key: createHash('sha256').update(JSON.stringify(plan)).digest('base64'), tls: new TlsSettings(plan) }
      this.#transports.set(plan, known)
    }
    return known
  }
}
