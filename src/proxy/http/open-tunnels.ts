/**
 * The upgraded connections of a thread (WebSockets above all), by the route that they were opened on: when a new generation has that route no more
 * the entry point's `lifeCycle.tunnelsOnRemoval` decides what becomes of them. A generation that still has it never touches one.
 */
import type { CancelTimer } from '../../std/clock.ts'
import type { TimerWheel } from '../../std/timer-wheel.ts'
import type { Exchange } from './exchange.ts'
import type { Reason } from './reasons.ts'

/** Tunnels that are ended in one turn of the event loop; the rest waits for the next one. */
const endedPerTurn = 50

/** A tunnel as its route's end sees it. */
export interface LeavingTunnel {
  /** Ends it, a WebSocket with close frames (1001) to both sides. */
  goAway(reason: Reason): void
}

/** The way that a tunnel was opened on. */
export interface TunnelRoute {
  readonly entryPoint: string
  readonly secure: boolean
  /** Qualified name, behind those of its parents: `parent -> child`. */
  readonly router: string
  /** Qualified name of the service that has the server. */
  readonly service: string
  /** URL of the server as it is configured. */
  readonly server: string
}

/** What an entry point says about tunnels. */
export interface TunnelPolicy {
  readonly onRemoval: 'keep' | 'drain' | 'close'
  readonly drainMs: number
}

/** What a generation says about tunnels. */
export interface TunnelRoutes {
  /** Null when there is no such entry point any more. */
  policyOf(entryPoint: string): TunnelPolicy | null
  has(route: TunnelRoute): boolean
}

/** A tunnel in the books. */
export interface TunnelEntry {
  /** The tunnel is over. */
  close(): void
}

/** Tunnels of one route. */
interface RouteTunnels {
  readonly route: TunnelRoute
  readonly open: Set<LeavingTunnel>
  /** Set while the route is gone and its tunnels have time left. */
  cancelEnd: CancelTimer | null
}

/** The tunnels of a thread. */
export class OpenTunnels {
  readonly #wheel: Pick<TimerWheel, 'after'>
  readonly #routes = new Map<string, RouteTunnels>()
  /** What is served now. */
  #served: TunnelRoutes | null = null
  #ending: { readonly tunnel: LeavingTunnel; readonly reason: Reason }[] = []

  constructor(wheel: Pick<TimerWheel, 'after'>) {
    this.#wheel = wheel
  }

  /** Tunnels that are open. */
  get size(): number {
    let count = 0
    for (const { open } of this.#routes.values()) count += open.size
    return count
  }

  /** Takes a tunnel into the books, until it is over. */
  add(exchange: Exchange, tunnel: LeavingTunnel): TunnelEntry {
    const { entryPoint, routerName: router, serviceName: service, serverUrl: server } = exchange
    const secure = exchange.connection.tls !== null
    const key = [entryPoint, secure, router, service, server].join('\n')
    let tunnels = this.#routes.get(key)
    if (tunnels === undefined) {
      tunnels = { route: { entryPoint, secure, router, service, server }, open: new Set(), cancelEnd: null }
      this.#routes.set(key, tunnels)
    }
    const { open } = tunnels
    open.add(tunnel)
    return {
      close: () => {
        if (!open.delete(tunnel) || open.size > 0) return
        this.#routes.get(key)?.cancelEnd?.()
        this.#routes.delete(key)
      },
    }
  }

  /** A generation is served: ends tunnels whose route it does not have, as the entry points say. */
  update(routes: TunnelRoutes): void {
    const before = this.#served
    this.#served = routes
    for (const tunnels of this.#routes.values()) {
      const { entryPoint } = tunnels.route
      const policy = routes.policyOf(entryPoint)
      if (policy !== null && routes.has(tunnels.route)) {
        tunnels.cancelEnd?.()
        tunnels.cancelEnd = null
      } else {
        this.#routeGone(tunnels, policy ?? before?.policyOf(entryPoint) ?? null)
      }
    }
  }

  #routeGone(tunnels: RouteTunnels, policy: TunnelPolicy | null): void {
    if (tunnels.cancelEnd !== null || policy === null || policy.onRemoval === 'keep') return
    if (policy.onRemoval === 'close') this.#end(tunnels, 'route_removed')
    else tunnels.cancelEnd = this.#wheel.after(policy.drainMs, () => this.#end(tunnels, 'route_removed'))
  }

  /** The process goes down, which removes all routes of an entry point: what its tunnels may still do is done within the grace time. */
  shutDown(entryPoint: string, { onRemoval, drainMs }: TunnelPolicy): void {
    for (const tunnels of this.#routes.values()) {
      if (tunnels.route.entryPoint !== entryPoint || onRemoval === 'keep') continue
      if (onRemoval === 'close') this.#end(tunnels, 'shutting_down')
      else tunnels.cancelEnd ??= this.#wheel.after(drainMs, () => this.#end(tunnels, 'shutting_down'))
    }
  }

  #end({ open }: RouteTunnels, reason: Reason): void {
    const isUnderWay = this.#ending.length > 0
    for (const tunnel of open) this.#ending.push({ tunnel, reason })
    if (!isUnderWay) this.#endSome()
  }

  #endSome(): void {
    for (const { tunnel, reason } of this.#ending.splice(0, endedPerTurn)) tunnel.goAway(reason)
    if (this.#ending.length > 0) setImmediate(() => this.#endSome())
  }
}
