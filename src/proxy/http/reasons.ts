/**
 * Reason codes: why Tidegate itself made, changed or cut an answer. One goes with every such response, into access log and
 * metrics. The union is closed and kept in this file with the status that each code has by default.
 */
export const reasonStatus = {
  /** No router matches the request. */
  no_router: 404,
  /** The router that owns the request is disabled (decision: nothing falls through to a lower router). */
  router_disabled: 404,
  /** A middleware could not be built, so its router refuses. */
  middleware_error: 500,
  /** The service exists but has no server that may be used. */
  no_healthy_server: 503,
  /** The request is malformed (RFC 9112). */
  bad_request: 400,
  /** The TLS connection was made for a host with other TLS options than those of the router that the request is for. */
  misdirected: 421,
  /** The path was refused by the entry point's path policy. */
  bad_path: 400,
  /** The head exceeds the entry point's limit. */
  header_too_large: 431,
  /** The body exceeds a limit. */
  body_too_large: 413,
  /** The client was too slow to send its request. */
  request_timeout: 408,
  /** An expectation other than 100-continue. */
  expectation_failed: 417,
  /** A method that is not served, such as CONNECT over HTTP/1.1. */
  not_implemented: 501,
  /** HTTP version that is not spoken. */
  version_not_supported: 505,
  /** The connection to the server was refused or its name did not resolve. */
  connect_failed: 502,
  /** Dialling took longer than `dialTimeout`. */
  connect_timeout: 504,
  /** TLS to the server failed verification. */
  upstream_tls: 500,
  /** The server closed before it answered. */
  upstream_closed: 502,
  /** The server's answer is malformed. */
  upstream_malformed: 500,
  /** The server did not answer in time. */
  upstream_timeout: 504,
  /** The server broke its answer off after the head had been passed on. */
  upstream_cut: 502,
  /** The server's URL cannot be used (scheme). */
  upstream_unsupported: 500,
  /** The answer of a server was not wanted: another one was asked for, or it was longer than it may be. Never seen by clients. */
  answer_dropped: 502,
  /** The client went away before the answer was complete. */
  client_gone: 499,
  /** The request came back to Tidegate through one of its own upstream connections. */
  loop_detected: 508,
  /** Credentials missing or wrong. */
  unauthorized: 401,
  /** Too many passwords wait to be checked, or the check failed. */
  auth_busy: 503,
  /** The authentication server refused the request. */
  auth_refused: 401,
  /** The authentication server could not be asked, or its answer could not be used. */
  auth_unreachable: 500,
  /** A body is too long for the authentication server, or its answer is too long. */
  auth_too_large: 401,
  /** The client's address is not allowed. */
  forbidden: 403,
  /** The source of the request sends more than it may (`rateLimit`). */
  rate_limited: 429,
  /** The limit could not be looked up, and nothing passes without it. */
  rate_limit_unavailable: 500,
  /** The source of the request has as many requests under way as it may have (`inFlightReq`). */
  too_many_in_flight: 429,
  /** A circuit breaker is open. */
  circuit_open: 503,
  /** The answer of the server is longer than it may be (`buffering`). */
  answer_too_large: 500,
  /** A body could not be written to or read from the disk. */
  buffer_failed: 500,
  /** A middleware answered by itself (redirect, CORS preflight, …). */
  middleware_answer: 200,
  /** The service is being worked on (`maintenance`). */
  maintenance: 503,
  /** There is no file at this path (`staticFiles`). */
  no_file: 404,
  /** A file could not be read to its end. */
  file_failed: 500,
  /** A handler threw: a bug, contained to this request. */
  internal_error: 500,
  /** Too many requests wait for the control plane. */
  control_busy: 503,
  /** The process is going down. */
  shutting_down: 503,
  /** A tunnel was ended, because a reload has removed the route that it was opened on. */
  route_removed: 503,
} as const

/** One of the closed set of reason codes. */
export type Reason = keyof typeof reasonStatus
