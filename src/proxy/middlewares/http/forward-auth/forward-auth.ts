/** `forwardAuth`: asks another server whether a request may pass. */
import { forwardAuth as forwardAuthOptions, type ForwardAuthOptions } from '../../../../config/routing/middlewares/forward-auth.ts'
import type { TransportPlan } from '../../../../generation/plan.ts'
import { readAhead, type WholeBody } from '../../../http/body-buffer.ts'
import type { BodySource } from '../../../http/body.ts'
import type { CollectedAnswer } from '../../../http/collected-answer.ts'
import type { Exchange, Handler, Middleware } from '../../../http/exchange.ts'
import { defineMiddleware, type MiddlewareContext } from '../../../http/middleware.ts'
import { respondText, statusText } from '../../../http/respond.ts'
import { AuthAnswers } from './auth-answer.ts'
import { AuthRequestFields } from './auth-request.ts'
import { CheckCache } from './check-cache.ts'
import { authTransport } from './transport-plan.ts'

/** How long the authentication server may take, in milliseconds. */
const timeoutMs = 30_000

/** Lets requests pass that another server lets pass. */
export const forwardAuth = defineMiddleware<ForwardAuthOptions>({
  key: forwardAuthOptions.key,
  create: (options, context) => new ForwardAuth(options, context).middleware,
})

class ForwardAuth {
  readonly #options: ForwardAuthOptions
  readonly #outbound: MiddlewareContext['outbound']
  readonly #transport: TransportPlan | null
  readonly #fields: AuthRequestFields
  readonly #answers: AuthAnswers
  readonly #cache: CheckCache | null
  /** Whether anybody can be asked at this address. */
  readonly #isReachable: boolean
  readonly #userKey: string

  constructor(options: ForwardAuthOptions, context: MiddlewareContext) {
    this.#options = options
    this.#outbound = context.outbound
    this.#transport = authTransport(context.name, options)
    this.#fields = new AuthRequestFields(options)
    this.#answers = new AuthAnswers(options)
    this.#cache = options.cache === undefined ? null : new CheckCache(options.cache, context.wheel.clock)
    this.#isReachable = /^https?:\/\//i.test(options.address) && URL.canParse(options.address)
    if (!this.#isReachable) context.warn(`forwardAuth.address: ${options.address} is no URL of http or https; every request is refused`)
    if (options.maxResponseBodySize === undefined)
      context.warn('forwardAuth.maxResponseBodySize: not set, so that answers of any size are read into memory')
    this.#userKey = options.headerField.toLowerCase()
  }

  readonly middleware: Middleware = (next) => (exchange) => {
    if (!this.#isReachable) {
      respondText(exchange, 500, '', 'auth_unreachable')
      return undefined
    }
    if (this.#options.forwardBody && exchange.body !== null) return this.#checkWithBody(exchange, exchange.body, next)
    const cache = this.#cache
    if (cache === null) return this.#call(exchange, null, exchange).then((answer) => this.#judge(exchange, answer, next))
    const key = cache.keyOf(exchange)
    const known = cache.find(key)
    if (known !== null) return this.#judge(exchange, known, next)
    // Others may wait for the same answer, so it does not end with this client.
    return cache.ask(key, () => this.#call(exchange, null, null)).then((answer) => this.#judge(exchange, answer, next))
  }

  async #checkWithBody(exchange: Exchange, body: BodySource, next: Handler): Promise<void> {
    const { maxBodySize } = this.#options
    if (maxBodySize >= 0 && body.length > maxBodySize) {
      respondText(exchange, 401, '', 'auth_too_large')
      return
    }
    const read = await readAhead(body, maxBodySize)
    if (exchange.finished || exchange.aborted !== null) return
    if (read.kind === 'longer') {
      read.body.discard()
      respondText(exchange, 401, '', 'auth_too_large')
      return
    }
    if (read.kind === 'failed') {
      respondText(exchange, 500, '', read.reason)
      return
    }
    exchange.body = read.body.copy()
    const answer = await this.#call(exchange, read.body, exchange)
    await this.#judge(exchange, answer, next)
  }

  #call(exchange: Exchange, body: WholeBody | null, waiting: Exchange | null): Promise<CollectedAnswer> {
    const { address, preserveRequestMethod, maxResponseBodySize } = this.#options
    return this.#outbound.call({
      method: preserveRequestMethod ? exchange.method : 'GET',
      url: address,
      headers: this.#fields.of(exchange),
      body: body === null || body.length === 0 ? null : body.copy(),
      bytesMax: maxResponseBodySize ?? -1,
      timeoutMs,
      transport: this.#transport,
      waiting,
    })
  }

  #judge(exchange: Exchange, answer: CollectedAnswer, next: Handler): void | Promise<void> {
    if (exchange.finished || exchange.aborted !== null) return undefined
    const { status, headers } = answer
    if (answer.isTooLong) {
      respondText(exchange, 401, '', 'auth_too_large')
      return undefined
    }
    if (answer.reason !== null) {
      respondText(exchange, 500, '', 'auth_unreachable')
      return undefined
    }
    if (this.#userKey !== '') exchange.username = headers.get(this.#userKey) ?? exchange.username
    const { authSigninURL } = this.#options
    if (authSigninURL !== '' && status === 401) {
      exchange.responseHeaders.set('Location', authSigninURL)
      respondText(exchange, 302, statusText(302), 'auth_refused')
      return undefined
    }
    if (status < 200 || status > 299) {
      this.#answers.refuse(exchange, answer)
      return undefined
    }
    this.#answers.apply(exchange, answer)
    return next(exchange)
  }
}
