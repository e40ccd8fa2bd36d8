import { type Static, defineMiddlewareOptions, object, optional, text, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.snippet@@ */
export const snippet = defineMiddlewareOptions({
  key: 'snippet',
  built: false,
  options: object('@@d:http.middlewares.<name>.snippet@@', {
    serverSnippet: text('@@d:http.middlewares.<name>.snippet.serverSnippet@@'),
    configurationSnippet: text('@@d:http.middlewares.<name>.snippet.configurationSnippet@@'),
    auth: optional(object('@@d:http.middlewares.<name>.snippet.auth@@', {
      address: text('@@d:http.middlewares.<name>.snippet.auth.address@@'),
      method: text('@@d:http.middlewares.<name>.snippet.auth.method@@'),
      snippet: text('@@d:http.middlewares.<name>.snippet.auth.snippet@@'),
      authResponseHeaders: textList('@@d:http.middlewares.<name>.snippet.auth.authResponseHeaders@@'),
      authSigninURL: text('@@d:http.middlewares.<name>.snippet.auth.authSigninURL@@'),
    })),
  }, { internal: true }),
})

/** Options of `snippet`. */
export type SnippetOptions = Static<typeof snippet.options>
