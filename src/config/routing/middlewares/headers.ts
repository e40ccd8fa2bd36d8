import { type Static, bool, defineMiddlewareOptions, int, object, optional, text, textList, textMap } from '../../schema/kit.ts'
import { regexpError } from '../regexp-error.ts'

/** Adds, changes and removes headers, answers CORS preflights, and sets security headers. */
export const headers = defineMiddlewareOptions({
  key: 'headers',
  options: object('Adds, changes and removes headers, answers CORS preflights, and sets security headers.', {
    customRequestHeaders: textMap('Request headers to set; an empty value removes the header.'),
    customResponseHeaders: textMap('Answer headers to set; an empty value removes the header.'),
    accessControlAllowCredentials: bool('Whether browsers may send credentials across origins.'),
    accessControlAllowHeaders: textList('Request headers that browsers may send across origins.'),
    accessControlAllowMethods: textList('Methods that browsers may use across origins.'),
    accessControlAllowOriginList: textList('Origins that may read answers; `*` for all.'),
    accessControlAllowOriginListRegex: textList('Patterns of origins that may read answers.'),
    accessControlExposeHeaders: textList('Answer headers that scripts of other origins may read.'),
    accessControlMaxAge: optional(int("Seconds that browsers may keep a preflight's answer.")),
    addVaryHeader: bool('Whether Vary gets Origin added.'),
    allowedHosts: textList('Hosts that are answered; others get an error.'),
    hostsProxyHeaders: textList('Request headers that may hold the host that `allowedHosts` is about.'),
    sslProxyHeaders: textMap('Request headers and the values by which a proxy in front says that the client used TLS.'),
    stsSeconds: optional(int('Seconds for which Strict-Transport-Security holds; 0 sends none.')),
    stsIncludeSubdomains: bool('Whether Strict-Transport-Security holds for subdomains.'),
    stsPreload: bool('Whether Strict-Transport-Security asks for preloading.'),
    forceSTSHeader: bool('Whether Strict-Transport-Security is sent over plain HTTP too.'),
    frameDeny: bool('Whether X-Frame-Options is `DENY`.'),
    customFrameOptionsValue: text('Value of X-Frame-Options.'),
    contentTypeNosniff: bool('Whether X-Content-Type-Options is `nosniff`.'),
    browserXssFilter: bool('Whether X-XSS-Protection is `1; mode=block`.'),
    customBrowserXSSValue: text('Value of X-XSS-Protection.'),
    contentSecurityPolicy: text('Value of Content-Security-Policy.'),
    contentSecurityPolicyReportOnly: text('Value of Content-Security-Policy-Report-Only.'),
    publicKey: text('Value of Public-Key-Pins.'),
    referrerPolicy: text('Value of Referrer-Policy.'),
    permissionsPolicy: text('Value of Permissions-Policy.'),
    isDevelopment: bool('Whether TLS and host checks and their headers are left out.'),
    featurePolicy: optional(text('Has no effect.', { deprecated: 'use permissionsPolicy' })),
    sslRedirect: optional(bool('Has no effect.', { deprecated: 'use redirections on the entry point, or redirectScheme' })),
    sslTemporaryRedirect: optional(bool('Has no effect.', { deprecated: 'use redirections on the entry point, or redirectScheme' })),
    sslHost: optional(text('Has no effect.', { deprecated: 'use redirectRegex' })),
    sslForceHost: optional(bool('Has no effect.', { deprecated: 'use redirectRegex' })),
  }),
  check(options) {
    if (!Object.values(options).some(isSet)) return 'headers configuration not valid'
    for (const pattern of options.accessControlAllowOriginListRegex) {
      const problem = regexpError(pattern)
      if (problem !== undefined) return `error occurred during origin parsing: ${problem}`
    }
    return undefined
  },
})

/** Options of `headers`. */
export type HeadersOptions = Static<typeof headers.options>

/** Whether an option asks for something. A number does even when it is 0, since it is absent unless configured. */
function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value !== undefined && value !== false && value !== ''
}
