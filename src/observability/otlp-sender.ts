/** Sends OTLP messages (protobuf, gzip) to a collector, over HTTP or gRPC. */
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { systemClock } from '../std/clock.ts'
import { attributesFromEnv } from './otlp-resource.ts'
import { type ClientTlsFiles, postBytes, tlsOptions } from './post-bytes.ts'

const compress = promisify(gzip)

/** A collector, as the install option `otlp` has it; gRPC when it is there. */
export interface OtlpCollector {
  readonly grpc?:
    | {
        readonly endpoint: string
        readonly headers: Readonly<Record<string, string>>
        readonly insecure: boolean
        readonly tls?: ClientTlsFiles | undefined
      }
    | undefined
  readonly http: {
    readonly endpoint: string
    readonly headers: Readonly<Record<string, string>>
    readonly tls?: ClientTlsFiles | undefined
  }
}

/** What is sent. */
export interface OtlpSignal {
  /** Path where the URL has none. */
  readonly path: string
  /** Method of the collector's service. */
  readonly method: string
  /** In the middle of the names of environment variables. */
  readonly envName: 'METRICS' | 'TRACES' | 'LOGS'
}

/** The signal of metrics. */
export const metricsSignal: OtlpSignal = {
  path: '/v1/metrics',
  method: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  envName: 'METRICS',
}

/** Sends messages. */
export interface OtlpSender {
  /** Resolves when the collector has taken it. */
  send(message: Uint8Array): Promise<void>
  close(): void
}

type Env = Readonly<Record<string, string | undefined>>

const timeoutMsDefault = 10_000
const httpEndpointDefault = 'https://localhost:4318'
const grpcEndpointDefault = 'localhost:4317'

/** Makes the sender of a signal; throws when its endpoint cannot be used. `place` is the option's name for errors. */
export function otlpSender(collector: OtlpCollector, signal: OtlpSignal, env: Env, place: string): OtlpSender {
  const timeoutMs = timeoutOf(signal, env)
  const { grpc, http } = collector
  return grpc === undefined ? httpSender(http, signal, { timeoutMs, env, place }) : new GrpcSender(grpc, signal, { timeoutMs, env, place })
}

interface SenderContext {
  readonly timeoutMs: number
  readonly env: Env
  readonly place: string
}

function httpSender(http: OtlpCollector['http'], signal: OtlpSignal, { timeoutMs, env, place }: SenderContext): OtlpSender {
  const endpoint = http.endpoint === httpEndpointDefault ? (endpointFromEnv(signal, env) ?? http.endpoint) : http.endpoint
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new Error(`${place}.http.endpoint: invalid collector endpoint "${endpoint}": not a URL of HTTP or HTTPS`)
  if (url.pathname === '/' && !endpoint.endsWith('/')) url.pathname = signal.path
  const headers = {
    ...attributesFromEnv(headersFromEnv(signal, env)),
    ...http.headers,
    'Content-Type': 'application/x-protobuf',
    'Content-Encoding': 'gzip',
    'User-Agent': 'tidegate',
  }
  return {
    async send(message) {
      await postBytes({ url, headers, body: await compress(message), timeoutMs, tls: http.tls })
    },
    close() {},
  }
}

/** One connection, made anew after it was lost. */
class GrpcSender implements OtlpSender {
  readonly #authority: string
  readonly #options: NonNullable<OtlpCollector['grpc']>
  readonly #headers: Readonly<Record<string, string>>
  readonly #method: string
  readonly #timeoutMs: number
  #session: ClientHttp2Session | null = null

  constructor(options: NonNullable<OtlpCollector['grpc']>, signal: OtlpSignal, { timeoutMs, env, place }: SenderContext) {
    const given = options.endpoint === grpcEndpointDefault ? (endpointFromEnv(signal, env) ?? options.endpoint) : options.endpoint
    const endpoint = given.replace(/^https?:\/\//, '').replace(/\/$/, '')
    if (!/^(\[[^\]]+\]|[^:/]*):\d+$/.test(endpoint))
      throw new Error(`${place}.grpc.endpoint: invalid collector endpoint "${given}": not host:port`)
    this.#authority = `${options.insecure ? 'http' : 'https'}://${endpoint.startsWith(':') ? 'localhost' : ''}${endpoint}`
    this.#options = options
    this.#headers = { ...attributesFromEnv(headersFromEnv(signal, env)), ...options.headers }
    this.#method = signal.method
    this.#timeoutMs = timeoutMs
  }

  async send(message: Uint8Array): Promise<void> {
    const packed = await compress(message)
    // A message of gRPC: whether it is compressed, its length, itself.
    const frame = Buffer.alloc(5 + packed.length)
    frame[0] = 1
    frame.writeUInt32BE(packed.length, 1)
    packed.copy(frame, 5)
    const session = this.#connected()
    try {
      await this.#call(session, frame)
    } catch (cause) {
      // What is wrong may be the connection: the next call makes another.
      session.destroy()
      throw cause
    }
  }

  close(): void {
    this.#session?.destroy()
    this.#session = null
  }

  #connected(): ClientHttp2Session {
    const open = this.#session
    if (open !== null && !open.closed && !open.destroyed) return open
    const session = connect(this.#authority, { ...tlsOptions(this.#options.tls), ALPNProtocols: ['h2'] })
    // Each call tells by itself what went wrong.
    session.on('error', () => {})
    session.unref()
    this.#session = session
    return session
  }

  #call(session: ClientHttp2Session, frame: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => reject(new Error(`${this.#authority}: ${cause.message}`, { cause }))
      const stream = session.request({
        ':method': 'POST',
        ':path': this.#method,
        'content-type': 'application/grpc',
        'grpc-encoding': 'gzip',
        'te': 'trailers',
        'user-agent': 'tidegate',
        ...lowerNames(this.#headers),
      })
      session.once('error', fail)
      const cancelTimer = systemClock.after(this.#timeoutMs, () => {
        fail(new Error(`no answer within ${this.#timeoutMs} ms`))
        stream.close(constants.NGHTTP2_CANCEL)
      })
      let status: string | undefined
      let text = ''
      const take = (headers: Readonly<Record<string, unknown>>): void => {
        if (typeof headers['grpc-status'] === 'string') status = headers['grpc-status']
        if (typeof headers['grpc-message'] === 'string') text = headers['grpc-message']
        const answered = headers[':status']
        if (typeof answered === 'number' && answered !== 200) text = `HTTP status ${answered}`
      }
      stream.on('response', take)
      stream.on('trailers', take)
      stream.on('error', fail)
      stream.on('close', () => {
        cancelTimer()
        session.off('error', fail)
        if (status === '0') resolve()
        else fail(new Error(status === undefined ? text || 'connection lost' : `gRPC status ${status} ${text}`.trim()))
      })
      stream.resume()
      stream.end(frame)
    })
  }
}

function lowerNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function timeoutOf({ envName }: OtlpSignal, env: Env): number {
  const timeoutMs = Number(env[`OTEL_EXPORTER_OTLP_${envName}_TIMEOUT`] ?? env['OTEL_EXPORTER_OTLP_TIMEOUT'])
  return timeoutMs > 0 ? timeoutMs : timeoutMsDefault
}

function headersFromEnv({ envName }: OtlpSignal, env: Env): string {
  return env[`OTEL_EXPORTER_OTLP_${envName}_HEADERS`] ?? env['OTEL_EXPORTER_OTLP_HEADERS'] ?? ''
}

/** The variable for all signals names the root, that of one signal the whole URL. */
function endpointFromEnv({ envName, path }: OtlpSignal, env: Env): string | undefined {
  const own = env[`OTEL_EXPORTER_OTLP_${envName}_ENDPOINT`]
  if (own !== undefined && own !== '') return own
  const all = env['OTEL_EXPORTER_OTLP_ENDPOINT']
  if (all === undefined || all === '') return undefined
  return /^https?:\/\//.test(all) ? `${all.replace(/\/$/, '')}${path}` : all
}
