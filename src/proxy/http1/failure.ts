/** Why a message is refused. Failures are made once and shared: nothing in them belongs to one message. */
import type { Reason } from '../http/reasons.ts'

/** A refusal: what a client is told, and the reason code. */
export interface Http1Failure {
  readonly status: number
  readonly reason: Reason
  /** Lower-case text for logs; empty when the answer says no more than its status. */
  readonly text: string
}

function refusal(text: string): Http1Failure {
  return { status: 400, reason: 'bad_request', text }
}

/** Every way in which a message can be wrong. */
export const failures = {
  requestLine: refusal('malformed request line'),
  method: refusal('invalid method'),
  target: refusal('invalid request target'),
  version: refusal('malformed HTTP version'),
  unsupportedVersion: { status: 505, reason: 'version_not_supported', text: 'unsupported protocol version' },
  statusLine: refusal('malformed status line'),
  lineFeed: refusal('bare line feed'),
  carriageReturn: refusal('bare carriage return'),
  headerName: refusal('invalid header name'),
  headerValue: refusal('invalid header value'),
  headerLine: refusal('malformed header line'),
  headTooLarge: { status: 431, reason: 'header_too_large', text: '' },
  missingHost: refusal('missing required Host header'),
  manyHosts: refusal('too many Host headers'),
  host: refusal('malformed Host header'),
  contentLength: refusal('bad Content-Length'),
  lengths: refusal('differing Content-Lengths'),
  lengthAndChunked: refusal('both Content-Length and Transfer-Encoding'),
  encodingInHttp10: refusal('Transfer-Encoding in HTTP/1.0'),
  transferEncoding: { status: 501, reason: 'not_implemented', text: 'unsupported transfer encoding' },
  chunkSize: refusal('invalid chunk size'),
  chunkEnd: refusal('malformed chunk end'),
  chunkExtension: refusal('malformed chunk extension'),
  chunkExtensions: refusal('chunk extensions too large'),
  trailer: refusal('malformed trailer'),
  trailersTooLarge: refusal('trailers too large'),
  informational: refusal('too many informational answers'),
  timeout: { status: 408, reason: 'request_timeout', text: '' },
  cut: refusal('unexpected end of the connection'),
} as const satisfies Readonly<Record<string, Http1Failure>>
