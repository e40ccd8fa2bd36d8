import { type Static, bool, defineMiddlewareOptions, object, optional } from '../../schema/kit.ts'

/** Finds the media type of answers that have none by their first bytes. */
export const contentType = defineMiddlewareOptions({
  key: 'contentType',
  options: object(
    'Finds the media type of answers that have none by their first bytes.',
    {
      autoDetect: optional(
        bool('Whether types are found by content.', {
          deprecated: 'leave it out; the middleware is there to find types',
          effective: 'true',
        }),
      ),
    },
    { allowEmpty: true },
  ),
})

/** Options of `contentType`. */
export type ContentTypeOptions = Static<typeof contentType.options>
