/**
 * What the matchers of HTTP rules see of a request. All strings hold bytes, one character each (latin1), as they came from the wire.
 */
export interface MatchInput {
  readonly method: string
  /** Canonical host: lower case, without port and brackets; a trailing dot is kept as sent. '' when the request has none. */
  readonly host: string
  /** Host as sent, port and brackets included. */
  readonly hostRaw: string
  /** Path with every %xx decoded except those of reserved characters, which keep upper-case hex digits. */
  readonly routingPath: string
  /** What follows the first '?'; '' if there is none. */
  readonly rawQuery: string
  /** Address of the peer, PROXY protocol applied. */
  readonly clientIp: string
  /** Canonical name that the host is an alias of (CNAME flattening); absent or '' when there is none. It is tried beside `host`. */
  readonly flatHost?: string
  /** Values of all header lines of that name, in order; empty when there are none. */
  headerValues(lowerCaseName: string): readonly string[]
}

/** What the matchers of TCP rules see of a connection. */
export interface TcpMatchInput {
  /** Server name of the ClientHello in lower case; '' when there is none. */
  readonly sni: string
  readonly clientIp: string
  /** Protocols that the client offers. */
  readonly alpn: readonly string[]
}
