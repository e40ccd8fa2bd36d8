import { type Static, defineServiceOptions, object, objectList, text } from '../../schema/kit.ts'

/** Spreads sessions over servers. */
export const udpLoadBalancer = defineServiceOptions({
  key: 'loadBalancer',
  options: object('Spreads sessions over servers.', {
    servers: objectList(
      'The servers.',
      {
        address: text('Address of the server: host and port.', { noLabel: true }),
        port: text('Port of the container.', { only: ['label', 'kv'] }),
      },
      { labelAs: 'server' },
    ),
  }),
})

/** Options of `loadBalancer`. */
export type UdpLoadBalancerOptions = Static<typeof udpLoadBalancer.options>
