/** A second service for when the first is down, or answers with certain statuses. */
import type { Board } from '../../board/board.ts'
import { takesNewClients } from '../../board/server-cells.ts'
import type { FailoverPlan } from '../../generation/plan.ts'
import { inStatusRanges } from '../../std/status-ranges.ts'
import { readBodyAhead, type WholeBody } from '../http/body-buffer.ts'
import type { BodySource } from '../http/body.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { admitAll, type AnswerGate, runInner } from '../http/inner-exchange.ts'
import { respondPlainError } from '../http/respond.ts'

/** The handler of the service; `service` finds the handler of a child by its qualified name. */
export function buildFailover(plan: FailoverPlan, board: Board, service: (name: string) => Handler): Handler {
  const main = service(plan.service)
  const fallback = withFallback(plan, board, service(plan.fallback))
  const { stateCells, errors } = plan
  const answering = errors === null ? main : replaceErrors(main, fallback, errors)
  if (stateCells === null) return answering
  return (exchange) => (isUp(board, stateCells) ? answering(exchange) : fallback(exchange))
}

/** The second service, or 503 while it is known to be down too. */
function withFallback(plan: FailoverPlan, board: Board, fallback: Handler): Handler {
  const cells = plan.fallbackStateCells
  if (cells === null) return fallback
  return (exchange) =>
    isUp(board, cells) ? fallback(exchange) : respondPlainError(exchange, 503, 'Service Unavailable', 'no_healthy_server')
}

function isUp(board: Board, cells: readonly number[]): boolean {
  return cells.some((cell) => takesNewClients(board.cells, cell))
}

function replaceErrors(main: Handler, fallback: Handler, errors: NonNullable<FailoverPlan['errors']>): Handler {
  const readThenServe = async (exchange: Exchange, source: BodySource): Promise<void> => {
    const ahead = await readBodyAhead(exchange, source, { bytesMax: errors.bodyBytesMax, status: 400 })
    if (ahead === null) return
    if (ahead.kind === 'longer') refuseBody(exchange)
    else runInner(exchange, ahead.body.copy(), main, new Replacement(exchange, ahead.body, fallback, errors))
  }
  return (exchange) => {
    // A tunnel has no answer that could be replaced.
    if (exchange.upgrade !== '') return main(exchange)
    if (exchange.body === null) {
      runInner(exchange, null, main, new Replacement(exchange, null, fallback, errors))
      return undefined
    }
    if (errors.bodyBytesMax >= 0 && exchange.body.length > errors.bodyBytesMax) return refuseBody(exchange)
    return readThenServe(exchange, exchange.body)
  }
}

function refuseBody(exchange: Exchange): void {
  respondPlainError(exchange, 413, 'Request body too large', 'body_too_large')
}

/** Asks the second service in place of answers that are not wanted. */
class Replacement implements AnswerGate {
  readonly passesInformational = true
  readonly #exchange: Exchange
  readonly #body: WholeBody | null
  readonly #fallback: Handler
  readonly #errors: NonNullable<FailoverPlan['errors']>

  constructor(exchange: Exchange, body: WholeBody | null, fallback: Handler, errors: NonNullable<FailoverPlan['errors']>) {
    this.#exchange = exchange
    this.#body = body
    this.#fallback = fallback
    this.#errors = errors
  }

  admits(inner: Exchange): boolean {
    return !inStatusRanges(this.#errors.status, inner.status)
  }

  onDropped(): void {
    const exchange = this.#exchange
    runInner(exchange, this.#body?.copy() ?? null, this.#fallback, admitAll)
  }
}
