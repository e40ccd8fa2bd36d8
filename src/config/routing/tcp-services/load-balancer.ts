import { type Static, bool, defineServiceOptions, duration, int, object, objectList, optional, text } from '../../schema/kit.ts'

/** @@dk:tcp.services.<name>.loadBalancer@@ */
export const tcpLoadBalancer = defineServiceOptions({
  key: 'loadBalancer',
  built: false,
  options: object('@@d:tcp.services.<name>.loadBalancer@@', {
    servers: objectList('@@d:tcp.services.<name>.loadBalancer.servers@@', {
      address: text('@@d:tcp.services.<name>.loadBalancer.servers[n].address@@', { noLabel: true }),
      port: text('@@d:tcp.services.<name>.loadBalancer.servers[n].port@@', { only: ['file', 'label', 'kv'] }),
      tls: bool('@@d:tcp.services.<name>.loadBalancer.servers[n].tls@@'),
    }, { labelAs: 'server' }),
    serversTransport: text('@@d:tcp.services.<name>.loadBalancer.serversTransport@@', { effective: 'default@internal' }),
    proxyProtocol: optional(object('@@d:tcp.services.<name>.loadBalancer.proxyProtocol@@', {
      version: int('@@d:tcp.services.<name>.loadBalancer.proxyProtocol.version@@', { default: 2 }),
    }, { allowEmpty: true, deprecated: 'use ServersTransport to configure ProxyProtocol instead' })),
    terminationDelay: optional(int('@@d:tcp.services.<name>.loadBalancer.terminationDelay@@', { deprecated: 'use ServersTransport to configure the TerminationDelay instead' })),
    healthCheck: optional(object('@@d:tcp.services.<name>.loadBalancer.healthCheck@@', {
      port: int('@@d:tcp.services.<name>.loadBalancer.healthCheck.port@@'),
      send: text('@@d:tcp.services.<name>.loadBalancer.healthCheck.send@@'),
      expect: text('@@d:tcp.services.<name>.loadBalancer.healthCheck.expect@@'),
      interval: duration('@@d:tcp.services.<name>.loadBalancer.healthCheck.interval@@', { default: '30s' }),
      unhealthyInterval: optional(duration('@@d:tcp.services.<name>.loadBalancer.healthCheck.unhealthyInterval@@', { effective: 'interval' })),
      timeout: duration('@@d:tcp.services.<name>.loadBalancer.healthCheck.timeout@@', { default: '5s' }),
    }, { allowEmpty: true })),
  }),
})

/** Options of `loadBalancer`. */
export type TcpLoadBalancerOptions = Static<typeof tcpLoadBalancer.options>
