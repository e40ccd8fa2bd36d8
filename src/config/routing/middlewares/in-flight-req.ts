import { type Static, defineMiddlewareOptions, int, object, optional } from '../../schema/kit.ts'
import { sourceCriterion } from '../shared.ts'
import { checkSourceCriterion } from '../source-criterion.ts'

/** Limits how many requests of one source are served at a time. */
export const inFlightReq = defineMiddlewareOptions({
  key: 'inFlightReq',
  countsClients: true,
  options: object('Limits how many requests of one source are served at a time.', {
    amount: int('Most requests at a time.'),
    sourceCriterion: optional(
      object('What makes two requests count as from one source.', sourceCriterion, { effective: 'the requested host' }),
    ),
  }),
  check: ({ sourceCriterion: criterion }) => checkSourceCriterion(criterion),
})

/** Options of `inFlightReq`. */
export type InFlightReqOptions = Static<typeof inFlightReq.options>
