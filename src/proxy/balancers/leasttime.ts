import { LeastScore } from './least-score.ts'
import type { Candidate, StrategyModule } from './strategy.ts'

function timeByWeight(candidate: Candidate): number {
  return (candidate.latencyMs * (1 + candidate.load())) / candidate.weight
}

/** Least time: the lowest product of mean time to the answer's head and requests in flight, by weight; one without measurements goes first. */
export const leasttime: StrategyModule = {
  key: 'leasttime',
  ignoresWeight: false,
  hashes: false,
  create: (_random, sequence) => new LeastScore(timeByWeight, sequence),
}
