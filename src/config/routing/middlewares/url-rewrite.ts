import { type Static, defineMiddlewareOptions, object, optional, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.URLRewrite@@ */
export const urlRewrite = defineMiddlewareOptions({
  key: 'URLRewrite',
  built: false,
  options: object('@@d:http.middlewares.<name>.URLRewrite@@', {
    hostname: optional(text('@@d:http.middlewares.<name>.URLRewrite.hostname@@')),
    path: optional(text('@@d:http.middlewares.<name>.URLRewrite.path@@')),
    pathPrefix: optional(text('@@d:http.middlewares.<name>.URLRewrite.pathPrefix@@')),
  }, { internal: true }),
})

/** Options of `URLRewrite`. */
export type UrlRewriteOptions = Static<typeof urlRewrite.options>
