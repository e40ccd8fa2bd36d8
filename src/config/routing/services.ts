import { type Static, kinds, object, textList } from '../schema/kit.ts'
import { failover } from './services/failover.ts'
import { highestRandomWeight } from './services/highest-random-weight.ts'
import { loadBalancer } from './services/load-balancer.ts'
import { mirroring } from './services/mirroring.ts'
import { weighted } from './services/weighted.ts'

/** Every kind of HTTP service. */
export const httpServices = [loadBalancer, highestRandomWeight, weighted, mirroring, failover] as const

/** An HTTP service: one of the kinds, and middlewares around it. */
export const httpService = object('A service: exactly one kind.', {
  middlewares: textList('Middlewares around the service, in the order in which requests pass them.'),
  ...kinds(httpServices),
})

/** A decoded HTTP service. */
export type HttpService = Static<typeof httpService>
