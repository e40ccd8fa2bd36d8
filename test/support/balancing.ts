/** Plans of balancers, candidates and seeded randomness for tests. */
import type { BalancingPlan } from '../../src/generation/balancing-plan.ts'
import type { Candidate } from '../../src/proxy/balancers/strategy.ts'

/** The part of a load balancer's plan that says how servers are chosen, with Traefik's defaults. */
export function testBalancing(changes: Partial<BalancingPlan> = {}): BalancingPlan {
  return {
    strategy: 'wrr',
    hash: null,
    loadFactor: 0,
    slowStartMs: 0,
    panicPercent: 0,
    passive: null,
    triesOthers: true,
    ...changes,
  }
}

/** Mulberry32: a small generator with a seed, uniform in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** A candidate whose load and latency a test sets. */
export class TestCandidate implements Candidate {
  readonly name: string
  readonly weight: number
  readonly ramp = 1
  latencyMs = 0
  busy = 0
  picked = 0

  constructor(name: string, weight = 1) {
    this.name = name
    this.weight = weight
  }

  load(): number {
    return this.busy
  }
}

/** Candidates of these weights. */
export function candidatesOf(weights: readonly number[]): TestCandidate[] {
  return weights.map((weight, index) => new TestCandidate(`http://10.0.0.${index + 1}:80`, weight))
}
