/** `inFlightReq`: limits how many requests of one source are served at a time. */
import type { ClientCounts } from '../../../../board/client-counts.ts'
import type { InFlightReqOptions } from '../../../../config/routing/middlewares/in-flight-req.ts'
import type { ExchangeObserver } from '../../../http/exchange.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { respondText } from '../../../http/respond.ts'
import { buildSource } from '../../../http/source-criterion.ts'

/** Counts requests by source, exact over all workers, and refuses with 429 what is above `amount`. Each router has counts of its own. */
export const inFlightReq = defineMiddleware<InFlightReqOptions>({
  key: 'inFlightReq',
  create({ amount, sourceCriterion }, { clients }) {
    const source = buildSource(sourceCriterion, 'host')
    const refusal = `max connections reached: ${amount}`
    return (next) => (exchange) => {
      const leave = clients.enter(`${exchange.routerName}\n${source(exchange)}`, amount)
      if (leave === null) {
        respondText(exchange, 429, refusal, 'too_many_in_flight')
        return undefined
      }
      exchange.addObserver(new Place(leave))
      return next(exchange)
    }
  },
})

/** The place of a request until it is over. */
class Place implements ExchangeObserver {
  readonly #leave: ReturnType<ClientCounts['enter']>

  constructor(leave: ReturnType<ClientCounts['enter']>) {
    this.#leave = leave
  }

  onFinish(): void {
    this.#leave?.()
  }
}
