import { clientTls } from '../../client-tls.ts'
import { type Static, bool, defineMiddlewareOptions, duration, int, object, optional, text, textList } from '../../schema/kit.ts'
import { sourceCriterion } from '../shared.ts'
import { checkSourceCriterion } from '../source-criterion.ts'

/** Entries of the table of sources; half of them are meant to be used, so that each source finds one. */
export const rateLimitEntries = 131_072

/** Size of the table of sources, in bytes: a seed, then key and time of each entry. */
export const rateLimitBytes = (1 + 2 * rateLimitEntries) * 8

/** Limits how often requests of one source are served. */
export const rateLimit = defineMiddlewareOptions({
  key: 'rateLimit',
  options: object('Limits how often requests of one source are served.', {
    average: int('Requests per period; 0 is no limit.'),
    period: duration('The period that `average` is about.', { default: '1s' }),
    burst: int('How many requests may come at once.', { default: 1 }),
    sourceCriterion: optional(
      object('What makes two requests count as from one source.', sourceCriterion, { effective: 'the address of the connection' }),
    ),
    rateLimitHeaders: bool('Whether answers tell the limit and what is left of it (RateLimit, RateLimit-Policy, RateLimit-Limit, …).', {
      extension: true,
    }),
    shadow: bool('Whether requests above the limit pass nevertheless and are only counted in the log.', { extension: true }),
    redis: optional(
      object('Keeps the counts in Redis, for several routers together.', {
        endpoints: textList('Addresses of the servers; of several the first tells about the cluster.', { default: ['localhost:6379'] }),
        tls: optional(object('TLS to the servers.', clientTls)),
        username: text('Name of the user.', { secret: true }),
        password: text('Password of the user.', { secret: true }),
        db: int('Number of the database.'),
        poolSize: int('No effect: each worker has one connection, on which commands do not wait for each other.', { noEffect: true }),
        minIdleConns: int('No effect: each worker has one connection, which is kept.', { noEffect: true }),
        maxActiveConns: int('No effect: each worker has one connection.', { noEffect: true }),
        readTimeout: duration('Longest time for an answer; what is not above 0 is no limit.', { default: '3s' }),
        writeTimeout: duration('Longest time for sending a command; counts into that of the answer.', { default: '3s' }),
        dialTimeout: duration('Longest time for connecting.', { default: '5s' }),
        whenAway: text('What happens to requests while Redis does not answer: `closed` refuses them with 500, `open` lets them pass.', {
          default: 'closed',
          values: ['closed', 'open'],
          extension: true,
        }),
      }),
    ),
  }),
  check({ average, period, sourceCriterion: criterion, redis }) {
    if (period < 0) return `negative value not valid for period: ${period}ms`
    if (redis !== undefined) {
      const { endpoints, whenAway, db } = redis
      if (endpoints.length === 0) return 'redis.endpoints is empty'
      if (whenAway !== 'closed' && whenAway !== 'open') return `redis.whenAway: "${whenAway}" is neither closed nor open`
      if (endpoints.length > 1 && db !== 0) return 'redis.db: a cluster has no numbered databases'
    }
    const problem = checkSourceCriterion(criterion)
    if (problem !== undefined) return problem
    return average > 1_000_000_000 * (period === 0 ? 1 : period / 1000) ? 'average: more than one request a nanosecond' : undefined
  },
  sharedBytes: ({ average, redis }) => (average > 0 && redis === undefined ? rateLimitBytes : 0),
})

/** Options of `rateLimit`. */
export type RateLimitOptions = Static<typeof rateLimit.options>
