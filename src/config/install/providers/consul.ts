import { clientTls } from '../../client-tls.ts'
import { type Static, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the consul provider. */
export const consulProvider = object('@@s:providers.consul@@', {
  endpoints: textList('@@s:providers.consul.endpoints@@', { default: ['127.0.0.1:8500'], masked: true }),
  namespaces: textList('@@s:providers.consul.namespaces@@', { masked: true }),
  rootKey: text('@@s:providers.consul.rootKey@@', { default: 'traefik', masked: true }),
  tls: optional(object('@@s:providers.consul.tls@@', clientTls)),
  token: text('@@s:providers.consul.token@@', { secret: true, masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the consul provider. */
export type ConsulProviderOptions = Static<typeof consulProvider>
