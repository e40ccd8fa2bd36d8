import { type Static, defineMiddlewareOptions, object, optional, text } from '../../schema/kit.ts'

/** Rewrites host and path; made for the Gateway API. */
export const urlRewrite = defineMiddlewareOptions({
  key: 'URLRewrite',
  built: false,
  options: object(
    'Rewrites host and path; made for the Gateway API.',
    {
      hostname: optional(text('Host that is sent instead.')),
      path: optional(text('Path that is sent instead.')),
      pathPrefix: optional(text('Prefix that replaces the matched one.')),
    },
    { internal: true },
  ),
})

/** Options of `URLRewrite`. */
export type UrlRewriteOptions = Static<typeof urlRewrite.options>
