import { type Static, defineMiddlewareOptions, int, object, optional, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.requestRedirect@@ */
export const requestRedirect = defineMiddlewareOptions({
  key: 'requestRedirect',
  built: false,
  options: object('@@d:http.middlewares.<name>.requestRedirect@@', {
    scheme: optional(text('@@d:http.middlewares.<name>.requestRedirect.scheme@@')),
    hostname: optional(text('@@d:http.middlewares.<name>.requestRedirect.hostname@@')),
    port: optional(text('@@d:http.middlewares.<name>.requestRedirect.port@@')),
    path: optional(text('@@d:http.middlewares.<name>.requestRedirect.path@@')),
    pathPrefix: optional(text('@@d:http.middlewares.<name>.requestRedirect.pathPrefix@@')),
    statusCode: int('@@d:http.middlewares.<name>.requestRedirect.statusCode@@'),
  }, { internal: true }),
})

/** Options of `requestRedirect`. */
export type RequestRedirectOptions = Static<typeof requestRedirect.options>
