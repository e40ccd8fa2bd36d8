import { type Candidate, firstOf, type Strategy, type StrategyModule } from './strategy.ts'

class WeightedRandom implements Strategy {
  readonly #random: () => number
  #candidates: readonly Candidate[] | null = null
  /** Sum of the weights up to and with each candidate. */
  #sums: Float64Array = new Float64Array(0)

  constructor(random: () => number) {
    this.#random = random
  }

  pick<C extends Candidate>(candidates: readonly C[]): C {
    if (candidates !== this.#candidates) this.#layOut(candidates)
    const sums = this.#sums
    const drawn = this.#random() * (sums[sums.length - 1] ?? 0)
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (drawn < (sums[middle] ?? 0)) high = middle
      else low = middle + 1
    }
    return candidates[low] ?? firstOf(candidates)
  }

  #layOut(candidates: readonly Candidate[]): void {
    this.#candidates = candidates
    let sum = 0
    this.#sums = Float64Array.from(candidates, (candidate) => (sum += candidate.weight))
  }
}

/** Draws by weight, without regard to anything else. */
export const random: StrategyModule = {
  key: 'random',
  ignoresWeight: false,
  hashes: false,
  create: (source) => new WeightedRandom(source),
}
