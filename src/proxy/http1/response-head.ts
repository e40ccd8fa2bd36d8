/** Heads of answers to clients. */
import { statusCodes } from '../../std/status-codes.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Http1Failure } from './failure.ts'
import { dateLine, fieldLines, statusLine } from './serialize.ts'

/** How the body of an answer is marked off (RFC 9112 §6). */
export const framing = { none: 0, length: 1, chunked: 2, untilClose: 3 } as const

/** How this answer's body is marked off for a client of this minor version. */
export function responseFraming(exchange: Exchange, minorVersion: number): number {
  const status = exchange.status
  if (exchange.method === 'HEAD' || status === 204 || status === 304) return framing.none
  if (exchange.responseLength >= 0) return framing.length
  return minorVersion === 0 ? framing.untilClose : framing.chunked
}

/** The head of a final answer; `connection` is the whole Connection line or ''. */
export function responseHead(exchange: Exchange, framed: number, connection: string): string {
  const headers = exchange.responseHeaders
  // 304 describes no content (RFC 9110 §15.4.5); the type may come from a middleware that sets it on every answer.
  if (exchange.status === 304) headers.delete('content-type')
  let text = statusLine(exchange.status, exchange.statusText) + fieldLines(headers)
  if (!headers.keys.includes('date')) text += dateLine(Date.now())
  if (framed === framing.chunked) text += 'Transfer-Encoding: chunked\r\n'
  // A bodyless answer may tell the length that another one would have, but 204 must not (RFC 9110 §8.6).
  else if (exchange.responseLength >= 0 && exchange.status !== 204) text += 'Content-Length: ' + exchange.responseLength + '\r\n'
  return text + connection + '\r\n'
}

/** The head of an answer 101. */
export function switchingHead(exchange: Exchange): string {
  return `${statusLine(101)}${fieldLines(exchange.responseHeaders)}Connection: Upgrade\r\n\r\n`
}

/** A whole answer to a request that cannot be read, as Go's server words it; the connection is closed after it. */
export function refusalAnswer(failure: Http1Failure): string {
  const standard = `${failure.status} ${statusCodes[failure.status] ?? ''}`
  const body = failure.text === '' ? standard : `${standard}: ${failure.text}`
  return `${statusLine(failure.status)}Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: ${body.length}\r\n${dateLine(Date.now())}\r\n${body}`
}

/** The answer to an expectation that cannot be met; the connection is closed after it. */
export function expectationFailedAnswer(): string {
  return `${statusLine(417)}Connection: close\r\nContent-Length: 0\r\n${dateLine(Date.now())}\r\n`
}
