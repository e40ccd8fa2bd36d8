/** From the options of a load balancer to its plan, alike for HTTP, TCP and UDP. */
import type { BoardAllocator } from '../board/allocator.ts'
import type { Board } from '../board/board.ts'
import { historyCells, latencyLength } from '../board/server-cells.ts'
import { type BalancingProblem, checkBalancing, type CheckedOptions, hashSources, strategyNames } from '../config/routing/balancing.ts'
import type { BalancingPlan, HashPlan, PassivePlan, ServerPlaces, StrategyName } from '../generation/balancing-plan.ts'
import { processMs } from '../std/process-clock.ts'

/** Options of a balancer as far as its plan is made of them. */
export interface BalancingOptions extends CheckedOptions {
  readonly singleAttempt: boolean
  readonly passiveHealthCheck?: NonNullable<CheckedOptions['passiveHealthCheck']> & { readonly failureWindow: number }
}

/** The plan that options make, or what is wrong with them. `path` of a problem lies below `loadBalancer`. */
export function planBalancing(options: BalancingOptions): BalancingPlan | BalancingProblem {
  const problem = checkBalancing(options)
  if (problem !== undefined) return problem
  return {
    strategy: strategyName(options.strategy),
    hash: hashPlan(options.hash),
    loadFactor: options.hash?.loadFactor ?? 0,
    slowStartMs: options.slowStart,
    panicPercent: options.panicThreshold,
    passive: passivePlan(options),
    triesOthers: !options.singleAttempt,
  }
}

/** Whether it is a problem. */
export function isProblem(result: BalancingPlan | BalancingProblem): result is BalancingProblem {
  return 'message' in result
}

function strategyName(text: string): StrategyName {
  return strategyNames.find((name) => name === text) ?? 'wrr'
}

function hashPlan(hash: BalancingOptions['hash']): HashPlan | null {
  if (hash === undefined) return null
  const source = hashSources.find((name) => name === hash.source) ?? 'clientIp'
  return { source, name: hash.name ?? '', ipStrategy: hash.ipStrategy ?? null }
}

function passivePlan({ passiveHealthCheck: options, healthCheck }: BalancingOptions): PassivePlan | null {
  if (options === undefined) return null
  return {
    windowMs: options.failureWindow > 0 ? options.failureWindow : 0,
    // As recorded of Traefik, 0 takes a server out at its first failure.
    attempts: Math.max(1, options.maxFailedAttempts),
    ejectedPercentMax: options.maxEjectedPercent,
    ejectionMsMax: options.maxEjectionTime,
    isChecked: healthCheck !== undefined,
  }
}

/** Hands out the places of servers on the board. */
export class ServerPlacer {
  readonly #places: BoardAllocator
  readonly #board: Board
  readonly #plan: BalancingPlan
  readonly #seen = new Map<string, number>()
  readonly #prefix: string

  constructor(prefix: string, plan: BalancingPlan, places: BoardAllocator, board: Board) {
    this.#prefix = prefix
    this.#plan = plan
    this.#places = places
    this.#board = board
  }

  /** Places of a server, and its gauge of what is in flight. The same address may stand in a list twice; each has a state of its own. */
  place(address: string): ServerPlaces & { readonly inFlight: number } {
    const count = this.#seen.get(address) ?? 0
    this.#seen.set(address, count + 1)
    const key = `${this.#prefix}:${address}${count === 0 ? '' : `#${count}`}`
    const latencyCell = this.#plan.strategy === 'leasttime' ? this.#places.place('cell', `latency:${key}`, latencyLength) : 0
    return {
      stateCell: this.#places.place('cell', key),
      historyCell: this.#history(key),
      latencyCell,
      inFlight: this.#places.place('gauge', key),
    }
  }

  #history(key: string): number {
    const { passive, slowStartMs } = this.#plan
    if (passive === null && slowStartMs === 0) return 0
    const attempts = passive?.attempts ?? 0
    const place = this.#places.place('cell', `history:${attempts}:${key}`, historyCells.recent + attempts)
    // A server that is new comes up now; with a new service all do, and share as if none did.
    if (place !== 0) Atomics.compareExchange(this.#board.cells, place + historyCells.upSince, 0, processMs() || 1)
    return place
  }
}
