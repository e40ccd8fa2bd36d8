/**
 * Consistent hashing on a ring: every candidate has points on it by weight, and a key belongs to the next point clockwise. A candidate that goes
 * leaves its keys to the neighbours of its points; nobody else's move.
 */
import { LoadBound, sumWeights } from './bounded-load.ts'
import { hash32, mix32 } from './hash32.ts'
import { type Candidate, firstOf, type Strategy, type StrategyModule } from './strategy.ts'

/** Points of a candidate of mean weight. */
const pointsEach = 256
/** Points of all, beyond which each has fewer. */
const pointsMax = 1 << 16
/** Step between the numbers that the points of a candidate are mixed from: 2^32 divided by the golden ratio. */
const golden = 0x9e3779b1
/** A point is its place on the ring times this, plus the position of its candidate: so that sorting numbers sorts points. */
const positions = 1 << 20

class Ring implements Strategy {
  readonly #bound: LoadBound | null
  #candidates: readonly Candidate[] | null = null
  #weights = 0
  #points: Float64Array = new Float64Array(0)

  constructor(loadFactor: number) {
    this.#bound = loadFactor > 0 ? new LoadBound(loadFactor) : null
  }

  pick<C extends Candidate>(candidates: readonly C[], hashKey: string): C {
    if (candidates.length <= 1) return firstOf(candidates)
    if (candidates !== this.#candidates) this.#layOut(candidates)
    const points = this.#points
    const bound = this.#bound
    let place = firstFrom(points, hash32(hashKey) * positions)
    if (bound === null) return candidates[ownerOf(points, place)] ?? firstOf(candidates)
    bound.look(candidates, this.#weights)
    for (let left = points.length; left > 0; left -= 1) {
      const owner = ownerOf(points, place)
      if (!bound.isFull(owner)) return candidates[owner] ?? firstOf(candidates)
      place = place + 1 === points.length ? 0 : place + 1
    }
    return firstOf(candidates)
  }

  #layOut(candidates: readonly Candidate[]): void {
    this.#candidates = candidates
    this.#weights = sumWeights(candidates)
    const perWeight = Math.min(pointsEach * candidates.length, pointsMax) / this.#weights
    const counts = candidates.map((candidate) => Math.max(1, Math.round(candidate.weight * perWeight)))
    const points = new Float64Array(counts.reduce((sum, count) => sum + count, 0))
    let place = 0
    for (let index = 0; index < candidates.length; index += 1) {
      const seed = hash32(candidates[index]?.name ?? '')
      for (let point = 0; point < (counts[index] ?? 0); point += 1) {
        points[place] = mix32((seed + Math.imul(point, golden)) | 0) * positions + index
        place += 1
      }
    }
    this.#points = points.sort()
  }
}

/** Place of the first point that is not before a position; the first of all when none is. */
function firstFrom(points: Float64Array, position: number): number {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle] ?? 0) < position) low = middle + 1
    else high = middle
  }
  return low === points.length ? 0 : low
}

function ownerOf(points: Float64Array, place: number): number {
  return (points[place] ?? 0) % positions
}

/** Consistent hash on a ring with points by weight. */
export const ring: StrategyModule = {
  key: 'ring',
  ignoresWeight: false,
  hashes: true,
  create: (_random, _sequence, loadFactor = 0) => new Ring(loadFactor),
}
