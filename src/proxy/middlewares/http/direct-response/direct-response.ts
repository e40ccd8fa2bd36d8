/** `directResponse`: answers every request by itself. */
import type { DirectResponseOptions } from '../../../../config/routing/middlewares/direct-response.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange, Handler } from '../../../http/exchange.ts'
import { fieldValue } from '../../../http/field-value.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { respondText } from '../../../http/respond.ts'
import { compileTemplate } from './template.ts'

/** Answers with a status, fields and a body; requests never get further. */
export const directResponse = defineMiddleware<DirectResponseOptions>({
  key: 'directResponse',
  create(options) {
    const { status } = options
    const fields = fieldsOf(options)
    const body = textToBytes(options.body)
    const render = options.template ? compileTemplate(body, options.contentType) : null
    const answer: Handler = (exchange) => {
      setFields(exchange, fields)
      respondText(exchange, status, render === null ? body : render(exchange, status), 'middleware_answer')
    }
    return () => answer
  },
})

function fieldsOf({ contentType, headers, body }: DirectResponseOptions): readonly (readonly [string, string])[] {
  const own: [string, string][] = contentType === '' || body === '' ? [] : [['Content-Type', fieldValue(contentType)]]
  return [...own, ...Object.entries(headers).map(([name, value]): [string, string] => [name, fieldValue(value)])]
}

function setFields(exchange: Exchange, fields: readonly (readonly [string, string])[]): void {
  for (const [name, value] of fields) exchange.responseHeaders.set(name, value)
}
