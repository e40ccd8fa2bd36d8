import { type Static, bool, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** Redirects requests of another scheme. */
export const redirectScheme = defineMiddlewareOptions({
  key: 'redirectScheme',
  options: object(
    'Redirects requests of another scheme.',
    {
      scheme: text('Scheme of the new URL.'),
      port: text('Port of the new URL.'),
      permanent: bool('Whether the redirection is permanent.'),
    },
    { ignored: ['forcePermanentRedirect'] },
  ),
  check: ({ scheme }) => (scheme === '' ? 'you must provide a target scheme' : undefined),
})

/** Options of `redirectScheme`. */
export type RedirectSchemeOptions = Static<typeof redirectScheme.options>
