import { type Static, object, text, textList } from '../../schema/kit.ts'

/** Options of the zooKeeper provider. */
export const zooKeeperProvider = object('@@s:providers.zooKeeper@@', {
  endpoints: textList('@@s:providers.zooKeeper.endpoints@@', { default: ['127.0.0.1:2181'], masked: true }),
  password: text('@@s:providers.zooKeeper.password@@', { secret: true, masked: true }),
  rootKey: text('@@s:providers.zooKeeper.rootKey@@', { default: 'traefik', masked: true }),
  username: text('@@s:providers.zooKeeper.username@@', { secret: true, masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the zooKeeper provider. */
export type ZooKeeperProviderOptions = Static<typeof zooKeeperProvider>
