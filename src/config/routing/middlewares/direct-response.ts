import { statusCodes } from '../../../std/status-codes.ts'
import { type Static, bool, defineMiddlewareOptions, int, object, text, textMap } from '../../schema/kit.ts'
import { headerProblem } from '../header-options.ts'

/** Longest body, in bytes: it is held in memory by every worker. */
const bodyBytesMax = 1024 * 1024

/** Answers every request by itself; nothing behind it is asked. */
export const directResponse = defineMiddlewareOptions({
  key: 'directResponse',
  options: object(
    'Answers every request by itself; nothing behind it is asked.',
    {
      status: int('Status of the answer.', { default: 200 }),
      contentType: text('Media type of the body.', { default: 'text/plain; charset=utf-8' }),
      headers: textMap('Further header fields of the answer.'),
      body: text('The body; empty when there is neither body nor file.'),
      file: text('File that holds the body; it is read again when it changes.'),
      template: bool(
        'Whether `{method}`, `{scheme}`, `{host}`, `{path}`, `{query}`, `{clientIp}` and `{status}` in the body stand for facts of the request.',
      ),
    },
    { extension: true, allowEmpty: true },
  ),
  check({ status, headers, body, file }) {
    if (status < 200 || status > 599 || statusCodes[status] === undefined)
      return `directResponse.status: ${status} is no status of an answer`
    const isBodiless = status === 204 || status === 304
    if (isBodiless && (body !== '' || file !== '')) return `directResponse.body: an answer with status ${status} has no body`
    if (body.length > bodyBytesMax) return `directResponse.body: longer than ${bodyBytesMax} characters`
    return headerProblem('directResponse.headers', headers)
  },
})

/** Options of `directResponse`. */
export type DirectResponseOptions = Static<typeof directResponse.options>
