import { type Static, bool, defineMiddlewareOptions, duration, int, object, optional, text, textList, textMap } from '../../schema/kit.ts'
import { headerProblem, isFieldName } from '../header-options.ts'
import { checkIpRanges, checkIpStrategy } from '../ip-ranges.ts'
import { ipStrategy } from '../shared.ts'

/** Longest page, in characters: it is held in memory by every worker. */
const pageLengthMax = 1024 * 1024
/** Size of the switch that the API turns, in bytes. */
export const maintenanceSwitchBytes = 4

/** Answers with a page of maintenance while it is on. */
export const maintenance = defineMiddlewareOptions({
  key: 'maintenance',
  options: object(
    'Answers with a page of maintenance while it is on. The API turns it on and off as well: `PUT /api/http/middlewares/{name}/maintenance`.',
    {
      enabled: bool('Whether it is on, as long as the API has not said otherwise.', { default: true }),
      status: int('Status of the answer.', { default: 503 }),
      retryAfter: duration('After which time clients should come again; 0 says nothing about it.', { default: '5m' }),
      title: text('Title of the page.', { default: 'Under maintenance' }),
      message: text('What the page says.', { default: 'This service is being worked on. Please come again in a while.' }),
      page: text('HTML in the place of the page that title and message make.'),
      file: text('File that holds such HTML; it is read again when it changes.'),
      headers: textMap('Further header fields of the answer.'),
      bypassRanges: textList('Addresses and ranges (CIDR) of clients that pass.'),
      ipStrategy: optional(
        object('How the client address is found; the address of the connection when absent.', ipStrategy, { allowEmpty: true }),
      ),
      bypassHeader: text('Name of a request header that lets pass who knows its value; it is not passed on.'),
      bypassValue: text('That value.', { secret: true }),
    },
    { extension: true, allowEmpty: true },
  ),
  sharedBytes: () => maintenanceSwitchBytes,
  check(options) {
    const { status, page, bypassRanges, bypassHeader, bypassValue } = options
    if (status < 400 || status > 599) return `maintenance.status: ${status} is no status of an error`
    if (page.length > pageLengthMax) return `maintenance.page: longer than ${pageLengthMax} characters`
    if (bypassHeader !== '' && !isFieldName(bypassHeader))
      return `maintenance.bypassHeader: ${JSON.stringify(bypassHeader)} is no name of a header field`
    if (bypassHeader !== '' && bypassValue === '') return 'maintenance.bypassValue: missing, so that anybody could pass'
    return headerProblem('maintenance.headers', options.headers) ?? checkIpRanges(bypassRanges) ?? checkIpStrategy(options.ipStrategy)
  },
})

/** Options of `maintenance`. */
export type MaintenanceOptions = Static<typeof maintenance.options>
