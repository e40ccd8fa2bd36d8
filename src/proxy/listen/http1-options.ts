/** Limits and timeouts of an entry point's HTTP/1.1 connections, from its configuration. */
import type { EntryPointPlan } from '../../generation/plan.ts'
import { defaultHttp1Limits, headBytesSlack } from '../http1/limits.ts'
import type { Http1ServerOptions, Http1Timeouts } from '../http1/server-options.ts'

/** The options that the plan decides. */
export function http1Options(plan: EntryPointPlan): Omit<Http1ServerOptions, 'wheel' | 'handler' | 'onClose' | 'onHandlerError'> {
  const { http, transport } = plan.config
  return {
    entryPoint: plan.name,
    limits: {
      ...defaultHttp1Limits,
      headBytesMax: http.maxHeaderBytes + headBytesSlack,
      headersMax: http.maxHeaderCount === 0 ? Number.POSITIVE_INFINITY : http.maxHeaderCount,
    },
    timeouts: timeoutsOf(plan),
    keepAliveMaxRequests: transport.keepAliveMaxRequests,
    keepAliveMaxTimeMs: transport.keepAliveMaxTime,
  }
}

/** Changes options that connections hold to those of another plan. */
export function changeHttp1Options(options: Http1ServerOptions, plan: EntryPointPlan): void {
  const { limits, timeouts, ...rest } = http1Options(plan)
  Object.assign(options.limits, limits)
  Object.assign(options.timeouts, timeouts)
  Object.assign(options, rest)
}

/**
 * `readTimeout` that was not given limits the head and each pause of a body, so that a slow but steady upload succeeds; one that was given
 * limits the whole request, as Traefik does.
 */
function timeoutsOf(plan: EntryPointPlan): Http1Timeouts {
  const timeouts = plan.config.transport.respondingTimeouts
  const { readTimeout, readTimeoutGiven } = timeouts
  return {
    headMs: timeouts.headerTimeout ?? readTimeout,
    bodyIdleMs: timeouts.bodyIdleTimeout ?? (readTimeoutGiven ? 0 : readTimeout),
    totalMs: timeouts.totalTimeout ?? (readTimeoutGiven ? readTimeout : 0),
    writeMs: timeouts.writeTimeout,
    idleMs: timeouts.idleTimeout,
  }
}
