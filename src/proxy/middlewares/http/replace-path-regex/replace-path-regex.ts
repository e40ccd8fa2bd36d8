/** `replacePathRegex`: replaces what matches in the path. */
import type { ReplacePathRegexOptions } from '../../../../config/routing/middlewares/replace-path-regex.ts'
import { compileRe2 } from '../../../../std/re2.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { decodedPath, encodedPath, hasMalformedEscape, staysCanonical } from '../../../http/path.ts'
import { replacePathBy } from '../../../http/replaced-path.ts'
import { respondPlainError } from '../../../http/respond.ts'

/** Replaces every match in the escaped path; the old path is told in X-Replaced-Path, the query stays. */
export const replacePathRegex = defineMiddleware<ReplacePathRegexOptions>({
  key: 'replacePathRegex',
  isPure: true,
  create(options) {
    const pattern = compileRe2(options.regex.trim())
    const replacement = options.replacement.trim()
    return (next) => (exchange) => {
      // The escaped path is ASCII, so bytes and text are the same.
      const { path } = exchange
      if (!pattern.test(path)) return next(exchange)
      const raw = pattern.replaceAllBytes(path, replacement)
      if (hasMalformedEscape(raw)) {
        respondPlainError(exchange, 500, 'invalid URL escape in the replaced path', 'middleware_error')
        return undefined
      }
      const replaced = encodedPath(decodedPath(raw), raw)
      if (replaced !== '' && !staysCanonical(replaced)) {
        respondPlainError(exchange, 400, 'Bad Request', 'bad_path')
        return undefined
      }
      replacePathBy(exchange, replaced)
      return next(exchange)
    }
  },
})
