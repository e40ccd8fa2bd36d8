import { type Static, bool, duration, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the nomad provider. */
export const nomadProvider = object('@@s:providers.nomad@@', {
  allowEmptyServices: bool('@@s:providers.nomad.allowEmptyServices@@'),
  constraints: text('@@s:providers.nomad.constraints@@'),
  defaultRule: text('@@s:providers.nomad.defaultRule@@', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
  endpoint: object('@@s:providers.nomad.endpoint@@', {
    address: text('@@s:providers.nomad.endpoint.address@@', { default: 'http://127.0.0.1:4646', masked: true }),
    endpointWaitTime: duration('@@s:providers.nomad.endpoint.endpointWaitTime@@'),
    region: text('@@s:providers.nomad.endpoint.region@@', { masked: true }),
    tls: optional(object('@@s:providers.nomad.endpoint.tls@@', {
      ca: text('@@s:providers.nomad.endpoint.tls.ca@@', { masked: true }),
      cert: text('@@s:providers.nomad.endpoint.tls.cert@@', { masked: true }),
      insecureSkipVerify: bool('@@s:providers.nomad.endpoint.tls.insecureSkipVerify@@'),
      key: text('@@s:providers.nomad.endpoint.tls.key@@', { secret: true, masked: true }),
    })),
    token: text('@@s:providers.nomad.endpoint.token@@', { secret: true, masked: true }),
  }),
  exposedByDefault: bool('@@s:providers.nomad.exposedByDefault@@', { default: true }),
  namespaces: textList('@@s:providers.nomad.namespaces@@', { masked: true }),
  prefix: text('@@s:providers.nomad.prefix@@', { default: 'traefik' }),
  refreshInterval: duration('@@s:providers.nomad.refreshInterval@@', { default: '15s' }),
  stale: bool('@@s:providers.nomad.stale@@'),
  throttleDuration: duration('@@s:providers.nomad.throttleDuration@@'),
  watch: bool('@@s:providers.nomad.watch@@'),
}, { allowEmpty: true, built: false })

/** Decoded options of the nomad provider. */
export type NomadProviderOptions = Static<typeof nomadProvider>
