/** From the head of a request to its exchange. */
import { type ConnectionFacts, Exchange, type ResponseSink } from '../http/exchange.ts'
import type { RequestParser } from './request-parser.ts'

/** The exchange of the request whose head the parser has just given, without its body. */
export function newExchange(parser: RequestParser, facts: ConnectionFacts, entryPoint: string, sink: ResponseSink): Exchange {
  const exchange = new Exchange(facts, entryPoint, parser.headers, sink)
  exchange.startedMs = performance.now()
  exchange.method = parser.method
  if (facts.tls !== null) exchange.scheme = 'https'
  exchange.hostRaw = parser.host
  // CONNECT names no path; it is routed by its host.
  exchange.path = parser.path === '' ? '/' : parser.path
  exchange.rawQuery = parser.query
  exchange.hasQuery = parser.hasQuery
  if (parser.minorVersion === 0) exchange.protocol = 'HTTP/1.0'
  const { upgrade } = parser
  if (upgrade !== '') exchange.upgrade = upgrade.includes('h2c') ? withoutHttp2(exchange, upgrade) : upgrade
  return exchange
}

/** An upgrade to HTTP/2 would carry requests past all rules: it is taken out of what the client asks for (R9). */
function withoutHttp2(exchange: Exchange, upgrade: string): string {
  const kept = upgrade
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== 'h2c')
    .join(', ')
  if (kept === '') exchange.headers.delete('upgrade')
  else exchange.headers.set('Upgrade', kept)
  return kept
}
