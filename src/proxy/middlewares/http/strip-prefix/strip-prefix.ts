/** `stripPrefix`: takes the first prefix that fits off the path. */
import type { StripPrefixOptions } from '../../../../config/routing/middlewares/strip-prefix.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { decodedPath } from '../../../http/path.ts'
import { takePrefixOff } from '../../../http/prefix.ts'

/** Takes the first prefix that fits off the path. Prefixes are compared with the decoded path, as plain text. */
export const stripPrefix = defineMiddleware<StripPrefixOptions>({
  key: 'stripPrefix',
  isPure: true,
  create(options) {
    const prefixes = options.prefixes.map((prefix) => textToBytes(prefix.trim()))
    const forceSlash = options.forceSlash === true
    return (next) => (exchange) => {
      const path = decodedPath(exchange.path)
      for (let index = 0; index < prefixes.length; index += 1) {
        const prefix = prefixes[index]!
        if (!path.startsWith(prefix)) continue
        return takePrefixOff(exchange, prefix, forceSlash) ? next(exchange) : undefined
      }
      return next(exchange)
    }
  },
})
