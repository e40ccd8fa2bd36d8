import { type Static, bool, defineServiceOptions, int, object, objectList, optional, text } from '../../schema/kit.ts'
import {
  balancingOptions,
  passiveOptions,
  strategyDoc,
  strategyNames,
  streamCheckOptions,
  streamHash,
  thresholdOptions,
} from '../balancing.ts'

/** Spreads connections over servers. */
export const tcpLoadBalancer = defineServiceOptions({
  key: 'loadBalancer',
  options: object('Spreads connections over servers.', {
    servers: objectList(
      'The servers.',
      {
        address: text('Address of the server: host and port.', { noLabel: true }),
        port: text('Port of the container.', { only: ['file', 'label', 'kv'] }),
        tls: bool('Whether the server speaks TLS.'),
        weight: optional(int('Share of the connections.', { effective: '1', extension: true })),
      },
      { labelAs: 'server' },
    ),
    serversTransport: text('Name of the transport that makes connections.', { effective: 'default@internal' }),
    proxyProtocol: optional(
      object(
        "Tells servers the client's address by the PROXY protocol.",
        {
          version: int('Version of the PROXY protocol.', { default: 2 }),
        },
        { allowEmpty: true, deprecated: 'use proxyProtocol of a servers transport' },
      ),
    ),
    terminationDelay: optional(
      int('How long the other direction stays open once one side has finished.', {
        deprecated: 'use terminationDelay of a servers transport',
      }),
    ),
    healthCheck: optional(
      object(
        'Asks servers from time to time whether they are well.',
        {
          port: int('Port that is asked.'),
          ...streamCheckOptions,
          ...thresholdOptions,
        },
        { allowEmpty: true },
      ),
    ),
    strategy: text(strategyDoc, { default: 'wrr', values: strategyNames, extension: true }),
    hash: optional(streamHash),
    ...balancingOptions,
    passiveHealthCheck: optional(
      object('Takes servers out that cannot be reached.', passiveOptions, { allowEmpty: true, extension: true }),
    ),
  }),
})

/** Options of `loadBalancer`. */
export type TcpLoadBalancerOptions = Static<typeof tcpLoadBalancer.options>
