import { type Static, anyValue, defineMiddlewareOptions, mapOf } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.plugin@@ */
export const plugin = defineMiddlewareOptions({
  key: 'plugin',
  built: false,
  options: mapOf('@@d:http.middlewares.<name>.plugin@@', mapOf('', anyValue(''))),
})

/** Options of `plugin`. */
export type PluginOptions = Static<typeof plugin.options>
