import { type Static, defineMiddlewareOptions, object, textList, textMap } from '../../schema/kit.ts'

/** Changes answer headers; made for the Gateway API. */
export const responseHeaderModifier = defineMiddlewareOptions({
  key: 'responseHeaderModifier',
  built: false,
  options: object(
    'Changes answer headers; made for the Gateway API.',
    {
      set: textMap('Headers to set.'),
      add: textMap('Headers to add.'),
      remove: textList('Headers to remove.'),
    },
    { internal: true },
  ),
})

/** Options of `responseHeaderModifier`. */
export type ResponseHeaderModifierOptions = Static<typeof responseHeaderModifier.options>
