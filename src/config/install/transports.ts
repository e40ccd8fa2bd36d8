import { type Static, bool, duration, int, object, optional, text, textList } from '../schema/kit.ts'

/** Which SPIFFE identities a server may have. */
export const spiffeIdentity = {
  ids: textList('Identities that servers may have; the trust domain counts when empty.', { masked: true }),
  trustDomain: text('Trust domain that servers must belong to.', { masked: true }),
}

/** Defaults of connections to HTTP servers. */
export const serversTransport = object('Defaults of connections to HTTP servers.', {
  forwardingTimeouts: optional(
    object('Time limits for connections and answers.', {
      dialTimeout: duration('Longest time for connecting; 0 is no limit.', { default: '30s' }),
      idleConnTimeout: duration('How long an idle connection is kept; 0 is no limit.', { default: '90s' }),
      responseHeaderTimeout: duration('Longest time from the end of the request to the head of the answer; 0 is no limit.'),
    }),
  ),
  insecureSkipVerify: bool('Whether certificates of servers go unchecked.'),
  maxIdleConnsPerHost: int('Idle connections that are kept per server; negative keeps none.', { default: 200 }),
  rootCAs: textList("Certificate authorities of servers, instead of the system's.", { fileOrContent: true, masked: true }),
  spiffe: optional(object('Checks servers by their SPIFFE identity.', spiffeIdentity, { allowEmpty: true, built: false })),
})

/** Decoded defaults of connections to HTTP servers. */
export type ServersTransport = Static<typeof serversTransport>

/** Defaults of connections to TCP servers. */
export const tcpServersTransport = object('Defaults of connections to TCP servers.', {
  dialKeepAlive: duration('Interval of TCP keep-alive probes; negative sends none.', { default: '15s' }),
  dialTimeout: duration('Longest time for connecting; 0 is no limit.', { default: '30s' }),
  terminationDelay: duration('How long the other direction stays open once one side has finished.', { effective: '100ms' }),
  tls: optional(
    object(
      'Speaks TLS to servers.',
      {
        insecureSkipVerify: bool('Whether certificates of servers go unchecked.'),
        rootCAs: textList("Certificate authorities of servers, instead of the system's.", { fileOrContent: true, masked: true }),
        spiffe: optional(object('Checks servers by their SPIFFE identity.', spiffeIdentity, { allowEmpty: true })),
      },
      { allowEmpty: true },
    ),
  ),
})

/** Decoded defaults of connections to TCP servers. */
export type TcpServersTransportDefaults = Static<typeof tcpServersTransport>
