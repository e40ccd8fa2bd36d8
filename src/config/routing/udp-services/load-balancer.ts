import { type Static, defineServiceOptions, int, object, objectList, optional, text } from '../../schema/kit.ts'
import {
  balancingOptions,
  passiveOptions,
  strategyDoc,
  strategyNames,
  streamCheckOptions,
  streamHash,
  thresholdOptions,
} from '../balancing.ts'

/** Spreads sessions over servers. */
export const udpLoadBalancer = defineServiceOptions({
  key: 'loadBalancer',
  options: object('Spreads sessions over servers.', {
    servers: objectList(
      'The servers.',
      {
        address: text('Address of the server: host and port.', { noLabel: true }),
        port: text('Port of the container.', { only: ['label', 'kv'] }),
        weight: optional(int('Share of the sessions.', { effective: '1', extension: true })),
      },
      { labelAs: 'server' },
    ),
    strategy: text(strategyDoc, { default: 'wrr', values: strategyNames, extension: true }),
    hash: optional(streamHash),
    ...balancingOptions,
    healthCheck: optional(
      object(
        'Asks servers from time to time whether they are well, over TCP: UDP itself has no answer that every server gives.',
        {
          port: int('Port that is asked.', { effective: 'port of the server' }),
          ...streamCheckOptions,
          ...thresholdOptions,
        },
        { allowEmpty: true, extension: true },
      ),
    ),
    passiveHealthCheck: optional(
      object('Takes servers out that nobody listens on.', passiveOptions, { allowEmpty: true, extension: true }),
    ),
  }),
})

/** Options of `loadBalancer`. */
export type UdpLoadBalancerOptions = Static<typeof udpLoadBalancer.options>
