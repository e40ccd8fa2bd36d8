import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** Replaces what matches in the request path. */
export const replacePathRegex = defineMiddlewareOptions({
  key: 'replacePathRegex',
  options: object('Replaces what matches in the request path.', {
    regex: text('Pattern for the path.'),
    replacement: text('What stands there instead, with `$1` for groups of the pattern.'),
  }),
})

/** Options of `replacePathRegex`. */
export type ReplacePathRegexOptions = Static<typeof replacePathRegex.options>
