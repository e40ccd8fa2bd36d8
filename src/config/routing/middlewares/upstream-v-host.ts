import { type Static, defineMiddlewareOptions, object, text, textMap } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.upstreamVHost@@ */
export const upstreamVHost = defineMiddlewareOptions({
  key: 'upstreamVHost',
  built: false,
  options: object('@@d:http.middlewares.<name>.upstreamVHost@@', {
    vHost: text('@@d:http.middlewares.<name>.upstreamVHost.vHost@@'),
    vars: textMap('@@d:http.middlewares.<name>.upstreamVHost.vars@@'),
  }, { internal: true }),
})

/** Options of `upstreamVHost`. */
export type UpstreamVHostOptions = Static<typeof upstreamVHost.options>
