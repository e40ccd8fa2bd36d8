import { certificatePair, peerCertSan, spiffeIdentity } from './shared.ts'
import { type Static, bool, duration, int, object, objectList, optional, text, textList } from '../schema/kit.ts'

/** How connections to HTTP servers are made. */
export const httpServersTransport = object('@@d:http.serversTransports.<name>@@', {
  serverName: text('@@d:http.serversTransports.<name>.serverName@@', { noLabel: true }),
  insecureSkipVerify: bool('@@d:http.serversTransports.<name>.insecureSkipVerify@@', { noLabel: true }),
  rootCAs: textList('@@d:http.serversTransports.<name>.rootCAs@@', { noLabel: true, fileOrContent: true }),
  certificates: objectList('@@d:http.serversTransports.<name>.certificates@@', certificatePair, { noLabel: true }),
  cipherSuites: textList('@@d:http.serversTransports.<name>.cipherSuites@@', { noLabel: true }),
  minVersion: text('@@d:http.serversTransports.<name>.minVersion@@', { noLabel: true, values: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'] }),
  maxVersion: text('@@d:http.serversTransports.<name>.maxVersion@@', { noLabel: true, values: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'] }),
  maxIdleConnsPerHost: int('@@d:http.serversTransports.<name>.maxIdleConnsPerHost@@', { noLabel: true, effective: '2 (net/http default)' }),
  forwardingTimeouts: optional(object('@@d:http.serversTransports.<name>.forwardingTimeouts@@', {
    dialTimeout: duration('@@d:http.serversTransports.<name>.forwardingTimeouts.dialTimeout@@', { default: '30s' }),
    responseHeaderTimeout: duration('@@d:http.serversTransports.<name>.forwardingTimeouts.responseHeaderTimeout@@'),
    idleConnTimeout: duration('@@d:http.serversTransports.<name>.forwardingTimeouts.idleConnTimeout@@', { default: '90s' }),
    readIdleTimeout: duration('@@d:http.serversTransports.<name>.forwardingTimeouts.readIdleTimeout@@'),
    pingTimeout: duration('@@d:http.serversTransports.<name>.forwardingTimeouts.pingTimeout@@', { default: '15s' }),
    readTimeout: duration('@@d:http.serversTransports.<name>.forwardingTimeouts.readTimeout@@', { only: ['file', 'kv'] }),
    writeTimeout: duration('@@d:http.serversTransports.<name>.forwardingTimeouts.writeTimeout@@', { only: ['file', 'kv'] }),
  }, { noLabel: true })),
  disableHTTP2: bool('@@d:http.serversTransports.<name>.disableHTTP2@@', { noLabel: true }),
  peerCertURI: text('@@d:http.serversTransports.<name>.peerCertURI@@', { noLabel: true, deprecated: 'please use the PeerCertSANs option instead' }),
  peerCertSANs: objectList('@@d:http.serversTransports.<name>.peerCertSANs@@', peerCertSan, { noLabel: true }),
  spiffe: optional(object('@@d:http.serversTransports.<name>.spiffe@@', spiffeIdentity, { allowEmpty: true, noLabel: true })),
})

/** A decoded transport to HTTP servers. */
export type HttpServersTransport = Static<typeof httpServersTransport>

/** How connections to TCP servers are made. */
export const tcpServersTransport = object('@@d:tcp.serversTransports.<name>@@', {
  dialKeepAlive: duration('@@d:tcp.serversTransports.<name>.dialKeepAlive@@', { default: '15s', noLabel: true }),
  dialTimeout: duration('@@d:tcp.serversTransports.<name>.dialTimeout@@', { default: '30s', noLabel: true }),
  proxyProtocol: optional(object('@@d:tcp.serversTransports.<name>.proxyProtocol@@', {
    version: int('@@d:tcp.serversTransports.<name>.proxyProtocol.version@@', { default: 2 }),
  }, { allowEmpty: true, noLabel: true })),
  terminationDelay: duration('@@d:tcp.serversTransports.<name>.terminationDelay@@', { default: '100ms', noLabel: true }),
  tls: optional(object('@@d:tcp.serversTransports.<name>.tls@@', {
    serverName: text('@@d:tcp.serversTransports.<name>.tls.serverName@@'),
    insecureSkipVerify: bool('@@d:tcp.serversTransports.<name>.tls.insecureSkipVerify@@'),
    rootCAs: textList('@@d:tcp.serversTransports.<name>.tls.rootCAs@@', { fileOrContent: true }),
    certificates: objectList('@@d:tcp.serversTransports.<name>.tls.certificates@@', certificatePair),
    peerCertURI: text('@@d:tcp.serversTransports.<name>.tls.peerCertURI@@', { deprecated: 'please use the PeerCertSANs option instead' }),
    peerCertSANs: objectList('@@d:tcp.serversTransports.<name>.tls.peerCertSANs@@', peerCertSan),
    spiffe: optional(object('@@d:tcp.serversTransports.<name>.tls.spiffe@@', spiffeIdentity, { allowEmpty: true })),
  }, { allowEmpty: true, noLabel: true })),
})

/** A decoded transport to TCP servers. */
export type TcpServersTransport = Static<typeof tcpServersTransport>
