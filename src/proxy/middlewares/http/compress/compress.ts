/** `compress`: compresses answers with gzip, Brotli or Zstandard. */
import { parseMediaType } from '../../../../config/routing/media-type.ts'
import { compress as compressOptions, contentEncodings, type CompressOptions } from '../../../../config/routing/middlewares/compress.ts'
import type { Exchange, Middleware } from '../../../http/exchange.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { EncodingChoice } from './accept-encoding.ts'
import { CompressingSink, type CompressPolicy } from './compressing-sink.ts'
import { encodingOf } from './encoders.ts'

const bytesMinDefault = 1024

/** Compresses answers for clients that take it. */
export const compress = defineMiddleware<CompressOptions>({
  key: compressOptions.key,
  create(options): Middleware {
    // An empty list means all of them: `encodings: []` in a file.
    const offered = options.encodings.length > 0 ? options.encodings : contentEncodings
    const choice = new EncodingChoice(offered, options.defaultEncoding)
    const policy = new Policy(options)
    const { skipCrossSite } = options
    return (next) => (exchange) => {
      if (exchange.method === 'HEAD' || isGrpc(exchange)) return next(exchange)
      const name = choice.of(exchange.headers.getAll('accept-encoding'))
      if (name === '' || (skipCrossSite && exchange.headers.get('sec-fetch-site') === 'cross-site')) return next(exchange)
      const sink = new CompressingSink(exchange.sink, encodingOf(name), policy)
      exchange.sink = sink
      exchange.addResponseHook(sink)
      return next(exchange)
    }
  },
})

/** Messages of gRPC are compressed one by one, by its own rules. */
function isGrpc({ headers }: Exchange): boolean {
  return headers.get('content-type')?.startsWith('application/grpc') === true
}

/** Which answers are compressed. */
class Policy implements CompressPolicy {
  readonly #bytesMin: number
  readonly weakensEtags: boolean
  readonly #excluded: ReadonlySet<string>
  /** Null: all but the excluded ones. */
  readonly #included: ReadonlySet<string> | null

  constructor(options: CompressOptions) {
    this.#bytesMin = options.minResponseBodyBytes > 0 ? options.minResponseBodyBytes : bytesMinDefault
    this.weakensEtags = options.weakETags
    this.#excluded = new Set(['application/grpc', ...typesOf(options.excludedContentTypes)])
    this.#included = options.includedContentTypes.length > 0 ? new Set(typesOf(options.includedContentTypes)) : null
  }

  admits(exchange: Exchange, encoding: string): boolean {
    const { status, responseLength, responseHeaders } = exchange
    if (status < 200 || status === 204 || status === 304 || status === 206) return false
    if (responseLength >= 0 && responseLength < this.#bytesMin) return false
    if ((responseHeaders.get('content-encoding') ?? '') !== '' || responseHeaders.has('content-range')) return false
    if (forbidsTransform(responseHeaders.getAll('cache-control'))) return false
    return this.#admitsType(responseHeaders.get('content-type') ?? '', encoding)
  }

  #admitsType(value: string, encoding: string): boolean {
    // What cannot be told by its type: as Traefik, whose handlers of gzip and of the others differ here.
    if (value === '') return this.#included === null || encoding !== 'gzip'
    const type = parseMediaType(value)
    if (type === undefined) return this.#included === null && encoding === 'gzip'
    return this.#included === null ? !this.#excluded.has(type) : this.#included.has(type)
  }
}

function typesOf(values: readonly string[]): string[] {
  return values.flatMap((value) => parseMediaType(value) ?? [])
}

/** Whether intermediaries must leave the answer as it is (RFC 9111 §5.2.2.6). */
function forbidsTransform(values: readonly string[]): boolean {
  for (const value of values) if (value.includes('no-transform')) return true
  return false
}
