import { type Static, bool, defineMiddlewareOptions, object, optional, textList } from '../../schema/kit.ts'

/** Takes the first prefix that fits off the request path. */
export const stripPrefix = defineMiddlewareOptions({
  key: 'stripPrefix',
  options: object('Takes the first prefix that fits off the request path.', {
    prefixes: textList('Prefixes to take off.'),
    forceSlash: optional(
      bool('Whether the path begins with a slash even when it would be empty.', { deprecated: 'leave it out', effective: 'false' }),
    ),
  }),
})

/** Options of `stripPrefix`. */
export type StripPrefixOptions = Static<typeof stripPrefix.options>
