import { type Static, defineMiddlewareOptions, object, textList, textMap } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.responseHeaderModifier@@ */
export const responseHeaderModifier = defineMiddlewareOptions({
  key: 'responseHeaderModifier',
  built: false,
  options: object('@@d:http.middlewares.<name>.responseHeaderModifier@@', {
    set: textMap('@@d:http.middlewares.<name>.responseHeaderModifier.set@@'),
    add: textMap('@@d:http.middlewares.<name>.responseHeaderModifier.add@@'),
    remove: textList('@@d:http.middlewares.<name>.responseHeaderModifier.remove@@'),
  }, { internal: true }),
})

/** Options of `responseHeaderModifier`. */
export type ResponseHeaderModifierOptions = Static<typeof responseHeaderModifier.options>
