/** The handler of an HTTP load balancer: chooses a server, keeps clients on theirs, and tries another one when a server cannot be reached. */
import type { LoadBalancerPlan, ServerPlan, TransportPlan } from '../../generation/plan.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import type { Reason } from '../http/reasons.ts'
import type { ForwardListener } from '../upstream/forward-listener.ts'
import type { UpstreamTarget } from '../upstream/target.ts'
import type { Upstreams } from '../upstream/upstreams.ts'
import { Balancer, type BalancerContext } from './balancer.ts'
import { buildHashKey, connectionKey, type HashKey } from './hash-key.ts'
import { noAvailableServer } from './no-available-server.ts'
import { Member } from './pool.ts'
import { Sticky } from './sticky.ts'

/** What load balancers are built with. */
export interface LoadBalancerContext extends Omit<BalancerContext, 'tell'> {
  readonly upstreams: Upstreams
  /** Plan of a transport by qualified name. */
  readonly transport: (name: string) => TransportPlan | undefined
  /** Something that the administrator should know. */
  readonly warn: (message: string, fields: Readonly<Record<string, string>>) => void
}

/** The handler of a load balancer; throws when its plan names a transport or strategy that is not there. */
export function buildLoadBalancer(plan: LoadBalancerPlan, context: LoadBalancerContext): Handler {
  const { upstreams } = context
  const transport = context.transport(plan.transport)
  if (transport === undefined) throw new Error(`service ${plan.name}: there is no servers transport ${plan.transport}`)
  const servers = plan.servers.map((server) => {
    const target = upstreams.target(server.url, { preservePath: server.preservePath, passHostHeader: plan.passHostHeader, transport })
    return new PooledServer(server, target, context, plan)
  })
  const balancing = new Balancing(plan, servers, context)
  for (const server of servers) server.balancing = balancing
  return balancing.sticky === null ? (exchange) => balancing.handle(exchange) : (exchange) => balancing.handleSticky(exchange)
}

/** A server of a load balancer, and what is told about the requests to it. */
class PooledServer extends Member implements ForwardListener {
  readonly target: UpstreamTarget
  readonly measuresLatency: boolean
  balancing: Balancing | null = null
  readonly #judges: boolean

  constructor(plan: ServerPlan, target: UpstreamTarget, { board }: LoadBalancerContext, { strategy, passive }: LoadBalancerPlan) {
    super({ ...plan, name: plan.url }, board)
    this.target = target
    this.measuresLatency = strategy === 'leasttime'
    this.#judges = passive !== null
  }

  onAnswer(_exchange: Exchange, ms: number): void {
    this.noteLatency(ms)
  }

  onSettled(exchange: Exchange, reason: Reason | null): void {
    this.leave()
    if (this.#judges) this.#judge(exchange.originStatus, reason)
  }

  onUnreached(exchange: Exchange, reason: Reason): boolean {
    return this.balancing?.tryAnother(exchange, this, new Set(), reason) ?? false
  }

  /** A status below 500 is a success. What is not the server's doing, such as a client that went away, is neither. */
  #judge(status: number, reason: Reason | null): void {
    const pool = this.balancing?.balancer.pool
    if (pool === undefined) return
    if (status !== 0) {
      if (status < 500) pool.succeeded(this)
      else pool.failed(this)
    } else if (reason !== null && isServerFailure(reason)) pool.failed(this)
  }
}

/** Whether no answer came, and that for reasons that lie with the server. */
function isServerFailure(reason: Reason): boolean {
  return reason.startsWith('upstream_') || reason === 'connect_failed' || reason === 'connect_timeout'
}

/** A load balancer at work. */
class Balancing {
  readonly balancer: Balancer<PooledServer>
  readonly sticky: Sticky<PooledServer> | null
  readonly #name: string
  readonly #counters: number
  readonly #upstreams: Upstreams
  readonly #key: HashKey | null
  readonly #triesOthers: boolean

  constructor(plan: LoadBalancerPlan, servers: readonly PooledServer[], context: LoadBalancerContext) {
    this.#name = plan.name
    this.#counters = plan.counters
    this.#upstreams = context.upstreams
    this.#triesOthers = plan.triesOthers && servers.length > 1
    this.balancer = new Balancer(servers, plan, {
      ...context,
      tell: (message, server) => context.warn(message, { serviceName: plan.name, serverUrl: withoutUser(server.name) }),
    })
    this.#key = !this.balancer.hashes ? null : plan.hash === null ? connectionKey : buildHashKey(plan.hash)
    // Rendezvous hashing sticks by itself: it has no cookie.
    this.sticky =
      plan.sticky === null || plan.strategy === 'hrw'
        ? null
        : new Sticky(
            plan.sticky,
            servers.map((server) => ({ name: server.name, target: server })),
          )
  }

  handle(exchange: Exchange): void {
    exchange.serviceName = this.#name
    exchange.serviceCounters = this.#counters
    const server = this.balancer.next(this.#key === null ? '' : this.#key(exchange))
    if (server === null) noAvailableServer(exchange)
    else this.#forward(exchange, server, server)
  }

  handleSticky(exchange: Exchange): void {
    exchange.serviceName = this.#name
    exchange.serviceCounters = this.#counters
    const sticky = this.sticky!
    const entry = sticky.find(exchange)
    let server: PooledServer | null
    if (entry !== null && this.balancer.pool.isKept(entry.target)) {
      server = entry.target
      if (entry.renew) sticky.assign(exchange, server)
    } else {
      server = this.balancer.next(this.#key === null ? '' : this.#key(exchange))
      if (server === null) {
        noAvailableServer(exchange)
        return
      }
      sticky.assign(exchange, server)
    }
    this.#forward(exchange, server, server)
  }

  /** Sends an exchange to another server than those that could not be reached; false when there is none. */
  tryAnother(exchange: Exchange, failed: PooledServer, tried: Set<PooledServer>, reason: Reason): boolean {
    if (!this.#triesOthers) return false
    tried.add(failed)
    const server = this.balancer.another(tried, this.#key === null ? '' : this.#key(exchange))
    if (server === null) return false
    failed.onSettled(exchange, reason)
    const { sticky } = this
    if (sticky !== null) {
      sticky.unassign(exchange, failed)
      sticky.assign(exchange, server)
    }
    this.#forward(exchange, server, new Attempt(this, server, tried))
    return true
  }

  #forward(exchange: Exchange, server: PooledServer, listener: ForwardListener): void {
    // Of an earlier attempt, it would be taken for this server's.
    exchange.originStatus = 0
    server.enter()
    this.#upstreams.forward(exchange, server.target, listener)
  }
}

/** A request on its way to a server that was not the first choice. */
class Attempt implements ForwardListener {
  readonly measuresLatency: boolean
  readonly #balancing: Balancing
  readonly #server: PooledServer
  readonly #tried: Set<PooledServer>

  constructor(balancing: Balancing, server: PooledServer, tried: Set<PooledServer>) {
    this.measuresLatency = server.measuresLatency
    this.#balancing = balancing
    this.#server = server
    this.#tried = tried
  }

  onAnswer(exchange: Exchange, ms: number): void {
    this.#server.onAnswer(exchange, ms)
  }

  onSettled(exchange: Exchange, reason: Reason | null): void {
    this.#server.onSettled(exchange, reason)
  }

  onUnreached(exchange: Exchange, reason: Reason): boolean {
    return this.#balancing.tryAnother(exchange, this.#server, this.#tried, reason)
  }
}

/** A server URL as it may be shown: what stands before the host can be a password. */
function withoutUser(url: string): string {
  return url.replace(/^([^/?#]*\/\/)[^/?#]*@/, '$1')
}
