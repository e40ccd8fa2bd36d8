import { type Static, defineMiddlewareOptions, object, textList, textMap } from '../../schema/kit.ts'

/** Changes request headers; made for the Gateway API. */
export const requestHeaderModifier = defineMiddlewareOptions({
  key: 'requestHeaderModifier',
  built: false,
  options: object(
    'Changes request headers; made for the Gateway API.',
    {
      set: textMap('Headers to set.'),
      add: textMap('Headers to add.'),
      remove: textList('Headers to remove.'),
    },
    { internal: true },
  ),
})

/** Options of `requestHeaderModifier`. */
export type RequestHeaderModifierOptions = Static<typeof requestHeaderModifier.options>
