import { type Static, defineServiceOptions, int, object, objectList, optional, text } from '../../schema/kit.ts'

/** Spreads connections over services by weight. */
export const tcpWeighted = defineServiceOptions({
  key: 'weighted',
  options: object(
    'Spreads connections over services by weight.',
    {
      services: objectList('Services to choose from.', {
        name: text('Name of the service.'),
        weight: int('Share of the connections.', { default: 1, pointer: true }),
      }),
      healthCheck: optional(object('Passes the health of the services on to services above.', {}, { allowEmpty: true })),
    },
    { noLabel: true },
  ),
})

/** Options of `weighted`. */
export type TcpWeightedOptions = Static<typeof tcpWeighted.options>
