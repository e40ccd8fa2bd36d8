import { clientTls } from '../../client-tls.ts'
import { type Static, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the etcd provider. */
export const etcdProvider = object(
  'Routing configuration from etcd.',
  {
    endpoints: textList('Addresses of the servers.', { default: ['127.0.0.1:2379'], masked: true }),
    password: text('Password of the user.', { secret: true, masked: true }),
    rootKey: text('Key that the configuration stands below.', { default: 'traefik', masked: true }),
    tls: optional(object('TLS to the servers.', clientTls)),
    username: text('Name of the user.', { secret: true, masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the etcd provider. */
export type EtcdProviderOptions = Static<typeof etcdProvider>
