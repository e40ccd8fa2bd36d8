import { clientTls } from '../../client-tls.ts'
import { type Static, bool, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the redis provider. */
export const redisProvider = object(
  'Routing configuration from Redis.',
  {
    db: int('Number of the database.', { masked: true }),
    endpoints: textList('Addresses of the servers.', { default: ['127.0.0.1:6379'], masked: true }),
    password: text('Password of the user.', { secret: true, masked: true }),
    rootKey: text('Key that the configuration stands below.', { default: 'traefik', masked: true }),
    sentinel: optional(
      object('Finds the servers by Sentinel.', {
        latencyStrategy: bool('Whether reads go to the nearest server.'),
        masterName: text('Name of the master.'),
        password: text('Password of the Sentinel user.', { secret: true, masked: true }),
        randomStrategy: bool('Whether reads go to a random server.'),
        replicaStrategy: bool('Whether reads go to replicas.'),
        useDisconnectedReplicas: bool('Whether disconnected replicas count when no other is there.'),
        username: text('Name of the Sentinel user.', { secret: true, masked: true }),
      }),
    ),
    tls: optional(object('TLS to the servers.', clientTls)),
    username: text('Name of the user.', { secret: true, masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the redis provider. */
export type RedisProviderOptions = Static<typeof redisProvider>
