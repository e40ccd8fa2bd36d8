import { type Static, bool, duration, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the consulCatalog provider. */
export const consulCatalogProvider = object('@@s:providers.consulCatalog@@', {
  cache: bool('@@s:providers.consulCatalog.cache@@'),
  connectAware: bool('@@s:providers.consulCatalog.connectAware@@'),
  connectByDefault: bool('@@s:providers.consulCatalog.connectByDefault@@'),
  constraints: text('@@s:providers.consulCatalog.constraints@@'),
  defaultRule: text('@@s:providers.consulCatalog.defaultRule@@', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
  endpoint: object('@@s:providers.consulCatalog.endpoint@@', {
    address: text('@@s:providers.consulCatalog.endpoint.address@@', { effective: '127.0.0.1:8500, or env CONSUL_HTTP_ADDR', masked: true }),
    datacenter: text('@@s:providers.consulCatalog.endpoint.datacenter@@', { masked: true }),
    endpointWaitTime: duration('@@s:providers.consulCatalog.endpoint.endpointWaitTime@@'),
    httpAuth: optional(object('@@s:providers.consulCatalog.endpoint.httpAuth@@', {
      password: text('@@s:providers.consulCatalog.endpoint.httpAuth.password@@', { secret: true, masked: true }),
      username: text('@@s:providers.consulCatalog.endpoint.httpAuth.username@@', { secret: true, masked: true }),
    })),
    scheme: text('@@s:providers.consulCatalog.endpoint.scheme@@', { masked: true }),
    tls: optional(object('@@s:providers.consulCatalog.endpoint.tls@@', {
      ca: text('@@s:providers.consulCatalog.endpoint.tls.ca@@', { masked: true }),
      cert: text('@@s:providers.consulCatalog.endpoint.tls.cert@@', { masked: true }),
      insecureSkipVerify: bool('@@s:providers.consulCatalog.endpoint.tls.insecureSkipVerify@@'),
      key: text('@@s:providers.consulCatalog.endpoint.tls.key@@', { secret: true, masked: true }),
    })),
    token: text('@@s:providers.consulCatalog.endpoint.token@@', { secret: true, masked: true }),
  }),
  exposedByDefault: bool('@@s:providers.consulCatalog.exposedByDefault@@', { default: true }),
  namespaces: textList('@@s:providers.consulCatalog.namespaces@@', { masked: true }),
  prefix: text('@@s:providers.consulCatalog.prefix@@', { default: 'traefik' }),
  refreshInterval: duration('@@s:providers.consulCatalog.refreshInterval@@', { default: '15s' }),
  requireConsistent: bool('@@s:providers.consulCatalog.requireConsistent@@'),
  serviceName: text('@@s:providers.consulCatalog.serviceName@@', { default: 'traefik' }),
  stale: bool('@@s:providers.consulCatalog.stale@@'),
  strictChecks: textList('@@s:providers.consulCatalog.strictChecks@@', { default: ['passing', 'warning'] }),
  watch: bool('@@s:providers.consulCatalog.watch@@'),
}, { allowEmpty: true, built: false })

/** Decoded options of the consulCatalog provider. */
export type ConsulCatalogProviderOptions = Static<typeof consulCatalogProvider>
