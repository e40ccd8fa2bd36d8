import { buildIpSet } from '../http/ip-strategy.ts'
import type { TcpMiddleware } from './tcp-connection.ts'

/** Tells whether an address is within certain addresses and ranges. */
export function admitTcpAddresses(sourceRange: readonly string[]): (remoteIp: string) => boolean {
  const allowed = buildIpSet(sourceRange)
  return (remoteIp) => allowed.contains(remoteIp)
}

/** Lets connections from certain addresses and ranges pass and closes others. */
export function allowTcpAddresses(sourceRange: readonly string[]): TcpMiddleware {
  const admits = admitTcpAddresses(sourceRange)
  return (next) => (connection) => {
    if (admits(connection.facts.remoteIp)) next(connection)
    else connection.destroy()
  }
}
