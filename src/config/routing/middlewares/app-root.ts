import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.appRoot@@ */
export const appRoot = defineMiddlewareOptions({
  key: 'appRoot',
  built: false,
  options: object('@@d:http.middlewares.<name>.appRoot@@', {
    path: text('@@d:http.middlewares.<name>.appRoot.path@@'),
  }, { internal: true }),
})

/** Options of `appRoot`. */
export type AppRootOptions = Static<typeof appRoot.options>
