import { type Static, defineMiddlewareOptions, intMap, mapOf, object, optional, text, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.errors@@ */
export const errors = defineMiddlewareOptions({
  key: 'errors',
  built: false,
  options: object('@@d:http.middlewares.<name>.errors@@', {
    status: textList('@@d:http.middlewares.<name>.errors.status@@'),
    statusRewrites: intMap('@@d:http.middlewares.<name>.errors.statusRewrites@@'),
    service: text('@@d:http.middlewares.<name>.errors.service@@'),
    query: text('@@d:http.middlewares.<name>.errors.query@@'),
    errorRequestHeaders: textList('@@d:http.middlewares.<name>.errors.errorRequestHeaders@@'),
    nginxHeaders: optional(mapOf('@@d:http.middlewares.<name>.errors.nginxHeaders@@', textList(''), { internal: true })),
  }),
})

/** Options of `errors`. */
export type ErrorsOptions = Static<typeof errors.options>
