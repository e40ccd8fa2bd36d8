/** Turns the plan of a service into its handler. Runs once per generation; the handlers that it returns run per request. */
import type { Board } from '../../board/board.ts'
import type { LoadBalancerPlan, TransportPlan, WeightedPlan } from '../../generation/plan.ts'
import type { Handler } from '../http/exchange.ts'
import type { Upstreams } from '../upstream/upstreams.ts'
import { noAvailableServer } from './no-available-server.ts'
import { Pool, PooledServer } from './pool.ts'
import { BoardSequence, LocalSequence } from './sequence.ts'
import { Sticky } from './sticky.ts'
import { strategyOf } from './strategies.ts'
import type { Sequence, Strategy } from './strategy.ts'
import { buildWeighted } from './weighted.ts'

/** What services are built with. */
export interface ServiceContext {
  readonly board: Board
  readonly upstreams: Upstreams
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Plan of a transport by qualified name. */
  readonly transport: (name: string) => TransportPlan | undefined
  /** Handler of a service by qualified name. */
  readonly service: (name: string) => Handler
}

/** The handler of a service; throws when its plan names a transport or strategy that is not there. */
export function buildService(plan: LoadBalancerPlan | WeightedPlan, context: ServiceContext): Handler {
  const sequence = sequenceOf(context.board, plan.sequenceCell)
  if (plan.kind === 'weighted') return buildWeighted(plan, context.board, sequence, context.service)
  return buildLoadBalancer(plan, context, sequence)
}

function buildLoadBalancer(plan: LoadBalancerPlan, context: ServiceContext, sequence: Sequence): Handler {
  const transport = context.transport(plan.transport)
  if (transport === undefined) throw new Error(`service ${plan.name}: there is no servers transport ${plan.transport}`)
  const { key, ignoresWeight, create } = strategyOf(plan.strategy)
  const servers = plan.servers.map((server) => {
    const target = context.upstreams.target(server.url, {
      preservePath: server.preservePath,
      passHostHeader: plan.passHostHeader,
      transport,
    })
    return new PooledServer(server, target, context.board, key === 'leasttime')
  })
  const balancing: Balancing = {
    plan,
    pool: new Pool(servers, context.board, ignoresWeight),
    strategy: create(context.random, sequence),
    upstreams: context.upstreams,
  }
  // Rendezvous hashing sticks by itself: it has no cookie.
  if (plan.sticky === null || key === 'hrw') return balance(balancing)
  const sticky = new Sticky(
    plan.sticky,
    servers.map((server) => ({ name: server.name, target: server })),
  )
  return balanceSticky(balancing, sticky)
}

/** What a load balancer's handler works with. */
interface Balancing {
  readonly plan: LoadBalancerPlan
  readonly pool: Pool
  readonly strategy: Strategy
  readonly upstreams: Upstreams
}

function balance({ plan: { name, counters }, pool, strategy, upstreams }: Balancing): Handler {
  return (exchange) => {
    exchange.serviceName = name
    exchange.serviceCounters = counters
    const usable = pool.usable()
    if (usable.length === 0) return noAvailableServer(exchange)
    const server = strategy.pick(usable, exchange.clientIp)
    server.enter()
    return upstreams.forward(exchange, server.target, server)
  }
}

function balanceSticky({ plan: { name, counters }, pool, strategy, upstreams }: Balancing, sticky: Sticky<PooledServer>): Handler {
  return (exchange) => {
    exchange.serviceName = name
    exchange.serviceCounters = counters
    const entry = sticky.find(exchange)
    let server: PooledServer
    if (entry !== null && pool.isKept(entry.target)) {
      server = entry.target
      if (entry.renew) sticky.assign(exchange, server)
    } else {
      const usable = pool.usable()
      if (usable.length === 0) return noAvailableServer(exchange)
      server = strategy.pick(usable, exchange.clientIp)
      sticky.assign(exchange, server)
    }
    server.enter()
    return upstreams.forward(exchange, server.target, server)
  }
}

function sequenceOf(board: Board, cell: number): Sequence {
  // Cell 0 is the server epoch: a plan has it when the board is full, and then each worker takes turns by itself.
  return cell === 0 ? new LocalSequence() : new BoardSequence(board, cell)
}
