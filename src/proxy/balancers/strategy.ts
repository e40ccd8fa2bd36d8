/** What a load-balancing strategy sees and decides: pure choice. State (health, load, latency) is the pool's. */
import type { StrategyName } from '../../generation/balancing-plan.ts'

/** A server or service that may be chosen. */
export interface Candidate {
  /** What hashes are made of: the server's URL or address as configured, or the service's name. */
  readonly name: string
  /** Share among the candidates; while one of them starts slowly all are scaled, so only the relation counts. */
  readonly weight: number
  /** Share of its weight that it gets while it starts slowly, above 0 and up to 1. */
  readonly ramp: number
  /** Mean milliseconds to the head of the last answers; 0 while there are none. */
  readonly latencyMs: number
  /** Requests, connections or sessions in flight over all workers. */
  load(): number
}

/** A number that rises with each call, shared by everyone who takes turns. */
export interface Sequence {
  /** The next number, from 0 to 2^32 - 1. */
  next(): number
}

/** Chooses among candidates already known to be usable; `candidates` is never empty and is another array whenever its content or a weight differs. */
export interface Strategy {
  pick<C extends Candidate>(candidates: readonly C[], hashKey: string): C
}

/** A strategy by its configuration key. */
export interface StrategyModule {
  readonly key: StrategyName
  /** Whether it chooses servers of weight 0 too, because it does not look at weights. */
  readonly ignoresWeight: boolean
  /** Whether it chooses by the hash key; the others do not look at it. */
  readonly hashes: boolean
  /** `random` is uniform in [0, 1). `loadFactor` bounds the load of whom a consistent hash chooses, as a multiple of the mean; 0: no bound. */
  readonly create: (random: () => number, sequence: Sequence, loadFactor?: number) => Strategy
}

/** The first candidate; candidates are never empty. */
export function firstOf<C>(candidates: readonly C[]): C {
  const first = candidates[0]
  if (first === undefined) throw new Error('balancer: a strategy was asked to choose among no candidates')
  return first
}
