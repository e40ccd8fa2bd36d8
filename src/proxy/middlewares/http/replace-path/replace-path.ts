/** `replacePath`: replaces the path by a fixed one. */
import type { ReplacePathOptions } from '../../../../config/routing/middlewares/replace-path.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { decodedPath, encodedPath, hasMalformedEscape } from '../../../http/path.ts'
import { replacePathBy } from '../../../http/replaced-path.ts'
import { respondPlainError } from '../../../http/respond.ts'

/** Replaces the path; the old one is told in X-Replaced-Path, the query stays. */
export const replacePath = defineMiddleware<ReplacePathOptions>({
  key: 'replacePath',
  isPure: true,
  create(options) {
    const text = textToBytes(options.path)
    if (hasMalformedEscape(text))
      return () => (exchange) => respondPlainError(exchange, 500, 'invalid URL escape in the replacement', 'middleware_error')
    const path = encodedPath(decodedPath(text), text)
    return (next) => (exchange) => {
      replacePathBy(exchange, path)
      return next(exchange)
    }
  },
})
