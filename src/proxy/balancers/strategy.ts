/** What a load-balancing strategy sees and decides: pure choice. State (health, load, latency) is the pool's. */

/** A server or service that may be chosen. */
export interface Candidate {
  /** What hashes are made of: the server's URL as configured, or the service's name. */
  readonly name: string
  readonly weight: number
  /** Mean milliseconds to the head of the last answers; 0 while there are none. */
  readonly latencyMs: number
  /** Requests in flight over all workers. */
  load(): number
}

/** A number that rises with each call, shared by everyone who takes turns. */
export interface Sequence {
  /** The next number, from 0 to 2^32 - 1. */
  next(): number
}

/** Chooses among candidates already known to be usable; `candidates` is never empty and is another array whenever its content differs. */
export interface Strategy {
  pick<C extends Candidate>(candidates: readonly C[], hashKey: string): C
}

/** A strategy by its configuration key. */
export interface StrategyModule {
  readonly key: string
  /** Whether it chooses servers of weight 0 too, because it does not look at weights. */
  readonly ignoresWeight: boolean
  /** `random` is uniform in [0, 1). */
  readonly create: (random: () => number, sequence: Sequence) => Strategy
}

/** The first candidate; candidates are never empty. */
export function firstOf<C>(candidates: readonly C[]): C {
  const first = candidates[0]
  if (first === undefined) throw new Error('balancer: a strategy was asked to choose among no candidates')
  return first
}
