/** Lists of client addresses that may pass, for the middlewares that have one. */
import type { Middleware } from './exchange.ts'
import { buildIpSet, buildIpStrategy, holdsAddress, type IpStrategyOptions } from './ip-strategy.ts'
import { respondText, statusText } from './respond.ts'

/** Lets clients from certain addresses pass and answers others with a status and its text. */
export function allowAddresses(sourceRange: readonly string[], strategy: IpStrategyOptions | undefined, rejectStatus: number): Middleware {
  const allowed = buildIpSet(sourceRange)
  const clientAddress = buildIpStrategy(strategy)
  const body = rejectStatus === 204 || rejectStatus === 304 ? '' : statusText(rejectStatus)
  return (next) => (exchange) => {
    if (holdsAddress(allowed, clientAddress(exchange))) return next(exchange)
    respondText(exchange, rejectStatus, body, 'forbidden')
    return undefined
  }
}
