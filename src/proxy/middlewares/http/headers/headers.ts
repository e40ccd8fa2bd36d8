/** `headers`: custom fields, CORS and security fields. */
import { headers as headersOptions, type HeadersOptions } from '../../../../config/routing/middlewares/headers.ts'
import type { Exchange, ResponseHook } from '../../../http/exchange.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { SniffingSink } from '../../../http/sniffing-sink.ts'
import { Cors } from './cors.ts'
import { applyChanges, changeRequest, type FieldChange, fieldChanges, requestChanges } from './custom-headers.ts'
import { Security } from './security.ts'

/** What is done to every answer; added in front of the security fields, so that it has the last word. */
class AnswerChanges implements ResponseHook {
  readonly #custom: readonly FieldChange[]
  readonly #cors: Cors | null

  constructor(custom: readonly FieldChange[], cors: Cors | null) {
    this.#custom = custom
    this.#cors = cors
  }

  onResponse(exchange: Exchange): void {
    if (exchange.status === 101) return
    applyChanges(exchange.responseHeaders, this.#custom)
    this.#cors?.complete(exchange)
  }
}

/**
 * Changes fields of requests and answers. On a request: preflight, custom fields, then the check of the host; on an answer: security fields, then
 * custom ones and CORS. Preflight answers carry nothing but CORS, and 1xx answers nothing at all. Where Content-Type is removed, answers get the one
 * that their body looks like, as Go's server gives them.
 */
export const headers = defineMiddleware<HeadersOptions>({
  key: headersOptions.key,
  isPure: true,
  create(options) {
    const cors = Cors.isAskedFor(options) ? new Cors(options) : null
    const security = Security.isAskedFor(options) ? new Security(options) : null
    const custom = fieldChanges(options.customResponseHeaders)
    const isSniffed = custom.some((change) => change.key === 'content-type' && change.removes)
    const answer = custom.length > 0 || cors !== null ? new AnswerChanges(custom, cors) : null
    const request = Object.keys(options.customRequestHeaders).length > 0 ? requestChanges(options.customRequestHeaders) : null
    return (next) => (exchange) => {
      if (cors !== null && cors.answerPreflight(exchange)) return undefined
      if (request !== null) changeRequest(exchange, request)
      if (answer !== null) exchange.addResponseHook(answer)
      if (isSniffed) exchange.sink = new SniffingSink(exchange.sink)
      if (security !== null && !security.apply(exchange)) return undefined
      return next(exchange)
    }
  },
})
