/** `redirectRegex`: redirects requests whose URL matches a pattern. */
import type { RedirectRegexOptions } from '../../../../config/routing/middlewares/redirect-regex.ts'
import { compileRe2 } from '../../../../std/re2.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { redirect, requestUri } from '../../../http/redirect.ts'

/**
 * Replaces every match in the whole URL and redirects there when that changed something. The scheme is that of the connection, whatever
 * X-Forwarded-Proto says; the host is as the client spelled it.
 */
export const redirectRegex = defineMiddleware<RedirectRegexOptions>({
  key: 'redirectRegex',
  isPure: true,
  create(options) {
    const pattern = compileRe2(options.regex)
    const { replacement, permanent } = options
    return (next) => (exchange) => {
      const before = `${exchange.scheme}://${exchange.hostRaw}${requestUri(exchange)}`
      if (!pattern.testBytes(before)) return next(exchange)
      const after = pattern.replaceAllBytes(before, replacement)
      if (after === before) return next(exchange)
      redirect(exchange, after, permanent)
      return undefined
    }
  },
})
