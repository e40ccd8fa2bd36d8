/** The strategies of load balancers. */
import { first } from './first.ts'
import { hrw } from './hrw.ts'
import { leastConn } from './least-conn.ts'
import { leasttime } from './leasttime.ts'
import { maglev } from './maglev.ts'
import { p2c } from './p2c.ts'
import { random } from './random.ts'
import { ring } from './ring.ts'
import type { StrategyModule } from './strategy.ts'
import { wrr } from './wrr.ts'

/** Every strategy; the first is the default. */
export const strategies: readonly StrategyModule[] = [wrr, p2c, hrw, leasttime, leastConn, random, first, ring, maglev]

/** The strategy of this key; throws for an unknown one. */
export function strategyOf(key: string): StrategyModule {
  const found = strategies.find((strategy) => strategy.key === key)
  if (found === undefined)
    throw new Error(
      `load balancer: unknown strategy ${JSON.stringify(key)}, known are ${strategies.map((strategy) => strategy.key).join(', ')}`,
    )
  return found
}
