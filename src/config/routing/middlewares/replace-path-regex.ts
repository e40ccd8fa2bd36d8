import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'
import { regexpError } from '../regexp-error.ts'

/** Replaces what matches in the request path. */
export const replacePathRegex = defineMiddlewareOptions({
  key: 'replacePathRegex',
  options: object('Replaces what matches in the request path.', {
    regex: text('Pattern for the path.'),
    replacement: text('What stands there instead, with `$1` for groups of the pattern.'),
  }),
  check({ regex }) {
    const problem = regexpError(regex.trim())
    return problem === undefined ? undefined : `error compiling regular expression ${regex}: ${problem}`
  },
})

/** Options of `replacePathRegex`. */
export type ReplacePathRegexOptions = Static<typeof replacePathRegex.options>
