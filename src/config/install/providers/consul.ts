import { clientTls } from '../../client-tls.ts'
import { type Static, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the consul provider. */
export const consulProvider = object(
  "Routing configuration from Consul's key/value store.",
  {
    endpoints: textList('Addresses of the servers.', { default: ['127.0.0.1:8500'], masked: true }),
    namespaces: textList('Namespaces to read.', { masked: true }),
    rootKey: text('Key that the configuration stands below.', { default: 'traefik', masked: true }),
    tls: optional(object('TLS to the servers.', clientTls)),
    token: text('Token for reading.', { secret: true, masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the consul provider. */
export type ConsulProviderOptions = Static<typeof consulProvider>
