import type { UsedPlaces } from '../board/allocator.ts'
/** Which places of the board a generation uses. */
import type { ServerPlaces } from '../generation/balancing-plan.ts'
import type { PlanSet } from './publisher.ts'

/** First places of all runs that plans name. */
export function placesOf(plans: PlanSet): UsedPlaces {
  const used = { counter: new Set<number>(), gauge: new Set<number>(), cell: new Set<number>() }
  for (const plan of plans.entryPoint.values()) {
    used.counter.add(plan.counters)
    used.gauge.add(plan.connections)
  }
  for (const plan of plans.router.values()) used.counter.add(plan.counters)
  for (const plan of plans.service.values()) {
    if ('counters' in plan) used.counter.add(plan.counters)
    if ('sequenceCell' in plan) used.cell.add(plan.sequenceCell)
    if (plan.kind !== 'loadBalancer') continue
    for (const server of plan.servers) useServer(used, server, server.inFlight)
  }
  for (const plan of plans.tcpService.values()) {
    used.cell.add(plan.sequenceCell)
    if (plan.kind !== 'loadBalancer') continue
    for (const server of plan.servers) useServer(used, server, server.connections)
  }
  for (const middlewares of [plans.middleware, plans.tcpMiddleware]) {
    for (const { clientCells, clientGauges } of middlewares.values()) {
      used.cell.add(clientCells)
      used.gauge.add(clientGauges)
    }
  }
  for (const plan of plans.udpService.values()) {
    used.cell.add(plan.sequenceCell)
    if (plan.kind !== 'loadBalancer') continue
    for (const server of plan.servers) useServer(used, server, server.sessions)
  }
  return used
}

/** Notes the places of a server; `gauge` is that of what it has in flight. */
function useServer(used: { readonly cell: Set<number>; readonly gauge: Set<number> }, server: ServerPlaces, gauge: number): void {
  for (const cell of [server.stateCell, server.historyCell, server.latencyCell]) used.cell.add(cell)
  used.gauge.add(gauge)
}
