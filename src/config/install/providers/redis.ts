import { clientTls } from '../../client-tls.ts'
import { type Static, bool, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the redis provider. */
export const redisProvider = object('@@s:providers.redis@@', {
  db: int('@@s:providers.redis.db@@', { masked: true }),
  endpoints: textList('@@s:providers.redis.endpoints@@', { default: ['127.0.0.1:6379'], masked: true }),
  password: text('@@s:providers.redis.password@@', { secret: true, masked: true }),
  rootKey: text('@@s:providers.redis.rootKey@@', { default: 'traefik', masked: true }),
  sentinel: optional(object('@@s:providers.redis.sentinel@@', {
    latencyStrategy: bool('@@s:providers.redis.sentinel.latencyStrategy@@'),
    masterName: text('@@s:providers.redis.sentinel.masterName@@'),
    password: text('@@s:providers.redis.sentinel.password@@', { secret: true, masked: true }),
    randomStrategy: bool('@@s:providers.redis.sentinel.randomStrategy@@'),
    replicaStrategy: bool('@@s:providers.redis.sentinel.replicaStrategy@@'),
    useDisconnectedReplicas: bool('@@s:providers.redis.sentinel.useDisconnectedReplicas@@'),
    username: text('@@s:providers.redis.sentinel.username@@', { secret: true, masked: true }),
  })),
  tls: optional(object('@@s:providers.redis.tls@@', clientTls)),
  username: text('@@s:providers.redis.username@@', { secret: true, masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the redis provider. */
export type RedisProviderOptions = Static<typeof redisProvider>
