import { type Static, bool, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.redirectScheme@@ */
export const redirectScheme = defineMiddlewareOptions({
  key: 'redirectScheme',
  options: object('@@d:http.middlewares.<name>.redirectScheme@@', {
    scheme: text('@@d:http.middlewares.<name>.redirectScheme.scheme@@'),
    port: text('@@d:http.middlewares.<name>.redirectScheme.port@@'),
    permanent: bool('@@d:http.middlewares.<name>.redirectScheme.permanent@@'),
  }),
})

/** Options of `redirectScheme`. */
export type RedirectSchemeOptions = Static<typeof redirectScheme.options>
