/** Chooses whoever has the lowest score; among several they take turns by weight. */
import { type Candidate, firstOf, type Sequence } from './strategy.ts'
import { WeightedRoundRobin } from './wrr.ts'

/** A choice by score. */
export class LeastScore {
  readonly #scoreOf: (candidate: Candidate) => number
  readonly #turns: WeightedRoundRobin
  /** Scores of one choice; looking them up twice could give two answers, since loads change meanwhile. */
  #scores = new Float64Array(8)

  constructor(scoreOf: (candidate: Candidate) => number, sequence: Sequence) {
    this.#scoreOf = scoreOf
    this.#turns = new WeightedRoundRobin(sequence)
  }

  pick<C extends Candidate>(candidates: readonly C[]): C {
    if (candidates.length === 1) return firstOf(candidates)
    if (candidates.length > this.#scores.length) this.#scores = new Float64Array(2 * candidates.length)
    const scores = this.#scores
    let best = firstOf(candidates)
    let bestScore = Number.POSITIVE_INFINITY
    let ties = 0
    for (let index = 0; index < candidates.length; index += 1) {
      const candidate = candidates[index] ?? best
      const score = this.#scoreOf(candidate)
      scores[index] = score
      if (score > bestScore) continue
      ties = score === bestScore ? ties + 1 : 1
      if (score < bestScore) best = candidate
      bestScore = score
    }
    return ties > 1 ? this.#nextOfScore(candidates, bestScore, best) : best
  }

  #nextOfScore<C extends Candidate>(candidates: readonly C[], score: number, best: C): C {
    for (let left = this.#turns.roundLength(candidates); left > 0; left -= 1) {
      const index = this.#turns.pickIndex(candidates)
      if (this.#scores[index] === score) return candidates[index] ?? best
    }
    return best
  }
}
