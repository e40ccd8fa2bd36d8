import { type Static, bool, defineMiddlewareOptions, object, optional } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.contentType@@ */
export const contentType = defineMiddlewareOptions({
  key: 'contentType',
  built: false,
  options: object('@@d:http.middlewares.<name>.contentType@@', {
    autoDetect: optional(bool('@@d:http.middlewares.<name>.contentType.autoDetect@@', { deprecated: 'Content-Type middleware is only meant to be used to enable the content-type detection, please remove any usage of this option', effective: 'true' })),
  }, { allowEmpty: true }),
})

/** Options of `contentType`. */
export type ContentTypeOptions = Static<typeof contentType.options>
