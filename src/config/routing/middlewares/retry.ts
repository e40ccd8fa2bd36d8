import { type Static, bool, defineMiddlewareOptions, duration, int, object, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.retry@@ */
export const retry = defineMiddlewareOptions({
  key: 'retry',
  built: false,
  options: object('@@d:http.middlewares.<name>.retry@@', {
    attempts: int('@@d:http.middlewares.<name>.retry.attempts@@'),
    timeout: duration('@@d:http.middlewares.<name>.retry.timeout@@'),
    initialInterval: duration('@@d:http.middlewares.<name>.retry.initialInterval@@'),
    maxRequestBodyBytes: int('@@d:http.middlewares.<name>.retry.maxRequestBodyBytes@@', { default: 2097152, pointer: true }),
    status: textList('@@d:http.middlewares.<name>.retry.status@@'),
    disableRetryOnNetworkError: bool('@@d:http.middlewares.<name>.retry.disableRetryOnNetworkError@@'),
    retryNonIdempotentMethod: bool('@@d:http.middlewares.<name>.retry.retryNonIdempotentMethod@@'),
  }),
})

/** Options of `retry`. */
export type RetryOptions = Static<typeof retry.options>
