import { clientTls } from '../../client-tls.ts'
import { type Static, defineMiddlewareOptions, duration, int, object, optional, text, textList } from '../../schema/kit.ts'
import { sourceCriterion } from '../shared.ts'

/** Limits how often requests of one source are served. */
export const rateLimit = defineMiddlewareOptions({
  key: 'rateLimit',
  built: false,
  options: object('Limits how often requests of one source are served.', {
    average: int('Requests per period; 0 is no limit.'),
    period: duration('The period that `average` is about.', { default: '1s' }),
    burst: int('How many requests may come at once.', { default: 1 }),
    sourceCriterion: optional(
      object('What makes two requests count as from one source.', sourceCriterion, { effective: 'the address of the connection' }),
    ),
    redis: optional(
      object('Keeps the counts in Redis, for several routers together.', {
        endpoints: textList('Addresses of the servers.', { default: ['localhost:6379'] }),
        tls: optional(object('TLS to the servers.', clientTls)),
        username: text('Name of the user.', { secret: true }),
        password: text('Password of the user.', { secret: true }),
        db: int('Number of the database.'),
        poolSize: int("Connections per processor; 0 is the client's own choice."),
        minIdleConns: int('Idle connections that are kept at least.'),
        maxActiveConns: int('Most connections; 0 is no limit.'),
        readTimeout: duration('Longest time for reading an answer.', { default: '3s' }),
        writeTimeout: duration('Longest time for sending a command.', { default: '3s' }),
        dialTimeout: duration('Longest time for connecting.', { default: '5s' }),
      }),
    ),
  }),
})

/** Options of `rateLimit`. */
export type RateLimitOptions = Static<typeof rateLimit.options>
