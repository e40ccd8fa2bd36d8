import { sourceCriterion } from '../shared.ts'
import { type Static, defineMiddlewareOptions, int, object, optional } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.inFlightReq@@ */
export const inFlightReq = defineMiddlewareOptions({
  key: 'inFlightReq',
  built: false,
  options: object('@@d:http.middlewares.<name>.inFlightReq@@', {
    amount: int('@@d:http.middlewares.<name>.inFlightReq.amount@@'),
    sourceCriterion: optional(object('@@d:http.middlewares.<name>.inFlightReq.sourceCriterion@@', sourceCriterion, { effective: 'requestHost true' })),
  }),
})

/** Options of `inFlightReq`. */
export type InFlightReqOptions = Static<typeof inFlightReq.options>
