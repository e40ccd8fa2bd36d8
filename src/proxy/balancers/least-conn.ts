import { LeastScore } from './least-score.ts'
import type { Candidate, StrategyModule } from './strategy.ts'

function loadByWeight(candidate: Candidate): number {
  return candidate.load() / candidate.weight
}

/** Least connections: the fewest requests, connections or sessions in flight, by weight; in turn where they are alike. */
export const leastConn: StrategyModule = {
  key: 'leastConn',
  ignoresWeight: false,
  hashes: false,
  create: (_random, sequence) => new LeastScore(loadByWeight, sequence),
}
