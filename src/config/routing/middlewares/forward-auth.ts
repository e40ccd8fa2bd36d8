import { type Static, bool, defineMiddlewareOptions, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Asks another server whether a request may pass. */
export const forwardAuth = defineMiddlewareOptions({
  key: 'forwardAuth',
  built: false,
  options: object('Asks another server whether a request may pass.', {
    address: text('URL of the authentication server.'),
    tls: optional(
      object('TLS to the authentication server.', {
        ca: text('Certificate authority of the server.', { fileOrContent: true }),
        cert: text('Client certificate.', { fileOrContent: true }),
        key: text('Key of the client certificate.', { fileOrContent: true, secret: true }),
        insecureSkipVerify: bool("Whether the server's certificate goes unchecked."),
        caOptional: optional(bool('Has no effect.', { deprecated: 'leave it out' })),
      }),
    ),
    trustForwardHeader: optional(
      bool('Whether X-Forwarded headers of the request are passed on.', {
        deprecated: 'set it to true, and forwardedHeaders.trustedIPs on the entry point',
      }),
    ),
    authResponseHeaders: textList('Headers of its answer that are copied to the request.'),
    authResponseHeadersRegex: text('Pattern of header names in its answer that are copied to the request.'),
    authRequestHeaders: textList('Request headers that the authentication server gets; all when empty.'),
    maxResponseBodySize: optional(
      int('Largest answer of the authentication server; -1 is no limit.', { effective: 'no limit, with a warning' }),
    ),
    addAuthCookiesToResponse: textList('Cookies of the authentication server that the client gets.'),
    headerField: text("Header of its answer with the user's name, for the access log."),
    forwardBody: bool('Whether the authentication server gets the body too.'),
    maxBodySize: int('Largest body that is forwarded; -1 is no limit.', { default: -1, pointer: true }),
    preserveLocationHeader: bool('Whether a Location in its answer is left relative.'),
    preserveRequestMethod: bool('Whether it is asked with the method of the request instead of GET.'),
    authSigninURL: text('Where clients are sent to sign in; made for ingress-nginx.'),
  }),
})

/** Options of `forwardAuth`. */
export type ForwardAuthOptions = Static<typeof forwardAuth.options>
