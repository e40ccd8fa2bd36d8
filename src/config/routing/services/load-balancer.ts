import { stickyCookie } from '../shared.ts'
import { type Static, bool, defineServiceOptions, duration, int, object, objectList, optional, text, textMap } from '../../schema/kit.ts'

/** @@dk:http.services.<name>.loadBalancer@@ */
export const loadBalancer = defineServiceOptions({
  key: 'loadBalancer',
  options: object('@@d:http.services.<name>.loadBalancer@@', {
    sticky: optional(object('@@d:http.services.<name>.loadBalancer.sticky@@', {
      cookie: optional(object('@@d:http.services.<name>.loadBalancer.sticky.cookie@@', stickyCookie, { allowEmpty: true })),
    }, { allowEmpty: true })),
    servers: objectList('@@d:http.services.<name>.loadBalancer.servers@@', {
      url: text('@@d:http.services.<name>.loadBalancer.servers[n].url@@'),
      weight: optional(int('@@d:http.services.<name>.loadBalancer.servers[n].weight@@', { effective: '1' })),
      preservePath: bool('@@d:http.services.<name>.loadBalancer.servers[n].preservePath@@'),
      fenced: bool('@@d:http.services.<name>.loadBalancer.servers[n].fenced@@', { internal: true }),
      scheme: text('@@d:http.services.<name>.loadBalancer.servers[n].scheme@@', { only: ['label'], effective: 'http' }),
      port: text('@@d:http.services.<name>.loadBalancer.servers[n].port@@', { only: ['label'] }),
    }, { labelAs: 'server' }),
    strategy: text('@@d:http.services.<name>.loadBalancer.strategy@@', { default: 'wrr', values: ['wrr', 'p2c', 'hrw', 'leasttime'] }),
    healthCheck: optional(object('@@d:http.services.<name>.loadBalancer.healthCheck@@', {
      scheme: text('@@d:http.services.<name>.loadBalancer.healthCheck.scheme@@', { effective: 'scheme of the server' }),
      mode: text('@@d:http.services.<name>.loadBalancer.healthCheck.mode@@', { default: 'http', values: ['http', 'grpc'] }),
      path: text('@@d:http.services.<name>.loadBalancer.healthCheck.path@@'),
      method: text('@@d:http.services.<name>.loadBalancer.healthCheck.method@@', { effective: 'GET' }),
      status: int('@@d:http.services.<name>.loadBalancer.healthCheck.status@@', { effective: '200 to 399' }),
      port: int('@@d:http.services.<name>.loadBalancer.healthCheck.port@@', { effective: 'port of the server' }),
      interval: duration('@@d:http.services.<name>.loadBalancer.healthCheck.interval@@', { default: '30s' }),
      unhealthyInterval: optional(duration('@@d:http.services.<name>.loadBalancer.healthCheck.unhealthyInterval@@', { effective: 'interval' })),
      timeout: duration('@@d:http.services.<name>.loadBalancer.healthCheck.timeout@@', { default: '5s' }),
      hostname: text('@@d:http.services.<name>.loadBalancer.healthCheck.hostname@@'),
      followRedirects: bool('@@d:http.services.<name>.loadBalancer.healthCheck.followRedirects@@', { default: true, pointer: true }),
      headers: textMap('@@d:http.services.<name>.loadBalancer.healthCheck.headers@@'),
    })),
    passiveHealthCheck: optional(object('@@d:http.services.<name>.loadBalancer.passiveHealthCheck@@', {
      failureWindow: duration('@@d:http.services.<name>.loadBalancer.passiveHealthCheck.failureWindow@@', { default: '10s' }),
      maxFailedAttempts: int('@@d:http.services.<name>.loadBalancer.passiveHealthCheck.maxFailedAttempts@@', { default: 1 }),
    })),
    passHostHeader: bool('@@d:http.services.<name>.loadBalancer.passHostHeader@@', { default: true, pointer: true }),
    responseForwarding: object('@@d:http.services.<name>.loadBalancer.responseForwarding@@', {
      flushInterval: duration('@@d:http.services.<name>.loadBalancer.responseForwarding.flushInterval@@', { default: '100ms' }),
    }),
    serversTransport: text('@@d:http.services.<name>.loadBalancer.serversTransport@@', { effective: 'default@internal' }),
    nginxUpstreamHashBy: text('@@d:http.services.<name>.loadBalancer.nginxUpstreamHashBy@@', { internal: true }),
  }),
})

/** Options of `loadBalancer`. */
export type LoadBalancerOptions = Static<typeof loadBalancer.options>
