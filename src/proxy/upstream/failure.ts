/** What went wrong on the way to a server, and what the client is told. */
import type { Exchange } from '../http/exchange.ts'
import type { Reason } from '../http/reasons.ts'
import { respondText, statusText } from '../http/respond.ts'

/** A failure with the status that the client gets. */
export interface Failure {
  readonly status: number
  readonly reason: Reason
}

/** The failures that can happen. */
export const failures = {
  connect: { status: 502, reason: 'connect_failed' },
  connectTimeout: { status: 504, reason: 'connect_timeout' },
  /** The server's certificate was not accepted, or what answered does not speak TLS. */
  tls: { status: 500, reason: 'upstream_tls' },
  /** The server refused the handshake by an alert. */
  tlsAlert: { status: 502, reason: 'upstream_tls' },
  closed: { status: 502, reason: 'upstream_closed' },
  timeout: { status: 504, reason: 'upstream_timeout' },
  malformed: { status: 500, reason: 'upstream_malformed' },
  /** The connection ended in the middle of the head. */
  headCut: { status: 500, reason: 'upstream_malformed' },
  bodyCut: { status: 502, reason: 'upstream_cut' },
  /** A server that changes to HTTP/2 behind our back (decision: never passed on). */
  forbiddenUpgrade: { status: 502, reason: 'upstream_malformed' },
  /** CONNECT over HTTP/1.1 (R7). */
  connectMethod: { status: 501, reason: 'not_implemented' },
  unsupported: { status: 500, reason: 'upstream_unsupported' },
  shuttingDown: { status: 503, reason: 'shutting_down' },
  internal: { status: 500, reason: 'internal_error' },
  loop: { status: 508, reason: 'loop_detected' },
} as const satisfies Record<string, Failure>

/** Answers for a failed server, or cuts the answer that has begun. What was set in `responseHeaders` before, such as sticky cookies, stays. */
export function answerFailure(exchange: Exchange, failure: Failure): void {
  if (exchange.finished) return
  exchange.reason ??= failure.reason
  if (exchange.responseStarted) {
    exchange.sink.abort(exchange, failure.reason)
    return
  }
  const text = failure.status === 501 ? '' : statusText(failure.status)
  // Logs count it as the server's answer, as Traefik's do.
  exchange.originStatus = failure.status
  exchange.originBytes = text.length
  respondText(exchange, failure.status, text, failure.reason)
}

/** What a failed dial means: refused and unresolvable are 502, timeouts 504, faulty certificates 500, alerts of the server 502. */
export function dialFailure(error: NodeJS.ErrnoException): Failure {
  const code = error.code ?? ''
  if (code === 'ETIMEDOUT') return failures.connectTimeout
  if (isAlert(error)) return failures.tlsAlert
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || certificateCodes.has(code)) return failures.tls
  return failures.connect
}

/** What a connection that broke before the head of the answer means. */
export function brokenFailure(error: NodeJS.ErrnoException | undefined): Failure {
  if (error === undefined) return failures.closed
  // In TLS 1.3 a server refuses a client's certificate only after the client's side of the handshake is over.
  if (isAlert(error)) return failures.tlsAlert
  if ((error.code ?? '').startsWith('ERR_SSL_')) return failures.tls
  return failures.closed
}

function isAlert(error: NodeJS.ErrnoException): boolean {
  return (error.code ?? '').startsWith('ERR_SSL_') && /ALERT/i.test(error.code ?? '')
}

/** OpenSSL's names of verification errors as Node gives them. */
const certificateCodes: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'HOSTNAME_MISMATCH',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
])
