/** `addPrefix`: puts a fixed prefix in front of the path. */
import type { AddPrefixOptions } from '../../../../config/routing/middlewares/add-prefix.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { escapePath, isWrittenPath, rawPathOf } from '../../../http/path.ts'

/** Puts a fixed prefix in front of the path. */
export const addPrefix = defineMiddleware<AddPrefixOptions>({
  key: 'addPrefix',
  isPure: true,
  create(options) {
    const text = textToBytes(options.prefix)
    const prefix = text.startsWith('/') ? text : `/${text}`
    const escaped = escapePath(prefix)
    // Delimiters such as `(` are escaped only where the whole path is written anew, which is when it holds nothing that must keep its form.
    if (escaped === prefix || prefix.includes('%') || !isWrittenPath(prefix)) {
      return (next) => (exchange) => {
        exchange.path = escaped + exchange.path
        return next(exchange)
      }
    }
    return (next) => (exchange) => {
      exchange.path = (rawPathOf(exchange.path) === '' ? escaped : prefix) + exchange.path
      return next(exchange)
    }
  },
})
