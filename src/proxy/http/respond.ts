/** Answers that Tidegate makes itself are made here and nowhere else. */
import { statusCodes } from '../../std/status-codes.ts'
import type { Exchange } from './exchange.ts'
import type { Reason } from './reasons.ts'

/** Texts that Go has otherwise than Node, or that are no standard. */
const ownTexts: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  414: 'Request URI Too Long',
  416: 'Requested Range Not Satisfiable',
  418: "I'm a teapot",
  499: 'Client Closed Request',
}

/** Standard text of a status, as Traefik's bodies have it. */
export function statusText(status: number): string {
  return ownTexts[status] ?? statusCodes[status] ?? ''
}

/** Answers with a short text body (latin1); headers already set in `responseHeaders` stay. Does nothing when an answer has begun. */
export function respondText(exchange: Exchange, status: number, body: string, reason: Reason | null): void {
  if (exchange.responseStarted || exchange.finished) return
  if (reason !== null) exchange.reason ??= reason
  exchange.status = status
  exchange.statusText = ''
  exchange.responseLength = body.length
  exchange.body?.discard()
  exchange.startResponse()
  if (body !== '') exchange.sink.writeText(exchange, body)
  exchange.sink.end(exchange)
}

/** Answers as Go's http.Error does: text/plain with nosniff, body ending in a line feed. */
export function respondPlainError(exchange: Exchange, status: number, text: string, reason: Reason): void {
  if (exchange.responseStarted || exchange.finished) return
  exchange.responseHeaders.set('Content-Type', 'text/plain; charset=utf-8')
  exchange.responseHeaders.set('X-Content-Type-Options', 'nosniff')
  respondText(exchange, status, `${text}\n`, reason)
}

/** 404 as for a request that no router takes. */
export function respondNotFound(exchange: Exchange, reason: Reason): void {
  respondPlainError(exchange, 404, '404 page not found', reason)
}

/** Ends an exchange that failed: an error answer while none has begun, otherwise the answer is cut so that the client notices. */
export function fail(exchange: Exchange, status: number, reason: Reason): void {
  if (exchange.finished) return
  exchange.reason ??= reason
  if (exchange.responseStarted) {
    exchange.sink.abort(exchange, reason)
    return
  }
  exchange.responseHeaders.clear()
  respondText(exchange, status, statusText(status), reason)
}
