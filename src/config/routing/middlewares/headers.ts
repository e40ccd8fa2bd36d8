import { type Static, bool, defineMiddlewareOptions, int, object, optional, text, textList, textMap } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.headers@@ */
export const headers = defineMiddlewareOptions({
  key: 'headers',
  options: object('@@d:http.middlewares.<name>.headers@@', {
    customRequestHeaders: textMap('@@d:http.middlewares.<name>.headers.customRequestHeaders@@'),
    customResponseHeaders: textMap('@@d:http.middlewares.<name>.headers.customResponseHeaders@@'),
    accessControlAllowCredentials: bool('@@d:http.middlewares.<name>.headers.accessControlAllowCredentials@@'),
    accessControlAllowHeaders: textList('@@d:http.middlewares.<name>.headers.accessControlAllowHeaders@@'),
    accessControlAllowMethods: textList('@@d:http.middlewares.<name>.headers.accessControlAllowMethods@@'),
    accessControlAllowOriginList: textList('@@d:http.middlewares.<name>.headers.accessControlAllowOriginList@@'),
    accessControlAllowOriginListRegex: textList('@@d:http.middlewares.<name>.headers.accessControlAllowOriginListRegex@@'),
    accessControlExposeHeaders: textList('@@d:http.middlewares.<name>.headers.accessControlExposeHeaders@@'),
    accessControlMaxAge: optional(int('@@d:http.middlewares.<name>.headers.accessControlMaxAge@@')),
    addVaryHeader: bool('@@d:http.middlewares.<name>.headers.addVaryHeader@@'),
    allowedHosts: textList('@@d:http.middlewares.<name>.headers.allowedHosts@@'),
    hostsProxyHeaders: textList('@@d:http.middlewares.<name>.headers.hostsProxyHeaders@@'),
    sslProxyHeaders: textMap('@@d:http.middlewares.<name>.headers.sslProxyHeaders@@'),
    stsSeconds: optional(int('@@d:http.middlewares.<name>.headers.stsSeconds@@')),
    stsIncludeSubdomains: bool('@@d:http.middlewares.<name>.headers.stsIncludeSubdomains@@'),
    stsPreload: bool('@@d:http.middlewares.<name>.headers.stsPreload@@'),
    forceSTSHeader: bool('@@d:http.middlewares.<name>.headers.forceSTSHeader@@'),
    frameDeny: bool('@@d:http.middlewares.<name>.headers.frameDeny@@'),
    customFrameOptionsValue: text('@@d:http.middlewares.<name>.headers.customFrameOptionsValue@@'),
    contentTypeNosniff: bool('@@d:http.middlewares.<name>.headers.contentTypeNosniff@@'),
    browserXssFilter: bool('@@d:http.middlewares.<name>.headers.browserXssFilter@@'),
    customBrowserXSSValue: text('@@d:http.middlewares.<name>.headers.customBrowserXSSValue@@'),
    contentSecurityPolicy: text('@@d:http.middlewares.<name>.headers.contentSecurityPolicy@@'),
    contentSecurityPolicyReportOnly: text('@@d:http.middlewares.<name>.headers.contentSecurityPolicyReportOnly@@'),
    publicKey: text('@@d:http.middlewares.<name>.headers.publicKey@@'),
    referrerPolicy: text('@@d:http.middlewares.<name>.headers.referrerPolicy@@'),
    permissionsPolicy: text('@@d:http.middlewares.<name>.headers.permissionsPolicy@@'),
    isDevelopment: bool('@@d:http.middlewares.<name>.headers.isDevelopment@@'),
    featurePolicy: optional(text('@@d:http.middlewares.<name>.headers.featurePolicy@@', { deprecated: 'please use PermissionsPolicy instead' })),
    sslRedirect: optional(bool('@@d:http.middlewares.<name>.headers.sslRedirect@@', { deprecated: 'please use EntryPoint redirection or RedirectScheme instead' })),
    sslTemporaryRedirect: optional(bool('@@d:http.middlewares.<name>.headers.sslTemporaryRedirect@@', { deprecated: 'please use EntryPoint redirection or RedirectScheme instead' })),
    sslHost: optional(text('@@d:http.middlewares.<name>.headers.sslHost@@', { deprecated: 'please use RedirectRegex instead' })),
    sslForceHost: optional(bool('@@d:http.middlewares.<name>.headers.sslForceHost@@', { deprecated: 'please use RedirectRegex instead' })),
  }),
})

/** Options of `headers`. */
export type HeadersOptions = Static<typeof headers.options>
