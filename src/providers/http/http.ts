/** Routing configuration from a URL that is asked again and again. */
import { createHash } from 'node:crypto'
import type { HttpProviderOptions } from '../../config/install/providers/http.ts'
import { type DecodedRouting, decodeRouting } from '../../config/routing/decode-routing.ts'
import type { CancelTimer } from '../../std/clock.ts'
import { defineProvider, type Provider, type ProviderContext } from '../provider.ts'
import type { FetchedText } from './fetch-text.ts'

/** The http provider. */
export const http = defineProvider<HttpProviderOptions>({
  key: 'http',
  name: 'http',
  title: 'HTTP',
  create(options, context) {
    if (options.endpoint === '') throw new Error('providers.http.endpoint: a non-empty endpoint is required')
    if (!(options.pollInterval > 0)) throw new Error('providers.http.pollInterval: must be greater than 0')
    return new HttpProvider(options, parseEndpoint(options.endpoint), context)
  },
})

/** What stands for "no limit" of the answer's size: a text of this many bytes still fits into memory. */
const bodyBytesHardMax = 256 * 1024 * 1024

/** After an error it is asked again after this time, then after twice as long, up to the poll interval. */
const retryMs = 500

function parseEndpoint(endpoint: string): URL {
  const url = URL.parse(endpoint)
  // The text may hold a password, so that it is not repeated.
  if (url === null) throw new Error('providers.http.endpoint: is not a URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`providers.http.endpoint: scheme "${url.protocol.slice(0, -1)}" is not http or https`)
  return url
}

class HttpProvider implements Provider {
  readonly #options: HttpProviderOptions
  readonly #url: URL
  readonly #context: ProviderContext
  /** The endpoint without what may be secret in it. */
  readonly #label: string
  #digest = ''
  #failures = 0
  #timer: CancelTimer | null = null
  #asking: AbortController | null = null
  #closed = false

  constructor(options: HttpProviderOptions, url: URL, context: ProviderContext) {
    this.#options = options
    this.#url = url
    this.#context = context
    this.#label = `${url.protocol}//${url.host}${url.pathname}`
    this.reload()
  }

  /** Asks now; a question that is under way counts. */
  reload(): void {
    if (this.#closed || this.#asking !== null) return
    this.#timer?.()
    this.#timer = null
    void this.#ask()
  }

  close(): void {
    this.#closed = true
    this.#timer?.()
    this.#asking?.abort()
  }

  async #ask(): Promise<void> {
    const { clock, logger } = this.#context
    const asking = new AbortController()
    this.#asking = asking
    const { pollTimeout } = this.#options
    const cancel = pollTimeout > 0 ? clock.after(pollTimeout, () => asking.abort(new Error(`no answer within ${pollTimeout} ms`))) : null
    try {
      // Loaded with the first question: Node's HTTP client costs some 20 MiB of resident memory.
      const { fetchText } = await import('./fetch-text.ts')
      this.#take(
        await fetchText({
          url: this.#url,
          headers: this.#options.headers,
          tls: this.#options.tls,
          bodyBytesMax: this.#bodyBytesMax(),
          signal: asking.signal,
        }),
      )
      this.#failures = 0
    } catch (cause) {
      if (this.#closed) return
      this.#failures += 1
      // The last good snapshot stays in force.
      logger.error(`cannot read ${this.#label}: ${reasonOf(asking.signal.aborted ? asking.signal.reason : cause)}`)
    } finally {
      cancel?.()
      this.#asking = null
    }
    if (this.#closed) return
    this.#timer = clock.after(this.#pauseMs(), () => this.reload())
  }

  #bodyBytesMax(): number {
    const { maxResponseBodySize } = this.#options
    return maxResponseBodySize < 0 ? bodyBytesHardMax : Math.min(maxResponseBodySize, bodyBytesHardMax)
  }

  #pauseMs(): number {
    const { pollInterval } = this.#options
    return this.#failures === 0 ? pollInterval : Math.min(pollInterval, retryMs * 2 ** (this.#failures - 1))
  }

  #take(answer: FetchedText): void {
    if (this.#closed) return
    const digest = createHash('sha256').update(answer.text).digest('base64')
    if (digest === this.#digest) return
    // A broken answer is told of once, not at each turn.
    this.#digest = digest
    const { routing, problems, locate } = decode(answer, this.#label)
    this.#context.report(problems)
    if (routing !== undefined) this.#context.publish({ routing, locate })
  }
}

/** YAML holds JSON, too, but JSON is read twenty times faster by its own reader. */
function decode({ text }: FetchedText, label: string): DecodedRouting {
  if (!/^\s*\{/.test(text)) return decodeRouting(text, 'yaml', { file: label })
  const asJson = decodeRouting(text, 'json', { file: label })
  return asJson.routing === undefined && !isJson(text) ? decodeRouting(text, 'yaml', { file: label }) : asJson
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    // What is no JSON may still be YAML.
    return false
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
