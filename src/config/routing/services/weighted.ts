import { stickyCookie } from '../shared.ts'
import { type Static, defineServiceOptions, int, object, objectList, optional, text, textMap } from '../../schema/kit.ts'

/** @@dk:http.services.<name>.weighted@@ */
export const weighted = defineServiceOptions({
  key: 'weighted',
  options: object('@@d:http.services.<name>.weighted@@', {
    services: objectList('@@d:http.services.<name>.weighted.services@@', {
      name: text('@@d:http.services.<name>.weighted.services[n].name@@'),
      weight: int('@@d:http.services.<name>.weighted.services[n].weight@@', { default: 1, pointer: true }),
      headers: textMap('@@d:http.services.<name>.weighted.services[n].headers@@', { only: ['kv'] }),
      status: optional(int('@@d:http.services.<name>.weighted.services[n].status@@', { only: ['kv'] })),
      grpcStatus: optional(object('@@d:http.services.<name>.weighted.services[n].grpcStatus@@', {
        code: int('@@d:http.services.<name>.weighted.services[n].grpcStatus.code@@', { only: ['kv'], bits: 32, minimum: 0 }),
        msg: text('@@d:http.services.<name>.weighted.services[n].grpcStatus.msg@@', { only: ['kv'] }),
      }, { only: ['kv'] })),
    }),
    sticky: optional(object('@@d:http.services.<name>.weighted.sticky@@', {
      cookie: optional(object('@@d:http.services.<name>.weighted.sticky.cookie@@', stickyCookie, { allowEmpty: true })),
    })),
    healthCheck: optional(object('@@d:http.services.<name>.weighted.healthCheck@@', {}, { allowEmpty: true })),
  }, { noLabel: true }),
})

/** Options of `weighted`. */
export type WeightedOptions = Static<typeof weighted.options>
