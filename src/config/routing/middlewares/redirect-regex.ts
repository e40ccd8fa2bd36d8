import { type Static, bool, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'
import { regexpError } from '../regexp-error.ts'

/** Redirects requests whose URL matches a pattern. */
export const redirectRegex = defineMiddlewareOptions({
  key: 'redirectRegex',
  options: object(
    'Redirects requests whose URL matches a pattern.',
    {
      regex: text('Pattern for the whole URL.'),
      replacement: text('New URL, with `${1}` for groups of the pattern.'),
      permanent: bool('Whether the redirection is permanent.'),
    },
    { ignored: ['statusCode'] },
  ),
  check: ({ regex }) => regexpError(regex),
})

/** Options of `redirectRegex`. */
export type RedirectRegexOptions = Static<typeof redirectRegex.options>
