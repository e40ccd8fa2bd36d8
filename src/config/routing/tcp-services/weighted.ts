import { type Static, defineServiceOptions, int, object, objectList, optional, text } from '../../schema/kit.ts'

/** @@dk:tcp.services.<name>.weighted@@ */
export const tcpWeighted = defineServiceOptions({
  key: 'weighted',
  built: false,
  options: object('@@d:tcp.services.<name>.weighted@@', {
    services: objectList('@@d:tcp.services.<name>.weighted.services@@', {
      name: text('@@d:tcp.services.<name>.weighted.services[n].name@@'),
      weight: int('@@d:tcp.services.<name>.weighted.services[n].weight@@', { default: 1, pointer: true }),
    }),
    healthCheck: optional(object('@@d:tcp.services.<name>.weighted.healthCheck@@', {}, { allowEmpty: true })),
  }, { noLabel: true }),
})

/** Options of `weighted`. */
export type TcpWeightedOptions = Static<typeof tcpWeighted.options>
