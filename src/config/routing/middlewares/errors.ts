import { parseStatusRanges } from '../../../std/status-ranges.ts'
import { type Static, bool, defineMiddlewareOptions, intMap, mapOf, object, optional, text, textList } from '../../schema/kit.ts'

/** Longest page, in characters: it is held in memory by every worker. */
const pageLengthMax = 1024 * 1024

const placeholders = '`{status}`, `{originalStatus}`, `{statusText}` and `{url}` are filled in'

/** Replaces answers of certain statuses by pages of another service. */
export const errors = defineMiddlewareOptions({
  key: 'errors',
  options: object('Replaces answers of certain statuses by pages of another service, or by pages that stand in the configuration.', {
    status: textList('Statuses that are replaced: codes or ranges such as `500-599`.'),
    statusRewrites: intMap('Statuses to answer instead, by code or range.'),
    service: text('Service that has the pages.'),
    query: text('Path that is asked for; `{status}`, `{originalStatus}` and `{url}` are filled in.'),
    errorRequestHeaders: textList('Request headers that the service of the pages gets; all when empty.'),
    pages: optional(
      object(
        'Pages without a service: the client gets the type that it likes best. What is left empty is a short page of our own.',
        {
          html: text(`Page as HTML; ${placeholders}.`, { fileOrContent: true }),
          json: text(`Page as JSON; ${placeholders}.`, { fileOrContent: true }),
          text: text(`Page as text; ${placeholders}.`, { fileOrContent: true }),
        },
        { extension: true, allowEmpty: true },
      ),
    ),
    onlyOwn: bool('Whether only answers that Tidegate made itself are replaced, and those of servers pass.', { extension: true }),
    nginxHeaders: optional(mapOf('Headers for the service of the pages; made for ingress-nginx.', textList(''), { internal: true })),
  }),
  services: ({ service, pages }) => (pages !== undefined && service === '' ? [] : [service]),
  check({ status, statusRewrites, service, pages }) {
    const parsed = parseStatusRanges(status)
    if ('problem' in parsed) return `status: "${parsed.problem}" is no status or range of statuses`
    const rewrites = parseStatusRanges(Object.keys(statusRewrites))
    if ('problem' in rewrites) return `statusRewrites: "${rewrites.problem}" is no status or range of statuses`
    const bad = Object.values(statusRewrites).find((code) => code < 200 || code > 999)
    if (bad !== undefined) return `statusRewrites: ${bad} is no status of an answer`
    if (pages === undefined) return service === '' ? 'service: missing, and there are no pages' : undefined
    if (service !== '') return 'service and pages: one of both'
    const isLong = [pages.html, pages.json, pages.text].some((page) => page.length > pageLengthMax)
    return isLong ? `pages: longer than ${pageLengthMax} characters` : undefined
  },
})

/** Options of `errors`. */
export type ErrorsOptions = Static<typeof errors.options>
