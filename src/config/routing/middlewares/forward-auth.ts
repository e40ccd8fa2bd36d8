import { type Static, bool, defineMiddlewareOptions, int, object, optional, text, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.forwardAuth@@ */
export const forwardAuth = defineMiddlewareOptions({
  key: 'forwardAuth',
  built: false,
  options: object('@@d:http.middlewares.<name>.forwardAuth@@', {
    address: text('@@d:http.middlewares.<name>.forwardAuth.address@@'),
    tls: optional(object('@@d:http.middlewares.<name>.forwardAuth.tls@@', {
      ca: text('@@d:http.middlewares.<name>.forwardAuth.tls.ca@@', { fileOrContent: true }),
      cert: text('@@d:http.middlewares.<name>.forwardAuth.tls.cert@@', { fileOrContent: true }),
      key: text('@@d:http.middlewares.<name>.forwardAuth.tls.key@@', { fileOrContent: true, secret: true }),
      insecureSkipVerify: bool('@@d:http.middlewares.<name>.forwardAuth.tls.insecureSkipVerify@@'),
      caOptional: optional(bool('@@d:http.middlewares.<name>.forwardAuth.tls.caOptional@@', { deprecated: 'do not use it' })),
    })),
    trustForwardHeader: optional(bool('@@d:http.middlewares.<name>.forwardAuth.trustForwardHeader@@', { deprecated: 'Use forwardedHeaders.trustedIPs at the EntryPoint level instead, and set trustForwardHeader to true on this middleware' })),
    authResponseHeaders: textList('@@d:http.middlewares.<name>.forwardAuth.authResponseHeaders@@'),
    authResponseHeadersRegex: text('@@d:http.middlewares.<name>.forwardAuth.authResponseHeadersRegex@@'),
    authRequestHeaders: textList('@@d:http.middlewares.<name>.forwardAuth.authRequestHeaders@@'),
    maxResponseBodySize: optional(int('@@d:http.middlewares.<name>.forwardAuth.maxResponseBodySize@@', { effective: '-1 (no limit), with a warning' })),
    addAuthCookiesToResponse: textList('@@d:http.middlewares.<name>.forwardAuth.addAuthCookiesToResponse@@'),
    headerField: text('@@d:http.middlewares.<name>.forwardAuth.headerField@@'),
    forwardBody: bool('@@d:http.middlewares.<name>.forwardAuth.forwardBody@@'),
    maxBodySize: int('@@d:http.middlewares.<name>.forwardAuth.maxBodySize@@', { default: -1, pointer: true }),
    preserveLocationHeader: bool('@@d:http.middlewares.<name>.forwardAuth.preserveLocationHeader@@'),
    preserveRequestMethod: bool('@@d:http.middlewares.<name>.forwardAuth.preserveRequestMethod@@'),
    authSigninURL: text('@@d:http.middlewares.<name>.forwardAuth.authSigninURL@@'),
  }),
})

/** Options of `forwardAuth`. */
export type ForwardAuthOptions = Static<typeof forwardAuth.options>
