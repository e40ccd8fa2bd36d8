/** `bandwidth`: limits how many bytes of bodies flow in a second. */
import { OwnPace, type Pace, type PaceRate, SharedPaces } from '../../../../board/paces.ts'
import type { BandwidthOptions } from '../../../../config/routing/middlewares/bandwidth.ts'
import type { Clock } from '../../../../std/clock.ts'
import type { ConnectionFacts, Exchange } from '../../../http/exchange.ts'
import { buildIpStrategy } from '../../../http/ip-strategy.ts'
import { defineMiddleware, type MiddlewareContext } from '../../../http/middleware.ts'
import { PacedBody } from './paced-body.ts'
import { PacedSink } from './paced-sink.ts'

/** Holds bodies back so that no more than the set bytes a second flow, in either direction. */
export const bandwidth = defineMiddleware<BandwidthOptions>({
  key: 'bandwidth',
  create(options, context) {
    const { wheel } = context
    const download = options.download === 0 ? null : buildPaces(options, context, 0)
    const upload = options.upload === 0 ? null : buildPaces(options, context, 1)
    return (next) => (exchange) => {
      if (download !== null) exchange.sink = new PacedSink(exchange, download(exchange), wheel)
      if (upload !== null && exchange.body !== null) exchange.body = new PacedBody(exchange, exchange.body, upload(exchange), wheel)
      return next(exchange)
    }
  },
})

/** Finds the pace of an exchange. */
function buildPaces(options: BandwidthOptions, { shared, wheel }: MiddlewareContext, direction: 0 | 1): (exchange: Exchange) => Pace {
  const rate: PaceRate = { bytesPerSecond: direction === 0 ? options.download : options.upload, burstBytes: options.burst }
  if (options.scope === 'connection') return ownPaces(rate, wheel.clock)
  const paces = new SharedPaces(shared, direction, rate, () => wheel.clock.now())
  if (options.scope === 'route') return (exchange) => paces.of(exchange.routerName)
  const clientAddress = buildIpStrategy(options.ipStrategy)
  return (exchange) => paces.of(clientAddress(exchange))
}

function ownPaces(rate: PaceRate, clock: Clock): (exchange: Exchange) => Pace {
  const known = new WeakMap<ConnectionFacts, Pace>()
  return ({ connection }) => {
    let pace = known.get(connection)
    if (pace === undefined) {
      pace = new OwnPace(rate, () => clock.monotonicMs())
      known.set(connection, pace)
    }
    return pace
  }
}
