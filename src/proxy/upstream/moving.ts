/** When an exchange may be sent once more, to the same server or to another one. */
import type { Exchange } from '../http/exchange.ts'
import type { Failure } from './failure.ts'

/** Whether doing it twice is the same as once, by the method alone (RFC 9110 §9.2.1). */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}

/** Whether an exchange may be sent again that broke on a connection that had been idle, before anything of an answer came. */
export function mayRepeat(exchange: Exchange, error: NodeJS.ErrnoException | undefined): boolean {
  if (exchange.body !== null || exchange.aborted !== null) return false
  // What could not be written was not received: a head is written at once, or cut and of no use.
  if (error?.syscall === 'write') return true
  return isSafe(exchange.method) || exchange.headers.has('idempotency-key') || exchange.headers.has('x-idempotency-key')
}

/** Whether an exchange may go to another server although it has been sent: it was reset without an answer, and may be done twice. */
export function wasResetUnread(exchange: Exchange, error: NodeJS.ErrnoException | undefined): boolean {
  if (error === undefined || exchange.body !== null || !isSafe(exchange.method)) return false
  // A connection is reset when its process dies before it has read what came, or has never taken the connection; a server that gives up closes it.
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

/** Whether another server may do better. A certificate that is not accepted is a fault to be seen. */
export function mayMove(exchange: Exchange, { reason }: Failure): boolean {
  return exchange.aborted === null && (reason === 'connect_failed' || reason === 'connect_timeout' || reason === 'upstream_closed')
}
