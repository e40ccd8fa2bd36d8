import { buildIpSet } from '../http/ip-strategy.ts'
import type { TcpMiddleware } from './tcp-connection.ts'

/** Lets connections from certain addresses and ranges pass and closes others. */
export function allowTcpAddresses(sourceRange: readonly string[]): TcpMiddleware {
  const allowed = buildIpSet(sourceRange)
  return (next) => (connection) => {
    if (allowed.contains(connection.facts.remoteIp)) next(connection)
    else connection.destroy()
  }
}
