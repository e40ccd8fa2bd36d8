import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.rewriteTarget@@ */
export const rewriteTarget = defineMiddlewareOptions({
  key: 'rewriteTarget',
  built: false,
  options: object('@@d:http.middlewares.<name>.rewriteTarget@@', {
    regex: text('@@d:http.middlewares.<name>.rewriteTarget.regex@@'),
    replacement: text('@@d:http.middlewares.<name>.rewriteTarget.replacement@@'),
    xForwardedPrefix: text('@@d:http.middlewares.<name>.rewriteTarget.xForwardedPrefix@@'),
  }, { internal: true }),
})

/** Options of `rewriteTarget`. */
export type RewriteTargetOptions = Static<typeof rewriteTarget.options>
