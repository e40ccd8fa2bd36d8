import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** Redirects the root path; made for ingress-nginx. */
export const appRoot = defineMiddlewareOptions({
  key: 'appRoot',
  built: false,
  options: object(
    'Redirects the root path; made for ingress-nginx.',
    {
      path: text('Path that the root is redirected to.'),
    },
    { internal: true },
  ),
})

/** Options of `appRoot`. */
export type AppRootOptions = Static<typeof appRoot.options>
