/** A choice among services by the client's address, so that a client keeps its service while that one is up. */
import type { Board } from '../../board/board.ts'
import type { HighestRandomWeightPlan } from '../../generation/plan.ts'
import type { Handler } from '../http/exchange.ts'
import { hrw } from './hrw.ts'
import { noAvailableServer } from './no-available-server.ts'
import type { Sequence } from './strategy.ts'
import { Children, WeightedChild } from './weighted.ts'

/** The strategy takes no turns. */
const noTurns: Sequence = { next: () => 0 }

/** The handler of the service; `service` finds the handler of a child by its qualified name. */
export function buildHighestRandomWeight(plan: HighestRandomWeightPlan, board: Board, service: (name: string) => Handler): Handler {
  const children = new Children(
    plan.services.map((child) => new WeightedChild({ ...child, name: child.configuredName }, service(child.name), board)),
    board,
  )
  const strategy = hrw.create(Math.random, noTurns)
  return (exchange) => {
    const usable = children.usable()
    if (usable.length === 0) return noAvailableServer(exchange)
    return strategy.pick(usable, exchange.clientIp).handler(exchange)
  }
}
