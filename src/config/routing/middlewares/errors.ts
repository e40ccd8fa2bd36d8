import { type Static, defineMiddlewareOptions, intMap, mapOf, object, optional, text, textList } from '../../schema/kit.ts'

/** Replaces answers of certain statuses by pages of another service. */
export const errors = defineMiddlewareOptions({
  key: 'errors',
  built: false,
  options: object('Replaces answers of certain statuses by pages of another service.', {
    status: textList('Statuses that are replaced: codes or ranges such as `500-599`.'),
    statusRewrites: intMap('Statuses to answer instead, by code or range.'),
    service: text('Service that has the pages.'),
    query: text('Path that is asked for; `{status}`, `{originalStatus}` and `{url}` are filled in.'),
    errorRequestHeaders: textList('Request headers that the service of the pages gets; all when empty.'),
    nginxHeaders: optional(mapOf('Headers for the service of the pages; made for ingress-nginx.', textList(''), { internal: true })),
  }),
  services: ({ service }) => (service === '' ? [] : [service]),
})

/** Options of `errors`. */
export type ErrorsOptions = Static<typeof errors.options>
