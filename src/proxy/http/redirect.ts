/** Redirections, for the middlewares that make them. */
import { formatGoUrl, parseGoUrl } from '../../std/go-url.ts'
import type { Exchange } from './exchange.ts'
import { respondText, statusText } from './respond.ts'

/** Path and query as they would be forwarded, semicolons in the query as the client wrote them. */
export function requestUri(exchange: Exchange): string {
  const path = exchange.path === '' ? '/' : exchange.path
  if (!exchange.hasQuery) return path
  return `${path}?${exchange.writtenQuery === '' ? exchange.rawQuery : exchange.writtenQuery}`
}

/** Sends the client to another URL: 302 or 301 for GET, 307 or 308 for other methods; 502 when the URL cannot be one. */
export function redirect(exchange: Exchange, url: string, permanent: boolean): void {
  const parsed = parseGoUrl(url)
  if (parsed === undefined) {
    respondText(exchange, 502, 'Bad Gateway', 'middleware_error')
    return
  }
  const keepsMethod = exchange.method !== 'GET'
  const status = permanent ? (keepsMethod ? 308 : 301) : keepsMethod ? 307 : 302
  exchange.responseHeaders.set('Location', formatGoUrl(parsed))
  respondText(exchange, status, statusText(status), 'middleware_answer')
}
