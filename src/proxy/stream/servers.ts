/** Servers of TCP and UDP load balancers: members of their balancer's pool, with what their dials and sessions tell of them. */
import type { Board } from '../../board/board.ts'
import type { BalancingPlan, ServerPlaces } from '../../generation/balancing-plan.ts'
import { Balancer, type BalancerContext } from '../balancers/balancer.ts'
import { Member, type MemberPlan } from '../balancers/pool.ts'

/** A server that connections or sessions go to. */
export class StreamServer extends Member {
  #balancer: Balancer<StreamServer> | null = null
  #measuresLatency = false

  /** The server answered, `ms` milliseconds after it was asked: a connection was made, or the first datagram came back. */
  reached(ms: number): void {
    if (this.#measuresLatency) this.noteLatency(ms)
    this.#balancer?.pool.succeeded(this)
  }

  /** Nobody is there. */
  unreached(): void {
    this.#balancer?.pool.failed(this)
  }

  /** Belongs to a balancer from now on. */
  joins(balancer: Balancer<StreamServer>, measuresLatency: boolean): void {
    this.#balancer = balancer
    this.#measuresLatency = measuresLatency
  }
}

/** What a server of a plan is called on the board. */
export function memberPlan(plan: ServerPlaces & { readonly address: string; readonly weight: number }, inFlight: number): MemberPlan {
  const { address, weight, stateCell, historyCell, latencyCell } = plan
  return { name: address, weight, fenced: false, stateCell, historyCell, latencyCell, inFlight }
}

/** A balancer over servers; throws when the plan's strategy is not there. */
export function balancerOf<S extends StreamServer>(
  servers: readonly S[],
  plan: BalancingPlan & { readonly sequenceCell: number },
  context: BalancerContext & { readonly board: Board },
): Balancer<S> {
  const balancer = new Balancer(servers, plan, context)
  for (const server of servers) server.joins(balancer, plan.strategy === 'leasttime')
  return balancer
}
