import { type Static, defineMiddlewareOptions, duration, int, object, text } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.circuitBreaker@@ */
export const circuitBreaker = defineMiddlewareOptions({
  key: 'circuitBreaker',
  built: false,
  options: object('@@d:http.middlewares.<name>.circuitBreaker@@', {
    expression: text('@@d:http.middlewares.<name>.circuitBreaker.expression@@'),
    checkPeriod: duration('@@d:http.middlewares.<name>.circuitBreaker.checkPeriod@@', { default: '100ms' }),
    fallbackDuration: duration('@@d:http.middlewares.<name>.circuitBreaker.fallbackDuration@@', { default: '10s' }),
    recoveryDuration: duration('@@d:http.middlewares.<name>.circuitBreaker.recoveryDuration@@', { default: '10s' }),
    responseCode: int('@@d:http.middlewares.<name>.circuitBreaker.responseCode@@', { default: 503 }),
  }),
})

/** Options of `circuitBreaker`. */
export type CircuitBreakerOptions = Static<typeof circuitBreaker.options>
