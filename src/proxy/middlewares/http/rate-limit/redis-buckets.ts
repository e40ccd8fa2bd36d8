/**
 * Token buckets in Redis, for several routers together. A bucket is a hash with the fields `last` (microseconds since 1970) and `tokens`, as Traefik
 * keeps it, so that both can share one. A script reads and writes it in one step, by the clock of Redis: the clocks of the routers do not matter.
 */
import { createHash } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { createClient, createCluster } from '@redis/client'
import type { RateLimitOptions } from '../../../../config/routing/middlewares/rate-limit.ts'
import { systemClock } from '../../../../std/clock.ts'
import type { Limit } from './limit.ts'

type RedisOptions = NonNullable<RateLimitOptions['redis']>

/** What is left of a bucket after a request. */
export interface Bucket {
  /** How long the request has to wait for its token, 0 when it need not; with a minus when that is longer than it may wait. */
  readonly waitNs: number
  readonly tokens: number
}

/** Longest pause between two attempts to connect, in milliseconds. */
const reconnectMsMax = 2000
/** Commands that may wait for an answer. */
const commandsMax = 10_000

/** Takes a token. KEYS: the bucket. ARGV: tokens a microsecond, most tokens, seconds until it may be forgotten, longest wait in microseconds. */
const script = `
local rate, burst, ttl, delay = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('HMGET', KEYS[1], 'last', 'tokens')
local last, tokens = tonumber(kept[1] or 0), tonumber(kept[2] or burst)
if now > last then tokens = tokens + (now - last) * rate end
tokens = math.min(tokens, burst) - 1
local wait = 0
if tokens < 0 then
  wait = -tokens / rate
  if wait > delay then
    tokens = tokens + 1
    wait = -wait
  end
end
redis.call('HSET', KEYS[1], 'last', string.format('%.0f', math.max(now, last)), 'tokens', string.format('%.17g', tokens))
redis.call('EXPIRE', KEYS[1], ttl)
return { string.format('%.3f', wait), string.format('%.17g', tokens) }
`
const scriptSha = createHash('sha1').update(script).digest('hex')

/** What both kinds of clients can do. */
interface Sender {
  send(key: string, args: string[]): Promise<unknown>
  close(): void
}

/** Buckets of one limit. */
export class RedisBuckets {
  readonly #sender: Sender
  readonly #args: readonly string[]
  readonly #timeoutMs: number

  /** Connects by itself, again and again; `onError` is told why it cannot. */
  constructor(options: RedisOptions, limit: Limit, onError: (text: string) => void) {
    const perSecond = 1e9 / limit.intervalNs
    const ttl = perSecond >= 1 ? 2 : 1 + Math.floor(1 / perSecond)
    // A bucket that is forgotten is a full one: it may not go before it would be full.
    const fullIn = Math.ceil((limit.burst * limit.intervalNs) / 1e9)
    this.#args = [String(1000 / limit.intervalNs), String(limit.burst), String(Math.max(ttl, fullIn)), String(limit.maxDelayNs / 1000)]
    this.#timeoutMs = options.readTimeout
    this.#sender = options.endpoints.length > 1 ? clusterSender(options, onError) : clientSender(options, onError)
  }

  /** Takes a token; rejects when Redis does not answer in time, or with an error. */
  async take(key: string): Promise<Bucket> {
    const reply = await withTimeout(this.#run(key), this.#timeoutMs)
    if (!Array.isArray(reply)) throw new Error('redis: the script answered otherwise than it should')
    const [waitUs, tokens] = reply.map(Number)
    if (waitUs === undefined || tokens === undefined || Number.isNaN(waitUs + tokens))
      throw new Error('redis: the script answered otherwise than it should')
    return { waitNs: waitUs * 1000, tokens }
  }

  close(): void {
    this.#sender.close()
  }

  async #run(key: string): Promise<unknown> {
    try {
      return await this.#sender.send(key, ['EVALSHA', scriptSha, '1', key, ...this.#args])
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.#sender.send(key, ['EVAL', script, '1', key, ...this.#args])
    }
  }
}

function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  if (timeoutMs <= 0) return promise
  const { promise: result, resolve, reject } = Promise.withResolvers<T>()
  const cancelTimer = systemClock.after(timeoutMs, () => reject(new Error(`redis: no answer within ${timeoutMs} ms`)))
  promise.then(resolve, reject).finally(() => cancelTimer())
  return result
}

function commonOptions(options: RedisOptions) {
  return {
    RESP: 2,
    ...(options.username === '' ? {} : { username: options.username }),
    ...(options.password === '' ? {} : { password: options.password }),
    // While Redis is away requests are judged at once, not queued.
    disableOfflineQueue: true,
    commandsQueueMaxLength: commandsMax,
  } as const
}

function socketOptions(options: RedisOptions) {
  const common = {
    connectTimeout: options.dialTimeout > 0 ? options.dialTimeout : 0,
    reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), reconnectMsMax),
  }
  return options.tls === undefined ? common : { ...common, ...tlsOptions(options.tls), tls: true as const }
}

function tlsOptions({ ca, cert, key, insecureSkipVerify }: NonNullable<RedisOptions['tls']>): ConnectionOptions {
  return {
    ...(ca === '' ? {} : { ca }),
    ...(cert === '' ? {} : { cert }),
    ...(key === '' ? {} : { key }),
    rejectUnauthorized: !insecureSkipVerify,
  }
}

function clientSender(options: RedisOptions, onError: (text: string) => void): Sender {
  const { host, port } = endpointOf(options.endpoints[0] ?? '')
  const client = createClient({ ...commonOptions(options), database: options.db, socket: { host, port, ...socketOptions(options) } })
  const connected = start(client, onError)
  return {
    async send(_key, args) {
      await connected()
      return client.sendCommand(args)
    },
    close: () => client.destroy(),
  }
}

function clusterSender(options: RedisOptions, onError: (text: string) => void): Sender {
  const cluster = createCluster({
    RESP: 2,
    rootNodes: options.endpoints.map((endpoint) => ({ socket: endpointOf(endpoint) })),
    defaults: { ...commonOptions(options), socket: socketOptions(options) },
  })
  const connected = start(cluster, onError)
  return {
    async send(key, args) {
      await connected()
      return cluster.sendCommand(key, false, args)
    },
    close: () => cluster.destroy(),
  }
}

/** Connects; gives what waits for the first connection. One that has failed is tried again by whoever comes next. */
function start(
  client: { connect(): Promise<unknown>; on(event: 'error', call: (error: Error) => void): unknown },
  onError: (text: string) => void,
): () => Promise<unknown> {
  client.on('error', (error) => onError(error.message))
  let connecting: Promise<unknown> | null = null
  return () => {
    connecting ??= client.connect().catch((error: unknown) => {
      connecting = null
      throw error
    })
    return connecting
  }
}

function endpointOf(endpoint: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(endpoint)
  if (match === null) throw new Error(`redis: "${endpoint}" is no address with a port`)
  return { host: match[1] ?? match[2] ?? 'localhost', port: Number(match[3]) }
}
