/** Cross-origin resource sharing of the `headers` middleware (https://fetch.spec.whatwg.org/#http-cors-protocol). */
import type { HeadersOptions } from '../../../../config/routing/middlewares/headers.ts'
import { compileRe2, type Re2 } from '../../../../std/re2.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { fieldValue } from '../../../http/field-value.ts'
import type { HeaderList } from '../../../http/header-list.ts'
import { respondText } from '../../../http/respond.ts'

/** CORS options, prepared once. */
export class Cors {
  readonly #credentials: boolean
  readonly #origins: readonly string[]
  readonly #patterns: readonly Re2[]
  readonly #allowHeaders: string
  readonly #allowMethods: string
  /** Echo what is asked for: a wildcard means nothing beside credentials. */
  readonly #echoHeaders: boolean
  readonly #echoMethods: boolean
  readonly #exposeHeaders: string
  readonly #maxAge: string
  readonly #addVary: boolean

  constructor(options: HeadersOptions) {
    const credentials = options.accessControlAllowCredentials
    this.#credentials = credentials
    this.#origins = options.accessControlAllowOriginList.map(textToBytes)
    this.#patterns = options.accessControlAllowOriginListRegex.map(compileRe2)
    this.#allowHeaders = fieldValue(options.accessControlAllowHeaders.join(','))
    this.#allowMethods = fieldValue(options.accessControlAllowMethods.join(','))
    this.#echoHeaders = credentials && options.accessControlAllowHeaders.includes('*')
    this.#echoMethods = credentials && options.accessControlAllowMethods.includes('*')
    this.#exposeHeaders =
      credentials && options.accessControlExposeHeaders.includes('*') ? '' : fieldValue(options.accessControlExposeHeaders.join(','))
    this.#maxAge = options.accessControlMaxAge === undefined ? '' : String(options.accessControlMaxAge)
    this.#addVary = options.addVaryHeader
  }

  /** Whether any option of CORS is set, so that preflights are answered. */
  static isAskedFor(options: HeadersOptions): boolean {
    return (
      options.accessControlAllowCredentials ||
      options.accessControlAllowHeaders.length > 0 ||
      options.accessControlAllowMethods.length > 0 ||
      options.accessControlAllowOriginList.length > 0 ||
      options.accessControlAllowOriginListRegex.length > 0 ||
      options.accessControlExposeHeaders.length > 0 ||
      options.accessControlMaxAge !== undefined ||
      options.addVaryHeader
    )
  }

  /** Answers a preflight; false when the request is none. */
  answerPreflight(exchange: Exchange): boolean {
    if (exchange.method !== 'OPTIONS') return false
    const method = exchange.headers.get('access-control-request-method') ?? ''
    const origin = exchange.headers.get('origin') ?? ''
    if (method === '' || origin === '') return false
    const answer = exchange.responseHeaders
    if (this.#credentials) answer.set('Access-Control-Allow-Credentials', 'true')
    const headers = this.#echoHeaders ? (exchange.headers.get('access-control-request-headers') ?? '') : this.#allowHeaders
    if (headers !== '') answer.set('Access-Control-Allow-Headers', headers)
    const methods = this.#echoMethods ? method : this.#allowMethods
    if (methods !== '') answer.set('Access-Control-Allow-Methods', methods)
    const allowed = this.#allowedOrigin(origin)
    if (allowed !== '') answer.set('Access-Control-Allow-Origin', allowed)
    if (this.#maxAge !== '') answer.set('Access-Control-Max-Age', this.#maxAge)
    if (this.#exposeHeaders !== '') answer.set('Access-Control-Expose-Headers', this.#exposeHeaders)
    respondText(exchange, 200, '', 'middleware_answer')
    return true
  }

  /** Sets what other answers carry. */
  complete(exchange: Exchange): void {
    const answer = exchange.responseHeaders
    const allowed = this.#allowedOrigin(exchange.headers.get('origin') ?? '')
    if (allowed !== '') answer.set('Access-Control-Allow-Origin', allowed)
    if (this.#credentials) answer.set('Access-Control-Allow-Credentials', 'true')
    if (this.#exposeHeaders !== '') answer.set('Access-Control-Expose-Headers', this.#exposeHeaders)
    if (this.#addVary) addVaryOrigin(answer)
  }

  /** The origin to allow; '' when there is none. */
  #allowedOrigin(origin: string): string {
    for (let index = 0; index < this.#origins.length; index += 1) {
      const listed = this.#origins[index]!
      if (listed === origin) return listed
      if (listed !== '*') continue
      if (!this.#credentials) return listed
      // The null origin is that of any sandboxed page: it gets no credentials unless it is listed by name.
      return origin === 'null' ? '' : origin
    }
    if (origin === '') return ''
    for (let index = 0; index < this.#patterns.length; index += 1) if (this.#patterns[index]?.testBytes(origin) === true) return origin
    return ''
  }
}

/** Adds Origin to Vary; of several lines, all stay and become one. */
function addVaryOrigin(answer: HeaderList): void {
  const lines = answer.getAll('vary')
  if (lines[0] === 'Origin') return
  const known = lines.filter((line) => line !== '').join(',')
  answer.set('Vary', known === '' ? 'Origin' : `${known},Origin`)
}
