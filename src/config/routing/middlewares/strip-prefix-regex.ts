import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'
import { regexpError } from '../regexp-error.ts'

/** Takes a prefix that matches a pattern off the request path. */
export const stripPrefixRegex = defineMiddlewareOptions({
  key: 'stripPrefixRegex',
  options: object('Takes a prefix that matches a pattern off the request path.', {
    regex: textList('Patterns for the begin of the path.'),
  }),
  check({ regex }) {
    for (const pattern of regex) {
      const problem = regexpError(pattern.trim())
      if (problem !== undefined) return problem
    }
    return undefined
  },
})

/** Options of `stripPrefixRegex`. */
export type StripPrefixRegexOptions = Static<typeof stripPrefixRegex.options>
