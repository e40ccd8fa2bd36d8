import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** Replaces the request path. */
export const replacePath = defineMiddlewareOptions({
  key: 'replacePath',
  options: object('Replaces the request path.', {
    path: text('The new path.'),
  }),
})

/** Options of `replacePath`. */
export type ReplacePathOptions = Static<typeof replacePath.options>
