import { type Static, defineServiceOptions, int, object, objectList, text } from '../../schema/kit.ts'

/** Spreads sessions over services by weight. */
export const udpWeighted = defineServiceOptions({
  key: 'weighted',
  options: object(
    'Spreads sessions over services by weight.',
    {
      services: objectList('Services to choose from.', {
        name: text('Name of the service.'),
        weight: int('Share of the sessions.', { default: 1, pointer: true }),
      }),
    },
    { noLabel: true },
  ),
})

/** Options of `weighted`. */
export type UdpWeightedOptions = Static<typeof udpWeighted.options>
