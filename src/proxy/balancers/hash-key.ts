/** What the hash of a request is made of: its client's address, a header, a cookie, a query parameter or its path. */
import type { HashPlan } from '../../generation/balancing-plan.ts'
import type { Exchange } from '../http/exchange.ts'
import { buildIpStrategy } from '../http/ip-strategy.ts'
import { cookieValue } from './cookie-value.ts'

/** Tells the key of a request; '' when it has none. */
export type HashKey = (exchange: Exchange) => string

/** The address of the connection: the key where nothing else is asked for. */
export const connectionKey: HashKey = (exchange) => exchange.connection.remoteIp

/** Builds the key. A request without the header, cookie or parameter is told by its client's address. */
export function buildHashKey({ source, name, ipStrategy }: HashPlan): HashKey {
  const client = ipStrategy === null ? trustedClient : withFallback(buildIpStrategy(ipStrategy), connectionKey)
  switch (source) {
    case 'clientIp':
      return client
    case 'path':
      return (exchange) => exchange.path
    case 'header': {
      const key = name.toLowerCase()
      return withFallback((exchange) => exchange.headers.get(key) ?? '', client)
    }
    case 'cookie':
      return withFallback((exchange) => cookieValue(exchange, name) ?? '', client)
    case 'query':
      return withFallback((exchange) => queryValue(exchange.rawQuery, name), client)
  }
}

function withFallback(key: HashKey, fallback: HashKey): HashKey {
  return (exchange) => {
    const value = key(exchange)
    return value === '' ? fallback(exchange) : value
  }
}

/**
 * The last address in X-Forwarded-For, which is what the nearest proxy has seen; the entry point has dropped the field where it does not trust that
 * proxy, and then the address of the connection counts.
 */
function trustedClient(exchange: Exchange): string {
  const list = exchange.headers.get('x-forwarded-for')
  if (list === undefined) return exchange.connection.remoteIp
  const address = list.slice(list.lastIndexOf(',') + 1).trim()
  return address === '' ? exchange.connection.remoteIp : address
}

/** First value of a query parameter, as it stands there; '' when there is none. */
export function queryValue(query: string, name: string): string {
  let start = 0
  while (start < query.length) {
    let end = query.indexOf('&', start)
    if (end < 0) end = query.length
    if (query.startsWith(name, start) && query.charCodeAt(start + name.length) === 0x3d && start + name.length < end)
      return query.slice(start + name.length + 1, end)
    start = end + 1
  }
  return ''
}
