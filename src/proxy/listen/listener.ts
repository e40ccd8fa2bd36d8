/** Accepts TCP connections of one entry point in one worker, and drains them. */
import { createServer, type Server, type Socket } from 'node:net'
import type { Board } from '../../board/board.ts'
import type { EntryPointPlan } from '../../generation/plan.ts'
import type { ConnectionFacts, Exchange, Handler } from '../http/exchange.ts'
import { type Http1ServerConnection, serveHttp1 } from '../http1/server-connection.ts'
import { acceptTransport } from '../transport/choose.ts'
import type { Clock } from '../../std/clock.ts'
import type { TimerWheel } from '../../std/timer-wheel.ts'
import { http1Options } from './http1-options.ts'

/** What a listener needs of its worker. */
export interface ListenerContext {
  readonly board: Board
  readonly wheel: TimerWheel
  readonly clock: Clock
  /** Handler of this entry point on the generation served now. */
  readonly handler: (entryPoint: string) => Handler
  /** Something of ours failed; one request was lost to it. */
  readonly onFault: (error: unknown, fields: Readonly<Record<string, string>>) => void
}

/** A listening entry point. */
export class Listener {
  #plan: EntryPointPlan
  readonly #context: ListenerContext
  readonly #server: Server
  readonly #connections = new Set<Http1ServerConnection>()
  #draining = false
  #onEmpty: (() => void) | null = null
  readonly #handler: () => Handler
  readonly #onFault: (error: unknown, exchange: Exchange | null) => void

  constructor(plan: EntryPointPlan, context: ListenerContext) {
    this.#plan = plan
    this.#context = context
    this.#onFault = (error, exchange) => context.onFault(error, { entryPointName: this.#plan.name, routerName: exchange?.routerName ?? '' })
    this.#handler = () => context.handler(this.#plan.name)
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 180_000 }, (socket) => this.#accept(socket))
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
      else this.#server.listen({ port, ...(host === '' ? {} : { host }), reusePort, backlog: 4096 }, done)
    })
  }

  /** Takes changed options for connections to come; the address stays. */
  update(plan: EntryPointPlan): void {
    this.#plan = plan
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
    if (requestAcceptGraceTimeout > 0) await this.#wait(requestAcceptGraceTimeout)
    await this.drain(graceTimeOut)
  }

  /** Stops accepting, closes idle connections now and busy ones after their answer, all of them after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    this.#server.close()
    for (const connection of this.#connections) connection.drain()
    if (this.#connections.size === 0) return
    await Promise.race([new Promise<void>((resolve) => (this.#onEmpty = resolve)), this.#wait(graceMs)])
    for (const connection of this.#connections) connection.destroy()
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#context.clock.after(ms, resolve))
  }

  #accept(socket: Socket): void {
    const remoteIp = plainAddress(socket.remoteAddress)
    if (remoteIp === '') {
      // The peer was gone before it was accepted.
      socket.destroy()
      return
    }
    const plan = this.#plan
    const facts: ConnectionFacts = {
      remoteIp,
      remotePort: socket.remotePort ?? 0,
      localIp: plainAddress(socket.localAddress),
      localPort: socket.localPort ?? 0,
      tls: null,
    }
    const gauges = this.#context.board.gauges
    const place = plan.connections
    gauges[place] = (gauges[place] ?? 0) + 1
    const connection: Http1ServerConnection = serveHttp1(acceptTransport(socket), facts, {
      ...http1Options(plan),
      wheel: this.#context.wheel,
      handler: this.#handler,
      onClose: () => {
        gauges[place] = (gauges[place] ?? 0) - 1
        this.#connections.delete(connection)
        if (this.#draining && this.#connections.size === 0) this.#onEmpty?.()
      },
      onHandlerError: this.#onFault,
    })
    this.#connections.add(connection)
    if (this.#draining) connection.drain()
  }
}

/** An address without zone, IPv4-mapped IPv6 written as IPv4; '' when there is none. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return ''
  const mapped = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
  const zone = mapped.indexOf('%')
  return zone < 0 ? mapped : mapped.slice(0, zone)
}
