/**
 * Weighted round robin by earliest deadline first: a candidate of weight w is due at 1/w, 2/w, 3/w, … and whoever is due first is chosen. The
 * order repeats after the sum of the weights (divided by what they share), so it is laid out once as a schedule, and a turn is one look-up by a
 * number that all workers draw from.
 */
import { type Candidate, firstOf, type Sequence, type Strategy, type StrategyModule } from './strategy.ts'

/** Longest schedule beyond one turn for each candidate; larger sums of weights are scaled down to it. */
const scheduleLengthMax = 1 << 14

/** Order of turns as positions in the list of weights; all weights are above 0. */
export function layOutSchedule(weights: readonly number[]): Uint32Array {
  const turns = turnsOf(weights)
  const total = turns.reduce((sum, count) => sum + count, 0)
  const schedule = new Uint32Array(total)
  if (total === turns.length) {
    for (let index = 0; index < total; index += 1) schedule[index] = index
    return schedule
  }
  const owner = new Uint32Array(total)
  const deadline = new Float64Array(total)
  let place = 0
  for (let index = 0; index < turns.length; index += 1) {
    const count = turns[index] ?? 0
    for (let turn = 1; turn <= count; turn += 1) {
      owner[place] = index
      deadline[place] = turn / count
      place += 1
    }
  }
  const order = Array.from(owner.keys())
  order.sort((a, b) => (deadline[a] ?? 0) - (deadline[b] ?? 0) || a - b)
  for (let index = 0; index < total; index += 1) schedule[index] = owner[order[index] ?? 0] ?? 0
  return schedule
}

/** Turns of each candidate in one round. */
function turnsOf(weights: readonly number[]): number[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0) || 1
  const turns = weights.map((weight) => weight / divisor)
  const total = turns.reduce((sum, count) => sum + count, 0)
  if (total <= scheduleLengthMax) return turns
  return turns.map((count) => Math.max(1, Math.round((count * scheduleLengthMax) / total)))
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/** Takes turns by weight. */
export class WeightedRoundRobin implements Strategy {
  readonly #sequence: Sequence
  #candidates: readonly Candidate[] | null = null
  #schedule: Uint32Array = new Uint32Array(0)

  constructor(sequence: Sequence) {
    this.#sequence = sequence
  }

  pick<C extends Candidate>(candidates: readonly C[]): C {
    if (candidates.length === 1) return firstOf(candidates)
    return candidates[this.pickIndex(candidates)] ?? firstOf(candidates)
  }

  /** Position of whoever's turn it is. */
  pickIndex(candidates: readonly Candidate[]): number {
    if (candidates !== this.#candidates) this.#layOut(candidates)
    const schedule = this.#schedule
    return schedule[this.#sequence.next() % schedule.length] ?? 0
  }

  /** Number of picks after which everyone had a turn. */
  roundLength(candidates: readonly Candidate[]): number {
    if (candidates !== this.#candidates) this.#layOut(candidates)
    return this.#schedule.length
  }

  #layOut(candidates: readonly Candidate[]): void {
    this.#candidates = candidates
    this.#schedule = layOutSchedule(candidates.map((candidate) => candidate.weight))
  }
}

/** Weighted round robin, the default strategy. */
export const wrr: StrategyModule = {
  key: 'wrr',
  ignoresWeight: false,
  hashes: false,
  create: (_random, sequence) => new WeightedRoundRobin(sequence),
}
