import { Fnv64 } from './fnv.ts'
import { type Candidate, firstOf, type Strategy, type StrategyModule } from './strategy.ts'

class HighestRandomWeight implements Strategy {
  readonly #hash = new Fnv64()

  pick<C extends Candidate>(candidates: readonly C[], hashKey: string): C {
    const hash = this.#hash
    hash.reset().add1a(hashKey)
    const { high, low } = hash
    let best = firstOf(candidates)
    let bestScore = -1
    for (let index = 0; index < candidates.length; index += 1) {
      const candidate = candidates[index] ?? best
      hash.high = high
      hash.low = low
      const score = candidate.weight / -Math.log(hash.add1a(candidate.name).fraction())
      if (score > bestScore) {
        best = candidate
        bestScore = score
      }
    }
    return best
  }
}

/** Highest random weight (rendezvous hashing, weighted by the logarithm): a client keeps its candidate while that one is there. */
export const hrw: StrategyModule = {
  key: 'hrw',
  ignoresWeight: false,
  hashes: true,
  create: () => new HighestRandomWeight(),
}
