/** Replacing the path, for the middlewares that do. */
import type { Exchange } from './exchange.ts'

/**
 * Sets the path and tells the old one in X-Replaced-Path, one line for each replacement; lines of the client do not stay. A slash is put in
 * front where one is missing, since a request target needs it (RFC 9112 §3.2.1).
 */
export function replacePathBy(exchange: Exchange, path: string): void {
  const { headers } = exchange
  if (!exchange.pathReplaced) {
    exchange.pathReplaced = true
    headers.delete('x-replaced-path')
  }
  headers.push('X-Replaced-Path', 'x-replaced-path', exchange.path)
  exchange.path = path === '' || path.startsWith('/') ? path : `/${path}`
}
