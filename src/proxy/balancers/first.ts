import { firstOf, type Strategy, type StrategyModule } from './strategy.ts'

const firstUsable: Strategy = { pick: (candidates) => firstOf(candidates) }

/** The first candidate that may be used, in the order of configuration: the others are spare ones. */
export const first: StrategyModule = {
  key: 'first',
  ignoresWeight: false,
  hashes: false,
  create: () => firstUsable,
}
