import { type Static, bool, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.redirectRegex@@ */
export const redirectRegex = defineMiddlewareOptions({
  key: 'redirectRegex',
  options: object('@@d:http.middlewares.<name>.redirectRegex@@', {
    regex: text('@@d:http.middlewares.<name>.redirectRegex.regex@@'),
    replacement: text('@@d:http.middlewares.<name>.redirectRegex.replacement@@'),
    permanent: bool('@@d:http.middlewares.<name>.redirectRegex.permanent@@'),
  }),
})

/** Options of `redirectRegex`. */
export type RedirectRegexOptions = Static<typeof redirectRegex.options>
