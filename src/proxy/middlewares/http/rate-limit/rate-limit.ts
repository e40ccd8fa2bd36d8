/** `rateLimit`: limits how often requests of one source are served. */
import type { RateLimitOptions } from '../../../../config/routing/middlewares/rate-limit.ts'
import { formatGoDuration } from '../../../../std/duration.ts'
import { processNs } from '../../../../std/process-clock.ts'
import type { Exchange, Handler, ResponseHook } from '../../../http/exchange.ts'
import { runContained } from '../../../http/inner-exchange.ts'
import { defineMiddleware, type MiddlewareContext } from '../../../http/middleware.ts'
import { respondPlainError, respondText, statusText } from '../../../http/respond.ts'
import { buildSource, type Source } from '../../../http/source-criterion.ts'
import { type Limit, limitOf } from './limit.ts'
import type { RedisBuckets } from './redis-buckets.ts'
import { TokenBuckets } from './token-buckets.ts'

/** Time between two lines about requests that a limit in shadow mode would have refused, in milliseconds. */
const shadowLogMs = 10_000

/**
 * Refuses with 429 what comes faster than the limit; what comes a little early is held back until its time. Each router has buckets of its own, exact
 * over all workers; those in Redis are shared by all routers and instances.
 */
export const rateLimit = defineMiddleware<RateLimitOptions>({
  key: 'rateLimit',
  create(options, context) {
    if (options.average <= 0) return (next) => next
    const limiter = new Limiter(options, context)
    return options.redis === undefined ? limiter.limitInMemory(context) : limiter.limitInRedis(options.redis, context)
  },
})

class Limiter {
  readonly #source: Source
  readonly #limit: Limit
  readonly #context: MiddlewareContext
  readonly #fields: LimitFields | null
  readonly #shadow: ShadowLog | null

  constructor(options: RateLimitOptions, context: MiddlewareContext) {
    this.#source = buildSource(options.sourceCriterion, 'address')
    this.#limit = limitOf(options)
    this.#context = context
    this.#fields = options.rateLimitHeaders ? new LimitFields(context.name, this.#limit) : null
    this.#shadow = options.shadow ? new ShadowLog(context) : null
  }

  limitInMemory({ shared, random }: MiddlewareContext): (next: Handler) => Handler {
    const buckets = new TokenBuckets(shared, this.#limit, processNs, random)
    const source = this.#source
    return (next) => (exchange) => {
      const waitNs = buckets.take(exchange.routerName, source(exchange))
      this.#fields?.attach(exchange, buckets.remaining, buckets.fullInNs)
      if (waitNs === 0) return next(exchange)
      return this.#later(exchange, waitNs, next)
    }
  }

  limitInRedis(redis: NonNullable<RateLimitOptions['redis']>, context: MiddlewareContext): (next: Handler) => Handler {
    let buckets: Promise<RedisBuckets> | null = null
    const open = async (): Promise<RedisBuckets> => {
      const { RedisBuckets: Buckets } = await import('./redis-buckets.ts')
      return new Buckets(redis, this.#limit, (error) => context.warn(`redis: ${error}`))
    }
    context.onClose(() => {
      // Requests that are under way may still ask; each ends by itself.
      buckets?.then((opened) => opened.close()).catch(() => {})
    })
    const source = this.#source
    return (next) => async (exchange) => {
      buckets ??= open()
      let waitNs: number
      try {
        const bucket = await (await buckets).take(`rate:${context.name}:${source(exchange)}`)
        this.#fields?.attach(exchange, Math.max(0, Math.floor(bucket.tokens)), (this.#limit.burst - bucket.tokens) * this.#limit.intervalNs)
        waitNs = bucket.waitNs
      } catch {
        if (redis.whenAway === 'open') await next(exchange)
        else respondPlainError(exchange, 500, 'Could not insert/update bucket', 'rate_limit_unavailable')
        return
      }
      if (exchange.aborted !== null || exchange.finished) return
      if (waitNs === 0) await next(exchange)
      else await this.#later(exchange, waitNs, next)
    }
  }

  /** Passes the exchange on after its time, or refuses it. */
  #later(exchange: Exchange, waitNs: number, next: Handler): void | Promise<void> {
    if (waitNs > 0) {
      this.#context.wheel.clock.after(waitNs / 1e6, () => {
        if (exchange.aborted === null && !exchange.finished) runContained(exchange, next)
      })
      return undefined
    }
    if (this.#shadow !== null) {
      this.#shadow.count()
      return next(exchange)
    }
    const seconds = -waitNs / 1e9
    exchange.responseHeaders.set('Retry-After', String(Math.ceil(seconds)))
    exchange.responseHeaders.set('X-Retry-In', formatGoDuration(-waitNs / 1e6))
    respondText(exchange, 429, statusText(429), 'rate_limited')
    return undefined
  }
}

/** Tells clients about the limit (drafts 6 and 10 of RateLimit header fields for HTTP). */
class LimitFields {
  readonly #name: string
  readonly #burst: string
  readonly #policy: string

  constructor(name: string, { burst, intervalNs }: Limit) {
    this.#name = `"${name.replaceAll(/[^\w.@/-]/g, '_')}"`
    this.#burst = String(burst)
    this.#policy = `${this.#name};q=${burst};w=${Math.ceil((burst * intervalNs) / 1e9)}`
  }

  attach(exchange: Exchange, remaining: number, fullInNs: number): void {
    const seconds = Math.max(0, Math.ceil(fullInNs / 1e9))
    exchange.addResponseHook(
      new LimitHook({ policy: this.#policy, state: `${this.#name};r=${remaining};t=${seconds}`, burst: this.#burst, remaining, seconds }),
    )
  }
}

/** What the fields say. */
interface LimitState {
  readonly policy: string
  readonly state: string
  readonly burst: string
  readonly remaining: number
  readonly seconds: number
}

class LimitHook implements ResponseHook {
  readonly #state: LimitState

  constructor(state: LimitState) {
    this.#state = state
  }

  onResponse({ responseHeaders }: Exchange): void {
    const { policy, state, burst, remaining, seconds } = this.#state
    responseHeaders.set('RateLimit-Policy', policy)
    responseHeaders.set('RateLimit', state)
    responseHeaders.set('RateLimit-Limit', burst)
    responseHeaders.set('RateLimit-Remaining', String(remaining))
    responseHeaders.set('RateLimit-Reset', String(seconds))
  }
}

/** Counts what would have been refused, and says so now and then. */
class ShadowLog {
  readonly #context: MiddlewareContext
  #count = 0
  #sinceMs = Number.NEGATIVE_INFINITY

  constructor(context: MiddlewareContext) {
    this.#context = context
  }

  count(): void {
    this.#count += 1
    const nowMs = this.#context.wheel.coarseMs
    if (nowMs - this.#sinceMs < shadowLogMs) return
    this.#context.warn('rate limit in shadow mode: requests above the limit passed', { requests: String(this.#count) })
    this.#count = 0
    this.#sinceMs = nowMs
  }
}
