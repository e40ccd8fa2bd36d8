import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.replacePath@@ */
export const replacePath = defineMiddlewareOptions({
  key: 'replacePath',
  options: object('@@d:http.middlewares.<name>.replacePath@@', {
    path: text('@@d:http.middlewares.<name>.replacePath.path@@'),
  }),
})

/** Options of `replacePath`. */
export type ReplacePathOptions = Static<typeof replacePath.options>
