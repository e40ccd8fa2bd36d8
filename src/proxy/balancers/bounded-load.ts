/**
 * Consistent hashing with bounded load: no candidate gets more than `loadFactor` times its share of what is in flight; who is full passes a request on to
 * the next one on its way. So one key that everybody asks for cannot drown one server.
 */
import type { Candidate } from './strategy.ts'

/** Who is full, at the moment of one choice. */
export class LoadBound {
  readonly #factor: number
  #full = new Uint8Array(8)

  /** `factor` is above 1. */
  constructor(factor: number) {
    this.#factor = factor
  }

  /** Looks at the loads of all; `weights` is the sum of their weights. Somebody always has room. */
  look(candidates: readonly Candidate[], weights: number): void {
    if (candidates.length > this.#full.length) this.#full = new Uint8Array(2 * candidates.length)
    const loads = scratch(candidates.length)
    let total = 1
    for (let index = 0; index < candidates.length; index += 1) {
      const load = candidates[index]?.load() ?? 0
      loads[index] = load
      total += load
    }
    const share = (this.#factor * total) / weights
    for (let index = 0; index < candidates.length; index += 1) {
      this.#full[index] = (loads[index] ?? 0) >= Math.ceil(share * (candidates[index]?.weight ?? 0)) ? 1 : 0
    }
  }

  isFull(index: number): boolean {
    return this.#full[index] === 1
  }
}

let loadsOfOneChoice = new Float64Array(8)

function scratch(length: number): Float64Array {
  if (length > loadsOfOneChoice.length) loadsOfOneChoice = new Float64Array(2 * length)
  return loadsOfOneChoice
}

/** Sum of the weights. */
export function sumWeights(candidates: readonly Candidate[]): number {
  let sum = 0
  for (const candidate of candidates) sum += candidate.weight
  return sum
}
