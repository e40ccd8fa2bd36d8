/** A strategy over a pool: who gets the next request, connection or session, and who is tried when that one cannot be reached. */
import type { Board } from '../../board/board.ts'
import type { BalancingPlan } from '../../generation/balancing-plan.ts'
import { hash32 } from './hash32.ts'
import { type Member, Pool, type PoolContext } from './pool.ts'
import { BoardSequence, LocalSequence } from './sequence.ts'
import { strategyOf } from './strategies.ts'
import type { Sequence, Strategy, StrategyModule } from './strategy.ts'

/** What a balancer is built with. */
export interface BalancerContext extends PoolContext {
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** Chooses among the members of a load balancer. */
export class Balancer<M extends Member> {
  readonly pool: Pool<M>
  readonly #module: StrategyModule
  readonly #strategy: Strategy
  readonly #random: () => number

  /** Throws when the plan's strategy is not there. */
  constructor(members: readonly M[], plan: BalancingPlan & { readonly sequenceCell: number }, context: BalancerContext) {
    this.#module = strategyOf(plan.strategy)
    this.#random = context.random
    this.pool = new Pool(members, plan, this.#module.ignoresWeight, context)
    this.#strategy = this.#module.create(context.random, sequenceOf(context.board, plan.sequenceCell), plan.loadFactor)
  }

  /** Whether keys make a difference. */
  get hashes(): boolean {
    return this.#module.hashes
  }

  /** Somebody who may be used now; null when nobody may. */
  next(hashKey: string): M | null {
    const usable = this.pool.usable()
    return usable.length === 0 ? null : this.#strategy.pick(usable, hashKey)
  }

  /**
   * Somebody who was not tried yet, after others could not be reached; null when there is nobody left. Those stand in for the strategy's choice
   * evenly, and for the same key the same one does.
   */
  another(tried: ReadonlySet<M>, hashKey: string): M | null {
    const usable = this.pool.usable()
    const { length } = usable
    if (length === 0) return null
    const start = this.#module.hashes ? hash32(hashKey) % length : Math.floor(this.#random() * length)
    for (let step = 0; step < length; step += 1) {
      const member = usable[(start + step) % length]
      if (member !== undefined && !tried.has(member)) return member
    }
    return null
  }
}

/** Turns on the board, exact over all workers. */
export function sequenceOf(board: Board, cell: number): Sequence {
  // Cell 0 is the server epoch: a plan has it when the board is full, and then each worker takes turns by itself.
  return cell === 0 ? new LocalSequence() : new BoardSequence(board, cell)
}
