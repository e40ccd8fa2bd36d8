import { type Static, bool, defineMiddlewareOptions, int, object, text } from '../../schema/kit.ts'

/** Reads whole requests and answers before passing them on, within limits. */
export const buffering = defineMiddlewareOptions({
  key: 'buffering',
  built: false,
  options: object('Reads whole requests and answers before passing them on, within limits.', {
    maxRequestBodyBytes: int('Largest request body; 0 is no limit.'),
    memRequestBodyBytes: int('How much of a request body is kept in memory; the rest goes to disk.', { effective: '1048576' }),
    maxResponseBodyBytes: int('Largest answer body; 0 is no limit.'),
    memResponseBodyBytes: int('How much of an answer body is kept in memory; the rest goes to disk.', { effective: '1048576' }),
    retryExpression: text('Condition under which a request is sent again, such as `IsNetworkError() && Attempts() < 2`.'),
    disableRequestBuffer: bool('Whether requests are streamed.', { internal: true }),
    disableResponseBuffer: bool('Whether answers are streamed.', { internal: true }),
  }),
})

/** Options of `buffering`. */
export type BufferingOptions = Static<typeof buffering.options>
