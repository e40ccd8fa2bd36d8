import { type Static, bool, defineServiceOptions, int, object, objectList, optional, text } from '../../schema/kit.ts'

/** Sends copies of requests to further services and drops their answers. */
export const mirroring = defineServiceOptions({
  key: 'mirroring',
  options: object(
    'Sends copies of requests to further services and drops their answers.',
    {
      service: text('Name of the service that answers.'),
      mirrorBody: bool('Whether copies have the body.', { default: true, pointer: true }),
      maxBodySize: int('Largest body that is copied; -1 is no limit.', { default: -1, pointer: true }),
      mirrors: objectList('Services that get copies.', {
        name: text('Name of the service.'),
        percent: int('Share of the requests that it gets.'),
      }),
      healthCheck: optional(object('Passes the health of the service on to services above.', {}, { allowEmpty: true })),
    },
    { noLabel: true },
  ),
})

/** Options of `mirroring`. */
export type MirroringOptions = Static<typeof mirroring.options>
