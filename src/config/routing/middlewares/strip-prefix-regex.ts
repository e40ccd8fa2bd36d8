import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.stripPrefixRegex@@ */
export const stripPrefixRegex = defineMiddlewareOptions({
  key: 'stripPrefixRegex',
  options: object('@@d:http.middlewares.<name>.stripPrefixRegex@@', {
    regex: textList('@@d:http.middlewares.<name>.stripPrefixRegex.regex@@'),
  }),
})

/** Options of `stripPrefixRegex`. */
export type StripPrefixRegexOptions = Static<typeof stripPrefixRegex.options>
