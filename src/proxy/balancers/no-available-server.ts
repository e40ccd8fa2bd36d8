import type { Exchange } from '../http/exchange.ts'
import { respondPlainError } from '../http/respond.ts'

/** Answers 503: the service has nothing that may be used now. */
export function noAvailableServer(exchange: Exchange): void {
  respondPlainError(exchange, 503, 'no available server', 'no_healthy_server')
}
