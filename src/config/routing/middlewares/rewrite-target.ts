import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** Rewrites the path; made for ingress-nginx. */
export const rewriteTarget = defineMiddlewareOptions({
  key: 'rewriteTarget',
  built: false,
  options: object(
    'Rewrites the path; made for ingress-nginx.',
    {
      regex: text('Pattern for the path.'),
      replacement: text('The new path.'),
      xForwardedPrefix: text('Value of X-Forwarded-Prefix.'),
    },
    { internal: true },
  ),
})

/** Options of `rewriteTarget`. */
export type RewriteTargetOptions = Static<typeof rewriteTarget.options>
