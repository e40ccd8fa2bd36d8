/** Accepts TCP connections of one entry point in one worker, and drains them. */
import { createServer, type Server, type Socket } from 'node:net'
import type { Board } from '../../board/board.ts'
import type { EntryPointPlan } from '../../generation/plan.ts'
import type { CancelTimer, Clock } from '../../std/clock.ts'
import type { TimerWheel } from '../../std/timer-wheel.ts'
import type { ConnectionFacts, Exchange, Handler } from '../http/exchange.ts'
import { buildIpSet } from '../http/ip-strategy.ts'
import type { OpenTunnels, TunnelPolicy } from '../http/open-tunnels.ts'
import type { ServerConnection } from '../http1/server-options.ts'
import type { Http2ServerOptions, Http2ServerSettings } from '../http2/server-options.ts'
import type { TcpRoutes } from '../stream/tcp-routes.ts'
import type { UdpService } from '../stream/udp-service.ts'
import type { TlsAcceptor } from '../tls/acceptor.ts'
import { acceptTransport } from '../transport/choose.ts'
import { type ArrivalContext, arrive } from './arrival.ts'
import { changeHttp1Options, http1Options } from './http1-options.ts'
import { http2Settings } from './http2-options.ts'

/** What a listener needs of its worker. */
export interface ListenerContext {
  readonly board: Board
  readonly wheel: TimerWheel
  readonly clock: Clock
  /** Handler of an entry point on the generation served now, for requests over TLS or without. */
  readonly handler: (entryPoint: string, secure: boolean) => Handler
  readonly tls: TlsAcceptor
  readonly tunnels: OpenTunnels
  /** TCP routers of an entry point on the generation served now; null when it has none. */
  readonly tcp: (entryPoint: string) => TcpRoutes | null
  /** Service that datagrams of an entry point go to on the generation served now; null when it has no router. */
  readonly udp: (entryPoint: string) => UdpService | null
  /** Something of ours failed; one request was lost to it. */
  readonly onFault: (error: unknown, fields: Readonly<Record<string, string>>) => void
}

/** An entry point in one worker. */
export interface EntryPointListener {
  /** Whether it has stopped taking clients. */
  readonly isDraining: boolean
  /** Starts to listen; rejects when the address cannot be had. */
  listen(): Promise<void>
  /** Takes changed options; called for each generation. */
  update(plan: EntryPointPlan): void
  /** Whether a plan can go on with what is bound. */
  canServe(plan: EntryPointPlan): boolean
  /** Goes down as the entry point's `lifeCycle` says. */
  shutDown(): Promise<void>
  /** Stops taking clients, and gives those that there are so much time. */
  drain(graceMs: number, mayAskOnce?: boolean): Promise<void>
}

/** Connections that the system keeps for us while we are busy. */
const backlog = 4096
/** Silence after which the system asks a client whether it is still there, in milliseconds. */
const keepAliveProbeMs = 180_000
/** How long destroyed connections may take to be gone, in milliseconds. */
const destroyedMs = 1000

/** A listening entry point. */
export class Listener implements EntryPointListener {
  #plan: EntryPointPlan
  readonly #context: ListenerContext
  readonly #server: Server
  /** Shared by all connections, the living ones included: a change of the plan changes it. */
  readonly #options: Http2ServerOptions
  readonly #secureOptions: Http2ServerOptions
  readonly #arrivals: ListenerArrivals
  readonly #connections = new Set<ServerConnection>()
  readonly #empty = Promise.withResolvers<void>()
  #draining = false

  constructor(plan: EntryPointPlan, context: ListenerContext) {
    this.#plan = plan
    this.#context = context
    const http2 = http2Settings(plan)
    this.#options = this.#optionsFor(plan, http2, false)
    this.#secureOptions = this.#optionsFor(plan, http2, true)
    const tcp = (): TcpRoutes | null => context.tcp(this.#plan.name)
    this.#arrivals = {
      wheel: context.wheel,
      tls: context.tls,
      options: this.#options,
      secureOptions: this.#secureOptions,
      entryPoint: plan.name,
      get tcp() {
        return tcp()
      },
      proxies: proxiesOf(plan),
      onServed: (before, served) => this.#served(before, served),
      onClose: (connection) => this.#forget(connection),
      onFault: (error) => this.#fault(error, null),
    }
    const socketOptions = { pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveProbeMs }
    this.#server = createServer(socketOptions, (socket) => this.#accept(socket))
  }

  /** Whether it has stopped accepting. */
  get isDraining(): boolean {
    return this.#draining
  }

  /** Starts to listen; rejects when the address cannot be had. */
  listen(): Promise<void> {
    const { host, port, reusePort, descriptors } = this.#plan
    const fd = descriptors[this.#context.board.row - 1]
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      const done = (): void => {
        this.#server.off('error', reject)
        // An accept that fails (out of descriptors) must not end the worker; the next one may succeed.
        this.#server.on('error', () => {})
        resolve()
      }
      if (fd !== undefined) this.#server.listen({ fd }, done)
      else this.#server.listen({ port, ...(host === '' ? {} : { host }), reusePort, backlog }, done)
    })
  }

  /** Takes changed options, for living connections too; the address stays, the name may be another. */
  update(plan: EntryPointPlan): void {
    const before = this.#plan
    this.#plan = plan
    this.#count(before, -this.#connections.size)
    this.#count(plan, this.#connections.size)
    if (plan === before) return
    const http2 = http2Settings(plan, this.#options.http2.ledger)
    for (const options of [this.#options, this.#secureOptions]) {
      changeHttp1Options(options, plan)
      Object.assign(options, { http2 })
    }
    this.#arrivals.entryPoint = plan.name
    this.#arrivals.proxies = proxiesOf(plan)
  }

  /** Whether a plan can go on with this socket. */
  canServe(plan: EntryPointPlan): boolean {
    const { host, port, protocol, reusePort, descriptors } = this.#plan
    return (
      plan.host === host &&
      plan.port === port &&
      plan.protocol === protocol &&
      plan.reusePort === reusePort &&
      plan.descriptors.join() === descriptors.join()
    )
  }

  /** Goes down as the entry point's `lifeCycle` says: accepts for a while longer, then drains. */
  async shutDown(): Promise<void> {
    const { requestAcceptGraceTimeout, graceTimeOut } = this.#plan.config.transport.lifeCycle
    if (requestAcceptGraceTimeout > 0 && !this.#draining) await this.#wait(requestAcceptGraceTimeout)
    this.#context.tunnels.shutDown(this.#plan.name, tunnelPolicy(this.#plan))
    await this.drain(graceTimeOut)
  }

  /**
   * Stops accepting, closes idle connections now (with `mayAskOnce` after one more request), busy ones after their answer and tunnels at their end,
   * all of them after `graceMs`. May be called again to hurry.
   */
  async drain(graceMs: number, mayAskOnce = false): Promise<void> {
    if (!this.#draining) {
      this.#draining = true
      // Behind this turn's events, so that as few clients as can be are accepted by the system and not yet by us.
      await new Promise((resolve) => setImmediate(resolve))
      this.#server.close()
    }
    for (const connection of this.#connections) connection.drain(mayAskOnce)
    await this.#wait(graceMs)
    for (const connection of this.#connections) connection.destroy()
    // They tell that they are closed a little later, and what they tell belongs into the access log.
    await this.#wait(destroyedMs)
  }

  /** Resolves after so many milliseconds, or when a drain has left no connection. */
  async #wait(ms: number): Promise<void> {
    if (this.#draining && this.#connections.size === 0) return
    let cancel: CancelTimer = () => {}
    const over = new Promise<void>((resolve) => (cancel = this.#context.clock.after(ms, resolve)))
    await Promise.race([this.#empty.promise, over])
    cancel()
  }

  #optionsFor(plan: EntryPointPlan, http2: Http2ServerSettings, secure: boolean): Http2ServerOptions {
    return {
      ...http1Options(plan),
      http2,
      wheel: this.#context.wheel,
      tunnels: this.#context.tunnels,
      handler: () => this.#context.handler(this.#plan.name, secure),
      onClose: (connection) => this.#forget(connection),
      onHandlerError: (error, exchange) => this.#fault(error, exchange),
    }
  }

  #served(before: ServerConnection, served: ServerConnection): void {
    this.#connections.delete(before)
    this.#connections.add(served)
    if (this.#draining) served.drain()
  }

  #accept(socket: Socket): void {
    const remoteIp = plainAddress(socket.remoteAddress)
    if (remoteIp === '') {
      // The peer was gone before it was accepted.
      socket.destroy()
      return
    }
    const facts: ConnectionFacts = {
      remoteIp,
      remotePort: socket.remotePort ?? 0,
      localIp: plainAddress(socket.localAddress),
      localPort: socket.localPort ?? 0,
      tls: null,
    }
    this.#count(this.#plan, 1)
    const arrival = arrive(acceptTransport(socket), facts, this.#arrivals)
    this.#connections.add(arrival)
    if (this.#draining) arrival.drain()
    arrival.start()
  }

  #forget(connection: ServerConnection): void {
    if (!this.#connections.delete(connection)) return
    this.#count(this.#plan, -1)
    if (this.#draining && this.#connections.size === 0) this.#empty.resolve()
  }

  #count({ connections }: EntryPointPlan, by: number): void {
    const { gauges } = this.#context.board
    gauges[connections] = (gauges[connections] ?? 0) + by
  }

  #fault(error: unknown, exchange: Exchange | null): void {
    this.#context.onFault(error, { entryPointName: this.#plan.name, routerName: exchange?.routerName ?? '' })
  }
}

/** What an entry point says of tunnels whose route is gone. */
export function tunnelPolicy({ config }: EntryPointPlan): TunnelPolicy {
  const { tunnelsOnRemoval, tunnelDrainTimeOut } = config.transport.lifeCycle
  const onRemoval = tunnelsOnRemoval === 'drain' || tunnelsOnRemoval === 'close' ? tunnelsOnRemoval : 'keep'
  return { onRemoval, drainMs: tunnelDrainTimeOut }
}

/** What arrivals ask, kept in step with the entry point. */
type ListenerArrivals = Omit<ArrivalContext, 'entryPoint' | 'proxies'> & { -readonly [K in 'entryPoint' | 'proxies']: ArrivalContext[K] }

/** Whose PROXY headers count; null when the entry point does not speak that protocol. */
export function proxiesOf({ config: { proxyProtocol } }: EntryPointPlan): ArrivalContext['proxies'] {
  if (proxyProtocol === undefined) return null
  return proxyProtocol.insecure ? { contains: () => true } : buildIpSet(proxyProtocol.trustedIPs)
}

/** An address without zone, IPv4-mapped IPv6 written as IPv4; '' when there is none. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return ''
  const mapped = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
  const zone = mapped.indexOf('%')
  return zone < 0 ? mapped : mapped.slice(0, zone)
}
