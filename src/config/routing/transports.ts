import { type Static, bool, duration, int, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { certificatePair, peerCertSan, spiffeIdentity } from './shared.ts'

/** How connections to HTTP servers are made. */
export const httpServersTransport = object('How connections to servers are made.', {
  serverName: text('Name that is sent to servers and that their certificate must fit.', { noLabel: true }),
  insecureSkipVerify: bool('Whether certificates of servers go unchecked.', { noLabel: true }),
  rootCAs: textList("Certificate authorities of servers, instead of the system's.", { noLabel: true, fileOrContent: true }),
  certificates: objectList('Client certificates for servers that ask for one.', certificatePair, { noLabel: true }),
  cipherSuites: textList('Cipher suites that may be used.', { noLabel: true }),
  minVersion: text('Oldest TLS version.', { noLabel: true, values: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'] }),
  maxVersion: text('Newest TLS version.', { noLabel: true, values: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'] }),
  maxIdleConnsPerHost: int('Idle connections that are kept per server; negative keeps none.', { noLabel: true, effective: '2' }),
  forwardingTimeouts: optional(
    object(
      'Time limits for connections and answers.',
      {
        dialTimeout: duration('Longest time for connecting; 0 is no limit.', { default: '30s' }),
        responseHeaderTimeout: duration('Longest time from the end of the request to the head of the answer; 0 is no limit.'),
        idleConnTimeout: duration('How long an idle connection is kept; 0 is no limit.', { default: '90s' }),
        readIdleTimeout: duration('Silence after which an HTTP/2 connection is pinged; 0 never pings.'),
        pingTimeout: duration('How long the answer to an HTTP/2 ping may take.', { default: '15s' }),
        readTimeout: duration('Longest time for each read; 0 is no limit.', { only: ['file', 'kv'] }),
        writeTimeout: duration('Longest time for each write; 0 is no limit.', { only: ['file', 'kv'] }),
      },
      { noLabel: true },
    ),
  ),
  disableHTTP2: bool('Whether HTTP/2 is never used.', { noLabel: true }),
  peerCertURI: text("URI that the server's certificate must carry.", { noLabel: true, deprecated: 'use peerCertSANs' }),
  peerCertSANs: objectList("Names of which the server's certificate must carry one.", peerCertSan, { noLabel: true }),
  spiffe: optional(object('Checks servers by their SPIFFE identity.', spiffeIdentity, { allowEmpty: true, noLabel: true })),
})

/** A decoded transport to HTTP servers. */
export type HttpServersTransport = Static<typeof httpServersTransport>

/** How connections to TCP servers are made. */
export const tcpServersTransport = object('How connections to servers are made.', {
  dialKeepAlive: duration('Interval of TCP keep-alive probes; negative sends none.', { default: '15s', noLabel: true }),
  dialTimeout: duration('Longest time for connecting; 0 is no limit.', { default: '30s', noLabel: true }),
  proxyProtocol: optional(
    object(
      "Tells servers the client's address by the PROXY protocol.",
      {
        version: int('Version of the PROXY protocol.', { default: 2 }),
      },
      { allowEmpty: true, noLabel: true },
    ),
  ),
  terminationDelay: duration('How long the other direction stays open once one side has finished.', { default: '100ms', noLabel: true }),
  tls: optional(
    object(
      'Speaks TLS to servers.',
      {
        serverName: text('Name that is sent to servers and that their certificate must fit.'),
        insecureSkipVerify: bool('Whether certificates of servers go unchecked.'),
        rootCAs: textList("Certificate authorities of servers, instead of the system's.", { fileOrContent: true }),
        certificates: objectList('Client certificates for servers that ask for one.', certificatePair),
        peerCertURI: text("URI that the server's certificate must carry.", { deprecated: 'use peerCertSANs' }),
        peerCertSANs: objectList("Names of which the server's certificate must carry one.", peerCertSan),
        spiffe: optional(object('Checks servers by their SPIFFE identity.', spiffeIdentity, { allowEmpty: true })),
      },
      { allowEmpty: true, noLabel: true },
    ),
  ),
})

/** A decoded transport to TCP servers. */
export type TcpServersTransport = Static<typeof tcpServersTransport>
