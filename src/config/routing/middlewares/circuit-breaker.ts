import { type Static, defineMiddlewareOptions, duration, int, object, text } from '../../schema/kit.ts'

/** Answers for a service that fails too often, without asking it. */
export const circuitBreaker = defineMiddlewareOptions({
  key: 'circuitBreaker',
  built: false,
  options: object('Answers for a service that fails too often, without asking it.', {
    expression: text('Condition that opens the breaker, such as `NetworkErrorRatio() > 0.5`.'),
    checkPeriod: duration('How often the expression is judged.', { default: '100ms' }),
    fallbackDuration: duration('How long the breaker stays open before it tries the service again.', { default: '10s' }),
    recoveryDuration: duration('How long it takes until all requests reach the service again.', { default: '10s' }),
    responseCode: int('Status answered while the breaker is open.', { default: 503 }),
  }),
})

/** Options of `circuitBreaker`. */
export type CircuitBreakerOptions = Static<typeof circuitBreaker.options>
