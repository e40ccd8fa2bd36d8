import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.addPrefix@@ */
export const addPrefix = defineMiddlewareOptions({
  key: 'addPrefix',
  options: object('@@d:http.middlewares.<name>.addPrefix@@', {
    prefix: text('@@d:http.middlewares.<name>.addPrefix.prefix@@'),
  }),
})

/** Options of `addPrefix`. */
export type AddPrefixOptions = Static<typeof addPrefix.options>
