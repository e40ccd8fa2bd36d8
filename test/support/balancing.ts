/** Plans of balancers and seeded randomness for tests. */
import type { BalancingPlan } from '../../src/generation/balancing-plan.ts'

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
