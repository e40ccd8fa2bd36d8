import { type Candidate, firstOf, type Sequence, type Strategy, type StrategyModule } from './strategy.ts'
import { WeightedRoundRobin } from './wrr.ts'

class LeastTime implements Strategy {
  readonly #turns: WeightedRoundRobin

  constructor(sequence: Sequence) {
    this.#turns = new WeightedRoundRobin(sequence)
  }

  pick<C extends Candidate>(candidates: readonly C[]): C {
    let best = firstOf(candidates)
    if (candidates.length === 1) return best
    let bestScore = Number.POSITIVE_INFINITY
    let ties = 0
    for (let index = 0; index < candidates.length; index += 1) {
      const candidate = candidates[index] ?? best
      const score = scoreOf(candidate)
      if (score > bestScore) continue
      ties = score === bestScore ? ties + 1 : 1
      if (score < bestScore) best = candidate
      bestScore = score
    }
    return ties > 1 ? this.#nextOfScore(candidates, bestScore, best) : best
  }

  /** Takes turns by weight among those of the same score. */
  #nextOfScore<C extends Candidate>(candidates: readonly C[], score: number, best: C): C {
    for (let left = this.#turns.roundLength(candidates); left > 0; left -= 1) {
      const candidate = this.#turns.pick(candidates)
      if (scoreOf(candidate) === score) return candidate
    }
    return best
  }
}

function scoreOf(candidate: Candidate): number {
  return (candidate.latencyMs * (1 + candidate.load())) / candidate.weight
}

/** Least time: the lowest product of mean time to the answer's head and requests in flight, by weight; one without measurements goes first. */
export const leasttime: StrategyModule = {
  key: 'leasttime',
  ignoresWeight: false,
  create: (_random, sequence) => new LeastTime(sequence),
}
