import { type Static, defineMiddlewareOptions, object, textList, textMap } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.requestHeaderModifier@@ */
export const requestHeaderModifier = defineMiddlewareOptions({
  key: 'requestHeaderModifier',
  built: false,
  options: object('@@d:http.middlewares.<name>.requestHeaderModifier@@', {
    set: textMap('@@d:http.middlewares.<name>.requestHeaderModifier.set@@'),
    add: textMap('@@d:http.middlewares.<name>.requestHeaderModifier.add@@'),
    remove: textList('@@d:http.middlewares.<name>.requestHeaderModifier.remove@@'),
  }, { internal: true }),
})

/** Options of `requestHeaderModifier`. */
export type RequestHeaderModifierOptions = Static<typeof requestHeaderModifier.options>
