import { type Static, bool, defineMiddlewareOptions, duration, int, object, textList } from '../../schema/kit.ts'

/** Sends requests again that failed. */
export const retry = defineMiddlewareOptions({
  key: 'retry',
  built: false,
  options: object('Sends requests again that failed.', {
    attempts: int('How often a request is sent in all.'),
    timeout: duration('Longest time for all attempts; 0 is no limit.'),
    initialInterval: duration('Pause before the second attempt; later ones are longer.'),
    maxRequestBodyBytes: int('Largest body that is kept for sending again; larger ones are sent once.', {
      default: 2097152,
      pointer: true,
    }),
    status: textList('Statuses that are a reason to send again: codes or ranges.'),
    disableRetryOnNetworkError: bool('Whether failed connections are no reason to send again.'),
    retryNonIdempotentMethod: bool('Whether methods such as POST are sent again too.'),
  }),
})

/** Options of `retry`. */
export type RetryOptions = Static<typeof retry.options>
