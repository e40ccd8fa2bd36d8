/** Handlers that stand between an entry point and what its routers lead to. */
import type { RouterPlan } from '../../generation/plan.ts'
import type { RouteTable } from '../../rules/route-table.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { respondNotFound, respondPlainError } from '../http/respond.ts'

/** Finds the router for each request in a table; `refused` answers requests that the entry point does not let through to a router. */
export function routeBy(
  table: RouteTable,
  handlers: readonly (Handler | undefined)[],
  refused: ((exchange: Exchange) => boolean) | null,
): Handler {
  return (exchange) => {
    const slot = table.match(exchange)
    const handler = slot < 0 ? undefined : handlers[slot]
    if (handler === undefined) {
      respondNotFound(exchange, 'no_router')
      return undefined
    }
    if (refused !== null && refused(exchange)) return undefined
    return handler(exchange)
  }
}

/** Notes the router of a request. */
export function enterRouter(plan: RouterPlan, next: Handler): Handler {
  const { name, counters } = plan
  const logged = plan.accessLogs
  const measured = plan.metrics
  return (exchange) => {
    exchange.routerName = exchange.routerName === '' ? name : `${exchange.routerName} -> ${name}`
    exchange.routerCounters = counters
    if (!logged) exchange.accessLogged = false
    if (!measured) exchange.measured = false
    return next(exchange)
  }
}

/**
 * Answers 421 on connections whose handshake was made under another policy than the router's: the client named another host then, or the options have
 * changed since. So a host that asks for no client certificate is no way to one that does.
 */
export function demandPolicy(policy: string, next: Handler): Handler {
  return (exchange) => {
    const made = exchange.connection.tls?.policy
    if (made === policy) return next(exchange)
    // A new handshake may help when only the options have changed.
    if (made !== undefined && sameOptions(made, policy)) exchange.closeAfter = true
    respondPlainError(exchange, 421, 'Misdirected Request', 'misdirected')
    return undefined
  }
}

/** Whether two policies are those of one set of options at different times. */
function sameOptions(a: string, b: string): boolean {
  return a.slice(0, a.lastIndexOf('#')) === b.slice(0, b.lastIndexOf('#'))
}

/** Answers for a router that cannot serve: nothing falls through to a lower one. */
export function disabledRouter(exchange: Exchange): void {
  respondNotFound(exchange, 'router_disabled')
}

/** Answers for a middleware or service that could not be built. */
export function refuse(exchange: Exchange): void {
  respondPlainError(exchange, 500, 'Internal Server Error', 'middleware_error')
}

/** Answers for a service that is not there. */
export function missingService(exchange: Exchange): void {
  respondPlainError(exchange, 503, 'no available server', 'no_healthy_server')
}
