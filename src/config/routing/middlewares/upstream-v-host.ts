import { type Static, defineMiddlewareOptions, object, text, textMap } from '../../schema/kit.ts'

/** Sets the host for servers; made for ingress-nginx. */
export const upstreamVHost = defineMiddlewareOptions({
  key: 'upstreamVHost',
  built: false,
  options: object(
    'Sets the host for servers; made for ingress-nginx.',
    {
      vHost: text('The host.'),
      vars: textMap('Variables that the host may name.'),
    },
    { internal: true },
  ),
})

/** Options of `upstreamVHost`. */
export type UpstreamVHostOptions = Static<typeof upstreamVHost.options>
