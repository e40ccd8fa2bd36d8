import { parseStatusRanges } from '../../../std/status-ranges.ts'
import { type Static, bool, defineMiddlewareOptions, duration, int, object, optional, textList } from '../../schema/kit.ts'

/** Sends requests again that failed. */
export const retry = defineMiddlewareOptions({
  key: 'retry',
  options: object('Sends requests again that failed.', {
    attempts: int('How often a request is sent in all.'),
    timeout: duration('Time after which a request is not sent again; 0 is no limit.'),
    initialInterval: duration('Pause before the second attempt; later ones are longer.'),
    maxRequestBodyBytes: int('Largest body that is kept for sending again; larger ones are sent once.', {
      default: 2097152,
      pointer: true,
    }),
    status: textList('Statuses that are a reason to send again: codes or ranges.'),
    disableRetryOnNetworkError: bool('Whether failed connections are no reason to send again.'),
    retryNonIdempotentMethod: bool('Whether methods such as POST are sent again too.'),
    attemptTimeout: duration(
      'Longest time until an attempt is answered; 0 is no limit. What takes longer is answered with 504, or sent again like a status of `status`.',
      { extension: true },
    ),
    budget: optional(
      object(
        'How many attempts after the first may be under way in each worker.',
        {
          percent: int('Share of the requests that are under way, in percent.', { default: 20 }),
          minConcurrency: int('As many may be under way in any case.', { default: 3 }),
        },
        { extension: true, allowEmpty: true },
      ),
    ),
  }),
  check({ attempts, status, disableRetryOnNetworkError, attemptTimeout, budget }) {
    if (status.length === 0 && disableRetryOnNetworkError && attemptTimeout <= 0)
      return 'retry middleware requires at least HTTP status codes or retry on TCP'
    if (attempts <= 0) return `incorrect (or empty) value for attempt (${attempts})`
    if (budget !== undefined && (budget.percent < 0 || budget.minConcurrency < 0))
      return 'budget: percent and minConcurrency are at least 0'
    const parsed = parseStatusRanges(status)
    return 'problem' in parsed ? `creating HTTP code ranges: "${parsed.problem}" is no status or range of statuses` : undefined
  },
})

/** Options of `retry`. */
export type RetryOptions = Static<typeof retry.options>
