import { type Static, defineMiddlewareOptions, object, text } from '../../schema/kit.ts'

/** Puts a fixed prefix in front of the request path. */
export const addPrefix = defineMiddlewareOptions({
  key: 'addPrefix',
  options: object('Puts a fixed prefix in front of the request path.', {
    prefix: text('Text put in front of the path; a missing leading slash is added.'),
  }),
  check: ({ prefix }) => (prefix === '' ? 'prefix cannot be empty' : undefined),
})

/** Options of `addPrefix`. */
export type AddPrefixOptions = Static<typeof addPrefix.options>
