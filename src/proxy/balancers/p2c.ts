import { type Candidate, firstOf, type Strategy, type StrategyModule } from './strategy.ts'

class PowerOfTwoChoices implements Strategy {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  pick<C extends Candidate>(candidates: readonly C[]): C {
    if (candidates.length === 1) return firstOf(candidates)
    const first = Math.floor(this.#random() * candidates.length)
    // Drawn from one fewer place and stepped over the first, so that the two always differ.
    let second = Math.floor(this.#random() * (candidates.length - 1))
    if (second >= first) second += 1
    const one = candidates[first] ?? firstOf(candidates)
    const other = candidates[second] ?? firstOf(candidates)
    return busyness(other) < busyness(one) ? other : one
  }
}

/** Who starts slowly counts as busier than it is, even without a request. */
function busyness(candidate: Candidate): number {
  return (1 + candidate.load()) / candidate.ramp
}

/** Power of two random choices: takes two candidates and keeps the less busy one, whatever their weights. */
export const p2c: StrategyModule = {
  key: 'p2c',
  ignoresWeight: true,
  hashes: false,
  create: (random) => new PowerOfTwoChoices(random),
}
