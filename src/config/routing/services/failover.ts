import { type Static, defineServiceOptions, int, object, optional, text, textList } from '../../schema/kit.ts'

/** @@dk:http.services.<name>.failover@@ */
export const failover = defineServiceOptions({
  key: 'failover',
  built: false,
  options: object('@@d:http.services.<name>.failover@@', {
    service: text('@@d:http.services.<name>.failover.service@@'),
    fallback: text('@@d:http.services.<name>.failover.fallback@@'),
    healthCheck: optional(object('@@d:http.services.<name>.failover.healthCheck@@', {}, { allowEmpty: true })),
    errors: optional(object('@@d:http.services.<name>.failover.errors@@', {
      maxRequestBodyBytes: int('@@d:http.services.<name>.failover.errors.maxRequestBodyBytes@@', { default: -1, pointer: true }),
      status: textList('@@d:http.services.<name>.failover.errors.status@@'),
    })),
  }, { noLabel: true }),
})

/** Options of `failover`. */
export type FailoverOptions = Static<typeof failover.options>
