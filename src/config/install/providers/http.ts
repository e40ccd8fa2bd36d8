import { clientTls } from '../../client-tls.ts'
import { type Static, duration, int, object, optional, text, textMap } from '../../schema/kit.ts'

/** Options of the http provider. */
export const httpProvider = object('@@s:providers.http@@', {
  endpoint: text('@@s:providers.http.endpoint@@', { masked: true }),
  headers: textMap('@@s:providers.http.headers@@'),
  maxResponseBodySize: int('@@s:providers.http.maxResponseBodySize@@', { default: -1 }),
  pollInterval: duration('@@s:providers.http.pollInterval@@', { default: '5s' }),
  pollTimeout: duration('@@s:providers.http.pollTimeout@@', { default: '5s' }),
  tls: optional(object('@@s:providers.http.tls@@', clientTls)),
}, { allowEmpty: true })

/** Decoded options of the http provider. */
export type HttpProviderOptions = Static<typeof httpProvider>
