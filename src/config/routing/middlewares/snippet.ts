import { type Static, defineMiddlewareOptions, object, optional, text, textList } from '../../schema/kit.ts'

/** Snippets of nginx configuration; made for ingress-nginx. */
export const snippet = defineMiddlewareOptions({
  key: 'snippet',
  built: false,
  options: object(
    'Snippets of nginx configuration; made for ingress-nginx.',
    {
      serverSnippet: text('Snippet for the server.'),
      configurationSnippet: text('Snippet for the location.'),
      auth: optional(
        object('Authentication by another server.', {
          address: text('URL of the authentication server.'),
          method: text('Method it is asked with.'),
          snippet: text('Snippet for the question.'),
          authResponseHeaders: textList('Headers of its answer that are copied to the request.'),
          authSigninURL: text('Where clients are sent to sign in.'),
        }),
      ),
    },
    { internal: true },
  ),
})

/** Options of `snippet`. */
export type SnippetOptions = Static<typeof snippet.options>
