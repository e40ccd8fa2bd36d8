import { type Static, defineServiceOptions, object, objectList, text } from '../../schema/kit.ts'

/** @@dk:udp.services.<name>.loadBalancer@@ */
export const udpLoadBalancer = defineServiceOptions({
  key: 'loadBalancer',
  built: false,
  options: object('@@d:udp.services.<name>.loadBalancer@@', {
    servers: objectList('@@d:udp.services.<name>.loadBalancer.servers@@', {
      address: text('@@d:udp.services.<name>.loadBalancer.servers[n].address@@', { noLabel: true }),
      port: text('@@d:udp.services.<name>.loadBalancer.servers[n].port@@', { only: ['label', 'kv'] }),
    }, { labelAs: 'server' }),
  }),
})

/** Options of `loadBalancer`. */
export type UdpLoadBalancerOptions = Static<typeof udpLoadBalancer.options>
