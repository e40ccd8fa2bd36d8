import { compileRe2 } from '../../../std/re2.ts'
import { type Static, bool, defineMiddlewareOptions, duration, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Parts of a request, besides header fields, that an answer of the authentication server may depend on. */
const keyParts: readonly string[] = ['clientIP', 'host', 'method', 'path', 'query', 'scheme']

/** Asks another server whether a request may pass. */
export const forwardAuth = defineMiddlewareOptions({
  key: 'forwardAuth',
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
    cache: optional(
      object(
        'Remembers answers of the authentication server, in each worker; equal questions at one time are asked once.',
        {
          ttl: duration('How long an answer that lets a request pass is remembered.', { default: '10s' }),
          negativeTtl: duration('How long a refusal is remembered; 0 is not at all. Statuses 429 and 500 and above never are.'),
          headers: textList('Request headers that answers depend on.', { default: ['Authorization', 'Cookie'] }),
          parts: textList(`What else of a request answers depend on: ${keyParts.join(', ')}.`, { default: keyParts, values: keyParts }),
          maxEntries: int('How many answers a worker remembers; the oldest makes room.', { default: 1000, minimum: 1 }),
          storeSetCookie: bool(
            'Whether answers that set cookies are remembered too, and their cookies given to others with the same headers.',
          ),
        },
        { allowEmpty: true, extension: true },
      ),
    ),
  }),
  check({ authResponseHeadersRegex, cache }) {
    const unknown = cache?.parts.find((part) => !keyParts.includes(part))
    if (unknown !== undefined) return `cache.parts: ${unknown} is none of ${keyParts.join(', ')}`
    if (authResponseHeadersRegex === '') return undefined
    try {
      compileRe2(authResponseHeadersRegex)
      return undefined
    } catch (error) {
      return `error compiling regular expression ${authResponseHeadersRegex}: ${error instanceof Error ? error.message : String(error)}`
    }
  },
})

/** Options of `forwardAuth`. */
export type ForwardAuthOptions = Static<typeof forwardAuth.options>
