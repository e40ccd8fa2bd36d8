import { type Static, bool, defineServiceOptions, duration, int, object, objectList, optional, text } from '../../schema/kit.ts'

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
          send: text('What is sent to a server.'),
          expect: text('What a well server must answer.'),
          interval: duration('How often a server that is well is asked.', { default: '30s' }),
          unhealthyInterval: optional(duration('How often a server that is down is asked.', { effective: 'interval' })),
          timeout: duration('How long the answer may take.', { default: '5s' }),
        },
        { allowEmpty: true },
      ),
    ),
  }),
})

/** Options of `loadBalancer`. */
export type TcpLoadBalancerOptions = Static<typeof tcpLoadBalancer.options>
