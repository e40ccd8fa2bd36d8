import { type Static, defineServiceOptions, int, object, objectList, optional, text, textMap } from '../../schema/kit.ts'
import { stickyCookie } from '../shared.ts'

/** Spreads requests over services by weight. */
export const weighted = defineServiceOptions({
  key: 'weighted',
  options: object(
    'Spreads requests over services by weight.',
    {
      services: objectList('Services to choose from.', {
        name: text('Name of the service.'),
        weight: int('Share of the requests.', { default: 1, pointer: true }),
        headers: textMap('Request headers for this service.', { only: ['kv'] }),
        status: optional(int('Status that is answered instead.', { only: ['kv'] })),
        grpcStatus: optional(
          object(
            'gRPC status that is answered instead.',
            {
              code: int('Number of the gRPC status.', { only: ['kv'], bits: 32, minimum: 0 }),
              msg: text('Text of the gRPC status.', { only: ['kv'] }),
            },
            { only: ['kv'] },
          ),
        ),
      }),
      sticky: optional(
        object('Keeps a client on one service.', {
          cookie: optional(object('The cookie that does so.', stickyCookie, { allowEmpty: true, ignored: ['expires'] })),
        }),
      ),
      healthCheck: optional(object('Passes the health of the services on to services above.', {}, { allowEmpty: true })),
    },
    { noLabel: true },
  ),
})

/** Options of `weighted`. */
export type WeightedOptions = Static<typeof weighted.options>
