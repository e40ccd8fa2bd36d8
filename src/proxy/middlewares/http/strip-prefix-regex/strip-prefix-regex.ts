/** `stripPrefixRegex`: takes a prefix that matches a pattern off the path. */
import type { StripPrefixRegexOptions } from '../../../../config/routing/middlewares/strip-prefix-regex.ts'
import { compileRe2 } from '../../../../std/re2.ts'
import { bytesToText, textToBytes } from '../../../../std/utf8.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { decodedPath } from '../../../http/path.ts'
import { takePrefixOff } from '../../../http/prefix.ts'

/** Takes off what the first pattern matches at the begin of the decoded path. */
export const stripPrefixRegex = defineMiddleware<StripPrefixRegexOptions>({
  key: 'stripPrefixRegex',
  isPure: true,
  create(options) {
    const patterns = options.regex.map((pattern) => compileRe2(pattern.trim()))
    return (next) => (exchange) => {
      const path = bytesToText(decodedPath(exchange.path))
      for (let index = 0; index < patterns.length; index += 1) {
        const match = patterns[index]?.find(path)
        if (match === undefined || match === null || match[1] === match[0]) continue
        const matched = path.slice(match[0], match[1])
        // The leftmost match counts, even when it is further on; the same text may stand at the begin as well.
        if (!path.startsWith(matched)) continue
        return takePrefixOff(exchange, textToBytes(matched), false) ? next(exchange) : undefined
      }
      return next(exchange)
    }
  },
})
