import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.replacePathRegex@@ */
export const replacePathRegex = defineMiddlewareOptions({
  key: 'replacePathRegex',
  options: object('@@d:http.middlewares.<name>.replacePathRegex@@', {
    regex: text('@@d:http.middlewares.<name>.replacePathRegex.regex@@'),
    replacement: text('@@d:http.middlewares.<name>.replacePathRegex.replacement@@'),
  }),
})

/** Options of `replacePathRegex`. */
export type ReplacePathRegexOptions = Static<typeof replacePathRegex.options>
