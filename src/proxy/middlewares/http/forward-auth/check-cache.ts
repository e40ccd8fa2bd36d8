/** Remembers what the authentication server said, and asks equal questions at one time only once. */
import { createHash } from 'node:crypto'
import type { ForwardAuthOptions } from '../../../../config/routing/middlewares/forward-auth.ts'
import type { Clock } from '../../../../std/clock.ts'
import type { CollectedAnswer } from '../../../http/collected-answer.ts'
import type { Exchange } from '../../../http/exchange.ts'

/** Options of the cache. */
export type CacheOptions = NonNullable<ForwardAuthOptions['cache']>

/** Longest body of an answer that is remembered, in bytes. */
const bodyBytesMax = 64 * 1024

interface Entry {
  readonly answer: CollectedAnswer
  readonly untilMs: number
}

/** Answers by what they depend on. */
export class CheckCache {
  readonly #options: CacheOptions
  readonly #clock: Clock
  readonly #headers: readonly string[]
  readonly #entries = new Map<string, Entry>()
  readonly #asking = new Map<string, Promise<CollectedAnswer>>()

  constructor(options: CacheOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#headers = options.headers.map((name) => name.toLowerCase())
  }

  /** What the answer for a request depends on. A digest, so that no credentials are kept. */
  keyOf(exchange: Exchange): string {
    const hash = createHash('sha256')
    for (const name of this.#headers) hash.update(`${name}\n${exchange.headers.getAll(name).join('\n')}\0`)
    for (const part of this.#options.parts) hash.update(`${partOf(exchange, part)}\0`)
    return hash.digest('base64')
  }

  /** An answer that is still good. */
  find(key: string): CollectedAnswer | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    if (entry.untilMs > this.#clock.monotonicMs()) return entry.answer
    this.#entries.delete(key)
    return null
  }

  /** Asks, unless somebody is asking the same just now. */
  ask(key: string, call: () => Promise<CollectedAnswer>): Promise<CollectedAnswer> {
    const asking = this.#asking.get(key)
    if (asking !== undefined) return asking
    const asked = call()
    if (this.#asking.size >= this.#options.maxEntries) return asked
    this.#asking.set(key, asked)
    return asked.then(
      (answer) => {
        this.#asking.delete(key)
        this.#keep(key, answer)
        return answer
      },
      (error: unknown) => {
        this.#asking.delete(key)
        throw error
      },
    )
  }

  #keep(key: string, answer: CollectedAnswer): void {
    const { ttl, negativeTtl, maxEntries, storeSetCookie } = this.#options
    const lifetimeMs = answer.status >= 200 && answer.status < 300 ? ttl : negativeTtl
    if (lifetimeMs <= 0 || answer.reason !== null || answer.isTooLong || answer.status === 429 || answer.status >= 500) return
    if (answer.body.length > bodyBytesMax) return
    if (!storeSetCookie && answer.headers.has('set-cookie')) return
    if (answer.headers.getAll('cache-control').some((value) => value.toLowerCase().includes('no-store'))) return
    this.#entries.delete(key)
    if (this.#entries.size >= maxEntries) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(key, { answer, untilMs: this.#clock.monotonicMs() + lifetimeMs })
  }
}

function partOf(exchange: Exchange, part: string): string {
  switch (part) {
    case 'clientIP':
      return exchange.clientIp
    case 'host':
      return exchange.hostRaw
    case 'method':
      return exchange.method
    case 'path':
      return exchange.path
    case 'query':
      return exchange.hasQuery ? `?${exchange.rawQuery}` : ''
    default:
      return exchange.scheme
  }
}
