import { clientTls } from '../../client-tls.ts'
import { sourceCriterion } from '../shared.ts'
import { type Static, defineMiddlewareOptions, duration, int, object, optional, text, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.rateLimit@@ */
export const rateLimit = defineMiddlewareOptions({
  key: 'rateLimit',
  built: false,
  options: object('@@d:http.middlewares.<name>.rateLimit@@', {
    average: int('@@d:http.middlewares.<name>.rateLimit.average@@'),
    period: duration('@@d:http.middlewares.<name>.rateLimit.period@@', { default: '1s' }),
    burst: int('@@d:http.middlewares.<name>.rateLimit.burst@@', { default: 1 }),
    sourceCriterion: optional(object('@@d:http.middlewares.<name>.rateLimit.sourceCriterion@@', sourceCriterion, { effective: 'ipStrategy {} (remote address)' })),
    redis: optional(object('@@d:http.middlewares.<name>.rateLimit.redis@@', {
      endpoints: textList('@@d:http.middlewares.<name>.rateLimit.redis.endpoints@@', { default: ['localhost:6379'] }),
      tls: optional(object('@@d:http.middlewares.<name>.rateLimit.redis.tls@@', clientTls)),
      username: text('@@d:http.middlewares.<name>.rateLimit.redis.username@@', { secret: true }),
      password: text('@@d:http.middlewares.<name>.rateLimit.redis.password@@', { secret: true }),
      db: int('@@d:http.middlewares.<name>.rateLimit.redis.db@@'),
      poolSize: int('@@d:http.middlewares.<name>.rateLimit.redis.poolSize@@'),
      minIdleConns: int('@@d:http.middlewares.<name>.rateLimit.redis.minIdleConns@@'),
      maxActiveConns: int('@@d:http.middlewares.<name>.rateLimit.redis.maxActiveConns@@'),
      readTimeout: duration('@@d:http.middlewares.<name>.rateLimit.redis.readTimeout@@', { default: '3s' }),
      writeTimeout: duration('@@d:http.middlewares.<name>.rateLimit.redis.writeTimeout@@', { default: '3s' }),
      dialTimeout: duration('@@d:http.middlewares.<name>.rateLimit.redis.dialTimeout@@', { default: '5s' }),
    })),
  }),
})

/** Options of `rateLimit`. */
export type RateLimitOptions = Static<typeof rateLimit.options>
