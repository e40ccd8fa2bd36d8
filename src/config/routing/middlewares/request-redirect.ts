import { type Static, defineMiddlewareOptions, int, object, optional, text } from '../../schema/kit.ts'

/** Redirects requests; made for the Gateway API. */
export const requestRedirect = defineMiddlewareOptions({
  key: 'requestRedirect',
  built: false,
  options: object(
    'Redirects requests; made for the Gateway API.',
    {
      scheme: optional(text('Scheme of the new URL.')),
      hostname: optional(text('Host of the new URL.')),
      port: optional(text('Port of the new URL.')),
      path: optional(text('Path of the new URL.')),
      pathPrefix: optional(text('Prefix that replaces the matched one.')),
      statusCode: int('Status of the redirection.'),
    },
    { internal: true },
  ),
})

/** Options of `requestRedirect`. */
export type RequestRedirectOptions = Static<typeof requestRedirect.options>
