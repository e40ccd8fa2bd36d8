import { type Static, bool, defineMiddlewareOptions, int, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.buffering@@ */
export const buffering = defineMiddlewareOptions({
  key: 'buffering',
  built: false,
  options: object('@@d:http.middlewares.<name>.buffering@@', {
    maxRequestBodyBytes: int('@@d:http.middlewares.<name>.buffering.maxRequestBodyBytes@@'),
    memRequestBodyBytes: int('@@d:http.middlewares.<name>.buffering.memRequestBodyBytes@@', { effective: '1048576' }),
    maxResponseBodyBytes: int('@@d:http.middlewares.<name>.buffering.maxResponseBodyBytes@@'),
    memResponseBodyBytes: int('@@d:http.middlewares.<name>.buffering.memResponseBodyBytes@@', { effective: '1048576' }),
    retryExpression: text('@@d:http.middlewares.<name>.buffering.retryExpression@@'),
    disableRequestBuffer: bool('@@d:http.middlewares.<name>.buffering.disableRequestBuffer@@', { internal: true }),
    disableResponseBuffer: bool('@@d:http.middlewares.<name>.buffering.disableResponseBuffer@@', { internal: true }),
  }),
})

/** Options of `buffering`. */
export type BufferingOptions = Static<typeof buffering.options>
