import { type Static, anyValue, defineMiddlewareOptions, mapOf } from '../../schema/kit.ts'

/** A plugin, by its name, with its own options. */
export const plugin = defineMiddlewareOptions({
  key: 'plugin',
  built: false,
  options: mapOf('A plugin, by its name, with its own options.', mapOf('', anyValue(''))),
})

/** Options of `plugin`. */
export type PluginOptions = Static<typeof plugin.options>
