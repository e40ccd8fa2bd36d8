/** Where a service would send a request. */
import { type Board, serverState } from '../../board/board.ts'
import { stateOf } from '../../board/server-cells.ts'
import type { ExplainedService } from '../../generation/explanation.ts'
import { childServicesOf, type ServerPlan, type ServicePlan } from '../../generation/plan.ts'
import type { Exchange, Handler } from '../http/exchange.ts'

/** What can be seen of the services of a generation. */
export interface ServiceLook {
  readonly board: Board
  readonly plans: { readonly service: ReadonlyMap<string, ServicePlan> }
  service(name: string): Handler | undefined
}

/** Explains a service; null when there is none by that name. */
export function explainService(name: string, exchange: Exchange, look: ServiceLook): ExplainedService | null {
  const plan = look.plans.service.get(name)
  if (plan === undefined) return null
  const middlewares = middlewaresOf(plan)
  const shown = {
    name,
    kind: plan.kind,
    strategy: plan.kind === 'loadBalancer' ? plan.strategy : '',
    servers: plan.kind === 'loadBalancer' ? plan.servers.map((server) => showServer(server, look.board)) : [],
    services: childServicesOf(plan).flatMap((child) => describeChild(child, look, new Set([name]))),
    middlewares,
  }
  return { ...shown, chosen: hasMiddlewares(plan, look, new Set()) ? '' : chosenServer(name, exchange, look) }
}

function describeChild(name: string, look: ServiceLook, above: ReadonlySet<string>): ExplainedService[] {
  const plan = look.plans.service.get(name)
  if (plan === undefined || above.has(name)) return []
  const path = new Set([...above, name])
  return [
    {
      name,
      kind: plan.kind,
      strategy: plan.kind === 'loadBalancer' ? plan.strategy : '',
      servers: plan.kind === 'loadBalancer' ? plan.servers.map((server) => showServer(server, look.board)) : [],
      services: childServicesOf(plan).flatMap((child) => describeChild(child, look, path)),
      middlewares: middlewaresOf(plan),
      chosen: '',
    },
  ]
}

function middlewaresOf(plan: ServicePlan): readonly string[] {
  return plan.kind === 'internal' ? [] : plan.middlewares
}

/** Whether the way to the servers leads through middlewares, which would not stay without effect. */
function hasMiddlewares(plan: ServicePlan, look: ServiceLook, seen: Set<string>): boolean {
  if (seen.has(plan.name)) return false
  seen.add(plan.name)
  if (plan.kind === 'internal' || middlewaresOf(plan).length > 0) return true
  return childServicesOf(plan).some((child) => {
    const below = look.plans.service.get(child)
    return below !== undefined && hasMiddlewares(below, look, seen)
  })
}

/**
 * Asks the service itself, with an exchange that is over already: it chooses a server as for any other, and what goes to servers goes no further than to
 * see that nobody waits for the answer.
 */
function chosenServer(name: string, exchange: Exchange, look: ServiceLook): string {
  exchange.serverUrl = ''
  exchange.finished = true
  void look.service(name)?.(exchange)
  return exchange.serverUrl
}

function showServer(server: ServerPlan, board: Board): ExplainedService['servers'][number] {
  const state = stateOf(board.cells, server.stateCell)
  const is = (bit: number): boolean => (state & bit) !== 0
  return {
    url: server.url.replace(/^([^/?#]*\/\/)[^/?#]*@/, '$1'),
    weight: server.weight,
    state: is(serverState.down)
      ? 'down'
      : is(serverState.ejected)
        ? 'ejected'
        : is(serverState.draining) || server.fenced
          ? 'draining'
          : 'up',
    inFlight: server.inFlight === 0 ? 0 : board.sumGauge(server.inFlight),
  }
}
