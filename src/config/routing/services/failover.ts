import { type Static, defineServiceOptions, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Uses a second service while the first is down. */
export const failover = defineServiceOptions({
  key: 'failover',
  options: object(
    'Uses a second service while the first is down.',
    {
      service: text('Name of the first service.'),
      fallback: text('Name of the second service.'),
      healthCheck: optional(object('Passes the health of the services on to services above.', {}, { allowEmpty: true })),
      errors: optional(
        object('Uses the second service for certain answers of the first, too.', {
          maxRequestBodyBytes: int('Largest body that is kept for the second service; -1 is no limit.', { default: -1, pointer: true }),
          status: textList('Statuses that send a request to the second service: codes or ranges.'),
        }),
      ),
    },
    { noLabel: true },
  ),
})

/** Options of `failover`. */
export type FailoverOptions = Static<typeof failover.options>
