import { type Static, bool, duration, int, object, optional, text, textList } from '../schema/kit.ts'

/** Which SPIFFE identities a server may have. */
export const spiffeIdentity = {
  ids: textList('@@s:serversTransport.spiffe.ids@@', { masked: true }),
  trustDomain: text('@@s:serversTransport.spiffe.trustDomain@@', { masked: true }),
}

/** Defaults of connections to HTTP servers. */
export const serversTransport = object('@@s:serversTransport@@', {
  forwardingTimeouts: optional(object('@@s:serversTransport.forwardingTimeouts@@', {
    dialTimeout: duration('@@s:serversTransport.forwardingTimeouts.dialTimeout@@', { default: '30s' }),
    idleConnTimeout: duration('@@s:serversTransport.forwardingTimeouts.idleConnTimeout@@', { default: '90s' }),
    responseHeaderTimeout: duration('@@s:serversTransport.forwardingTimeouts.responseHeaderTimeout@@'),
  })),
  insecureSkipVerify: bool('@@s:serversTransport.insecureSkipVerify@@'),
  maxIdleConnsPerHost: int('@@s:serversTransport.maxIdleConnsPerHost@@', { default: 200 }),
  rootCAs: textList('@@s:serversTransport.rootCAs@@', { fileOrContent: true, masked: true }),
  spiffe: optional(object('@@s:serversTransport.spiffe@@', spiffeIdentity, { allowEmpty: true, built: false })),
})

/** Decoded defaults of connections to HTTP servers. */
export type ServersTransport = Static<typeof serversTransport>

/** Defaults of connections to TCP servers. */
export const tcpServersTransport = object('@@s:tcpServersTransport@@', {
  dialKeepAlive: duration('@@s:tcpServersTransport.dialKeepAlive@@', { default: '15s' }),
  dialTimeout: duration('@@s:tcpServersTransport.dialTimeout@@', { default: '30s' }),
  terminationDelay: duration('@@s:tcpServersTransport.terminationDelay@@'),
  tls: optional(object('@@s:tcpServersTransport.tls@@', {
    insecureSkipVerify: bool('@@s:tcpServersTransport.tls.insecureSkipVerify@@'),
    rootCAs: textList('@@s:tcpServersTransport.tls.rootCAs@@', { fileOrContent: true, masked: true }),
    spiffe: optional(object('@@s:tcpServersTransport.tls.spiffe@@', spiffeIdentity, { allowEmpty: true })),
  }, { allowEmpty: true })),
}, { built: false })

/** Decoded defaults of connections to TCP servers. */
export type TcpServersTransportDefaults = Static<typeof tcpServersTransport>
