/**
 * Consistent hashing by Maglev's table: every candidate has an order of its own in which it wants the entries, and they take turns, by weight, in
 * picking what is left. A key is one look-up, shares are exact to a fraction of a percent, and few keys move when candidates come or go.
 */
import { LoadBound, sumWeights } from './bounded-load.ts'
import { hash32, mix32 } from './hash32.ts'
import { type Candidate, firstOf, type Strategy, type StrategyModule } from './strategy.ts'

/** Entries of the table, a prime, for up to `fewCandidates`. */
const entries = 16_381
const fewCandidates = 128
/** Entries for more candidates, a prime. */
const entriesOfMany = 65_537

class Maglev implements Strategy {
  readonly #bound: LoadBound | null
  #candidates: readonly Candidate[] | null = null
  #weights = 0
  /** Position of each entry's candidate. */
  #table: Int32Array = new Int32Array(0)

  constructor(loadFactor: number) {
    this.#bound = loadFactor > 0 ? new LoadBound(loadFactor) : null
  }

  pick<C extends Candidate>(candidates: readonly C[], hashKey: string): C {
    if (candidates.length <= 1) return firstOf(candidates)
    if (candidates !== this.#candidates) this.#layOut(candidates)
    const table = this.#table
    const bound = this.#bound
    let entry = hash32(hashKey) % table.length
    if (bound === null) return candidates[table[entry] ?? 0] ?? firstOf(candidates)
    bound.look(candidates, this.#weights)
    for (let left = table.length; left > 0; left -= 1) {
      const owner = table[entry] ?? 0
      if (!bound.isFull(owner)) return candidates[owner] ?? firstOf(candidates)
      entry = entry + 1 === table.length ? 0 : entry + 1
    }
    return firstOf(candidates)
  }

  #layOut(candidates: readonly Candidate[]): void {
    this.#candidates = candidates
    this.#weights = sumWeights(candidates)
    this.#table = fillTable(candidates)
  }
}

function fillTable(candidates: readonly Candidate[]): Int32Array {
  const length = candidates.length <= fewCandidates ? entries : entriesOfMany
  const table = new Int32Array(length).fill(-1)
  const heaviest = candidates.reduce((most, candidate) => Math.max(most, candidate.weight), 0)
  // By name, so that the order of configuration makes no difference.
  const wishes = candidates.map((candidate, index) => new Wishes(candidate, index, heaviest, length)).sort(byName)
  for (let left = length, round = 1; left > 0; round += 1) {
    for (const wish of wishes) {
      if (left === 0) break
      // Who weighs half as much as the heaviest has every second turn.
      if (round * wish.share < wish.turns + 1) continue
      wish.turns += 1
      table[wish.next(table)] = wish.index
      left -= 1
    }
  }
  return table
}

/** The entries that a candidate wants, in its own order. */
class Wishes {
  readonly name: string
  readonly index: number
  /** Weight in relation to the heaviest. */
  readonly share: number
  turns = 0
  readonly #step: number
  #entry: number

  constructor(candidate: Candidate, index: number, heaviest: number, length: number) {
    this.name = candidate.name
    this.index = index
    this.share = candidate.weight / heaviest
    const hash = hash32(candidate.name)
    this.#entry = hash % length
    // Any step but 0 goes through all entries, since their number is prime.
    this.#step = (mix32(hash ^ 0x5bd1e995) % (length - 1)) + 1
  }

  /** The next entry that is still free. */
  next(table: Int32Array): number {
    for (;;) {
      const entry = this.#entry
      this.#entry = (entry + this.#step) % table.length
      if (table[entry] === -1) return entry
    }
  }
}

function byName(one: Wishes, other: Wishes): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : one.index - other.index
}

/** Consistent hash by a table of Maglev's kind, filled by weight. */
export const maglev: StrategyModule = {
  key: 'maglev',
  ignoresWeight: false,
  hashes: true,
  create: (_random, _sequence, loadFactor = 0) => new Maglev(loadFactor),
}
