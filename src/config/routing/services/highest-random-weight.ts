import { type Static, defineServiceOptions, int, object, objectList, optional, text } from '../../schema/kit.ts'

/** Chooses a service by the client's address. */
export const highestRandomWeight = defineServiceOptions({
  key: 'highestRandomWeight',
  options: object(
    "Chooses a service by the client's address.",
    {
      services: objectList('Services to choose from.', {
        name: text('Name of the service.'),
        weight: int('Share of the clients.', { default: 1, pointer: true }),
      }),
      healthCheck: optional(object('Passes the health of the services on to services above.', {}, { allowEmpty: true })),
    },
    { noLabel: true },
  ),
})

/** Options of `highestRandomWeight`. */
export type HighestRandomWeightOptions = Static<typeof highestRandomWeight.options>
