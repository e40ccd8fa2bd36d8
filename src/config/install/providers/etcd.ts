import { clientTls } from '../../client-tls.ts'
import { type Static, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the etcd provider. */
export const etcdProvider = object('@@s:providers.etcd@@', {
  endpoints: textList('@@s:providers.etcd.endpoints@@', { default: ['127.0.0.1:2379'], masked: true }),
  password: text('@@s:providers.etcd.password@@', { secret: true, masked: true }),
  rootKey: text('@@s:providers.etcd.rootKey@@', { default: 'traefik', masked: true }),
  tls: optional(object('@@s:providers.etcd.tls@@', clientTls)),
  username: text('@@s:providers.etcd.username@@', { secret: true, masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the etcd provider. */
export type EtcdProviderOptions = Static<typeof etcdProvider>
