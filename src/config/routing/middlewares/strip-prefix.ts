import { type Static, bool, defineMiddlewareOptions, object, optional, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.stripPrefix@@ */
export const stripPrefix = defineMiddlewareOptions({
  key: 'stripPrefix',
  options: object('@@d:http.middlewares.<name>.stripPrefix@@', {
    prefixes: textList('@@d:http.middlewares.<name>.stripPrefix.prefixes@@'),
    forceSlash: optional(bool('@@d:http.middlewares.<name>.stripPrefix.forceSlash@@', { deprecated: 'do not use it', effective: 'false (the "Default: true" of the source comment and CRD text is not what the code does)' })),
  }),
})

/** Options of `stripPrefix`. */
export type StripPrefixOptions = Static<typeof stripPrefix.options>
