/** `retry`: sends requests again that failed. */
import type { RetryOptions } from '../../../../config/routing/middlewares/retry.ts'
import { statusRangesOf } from '../../../../std/status-ranges.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { AttemptSeries, type RetryPlan } from './attempt-series.ts'
import { RetryBudget } from './budget.ts'

/** Sends a request again when no server could be reached, or when the status of the answer asks for it and doing it twice is the same as once. */
export const retry = defineMiddleware<RetryOptions>({
  key: 'retry',
  create(options, { wheel, random }) {
    if (options.attempts <= 1 && options.attemptTimeout <= 0) return (next) => next
    const plan: RetryPlan = {
      attempts: options.attempts,
      timeoutMs: options.timeout,
      initialIntervalMs: options.initialInterval,
      attemptTimeoutMs: options.attemptTimeout,
      bodyBytesMax: options.maxRequestBodyBytes,
      ranges: statusRangesOf(options.status),
      retriesUnreached: !options.disableRetryOnNetworkError,
      retriesAnyMethod: options.retryNonIdempotentMethod,
      budget: options.budget === undefined ? null : new RetryBudget(options.budget),
      wheel,
      random,
    }
    return (next) => (exchange) => new AttemptSeries(plan, exchange, next).start()
  },
})
