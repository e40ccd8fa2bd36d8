/** Measures a middleware from outside: how long it keeps exchanges until it lets them pass or answers by itself. */
import type { Middleware } from '../http/exchange.ts'
import type { Meters } from '../observe/meters.ts'

/** The middleware, measured in chains that are put together while metrics are on. */
export function measureMiddleware(name: string, middleware: Middleware, meters: Meters): Middleware {
  return (next) => {
    const { recorder } = meters
    if (recorder === null) return middleware(next)
    const scope = recorder.middleware(name)
    const handler = middleware((exchange) => {
      recorder.passed(scope, exchange)
      return next(exchange)
    })
    return (exchange) => {
      exchange.middleware = scope
      return handler(exchange)
    }
  }
}
