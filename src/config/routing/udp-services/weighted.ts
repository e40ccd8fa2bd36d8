import { type Static, defineServiceOptions, int, object, objectList, text } from '../../schema/kit.ts'

/** @@dk:udp.services.<name>.weighted@@ */
export const udpWeighted = defineServiceOptions({
  key: 'weighted',
  built: false,
  options: object('@@d:udp.services.<name>.weighted@@', {
    services: objectList('@@d:udp.services.<name>.weighted.services@@', {
      name: text('@@d:udp.services.<name>.weighted.services[n].name@@'),
      weight: int('@@d:udp.services.<name>.weighted.services[n].weight@@', { default: 1, pointer: true }),
    }),
  }, { noLabel: true }),
})

/** Options of `weighted`. */
export type UdpWeightedOptions = Static<typeof udpWeighted.options>
