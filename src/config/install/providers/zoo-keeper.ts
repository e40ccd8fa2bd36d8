import { type Static, object, text, textList } from '../../schema/kit.ts'

/** Options of the zooKeeper provider. */
export const zooKeeperProvider = object(
  'Routing configuration from ZooKeeper.',
  {
    endpoints: textList('Addresses of the servers.', { default: ['127.0.0.1:2181'], masked: true }),
    password: text('Password of the user.', { secret: true, masked: true }),
    rootKey: text('Key that the configuration stands below.', { default: 'traefik', masked: true }),
    username: text('Name of the user.', { secret: true, masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the zooKeeper provider. */
export type ZooKeeperProviderOptions = Static<typeof zooKeeperProvider>
