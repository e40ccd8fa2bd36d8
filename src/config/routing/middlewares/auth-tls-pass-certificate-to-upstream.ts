import { type Static, defineMiddlewareOptions, object, text, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.authTLSPassCertificateToUpstream@@ */
export const authTlsPassCertificateToUpstream = defineMiddlewareOptions({
  key: 'authTLSPassCertificateToUpstream',
  built: false,
  options: object('@@d:http.middlewares.<name>.authTLSPassCertificateToUpstream@@', {
    clientAuthType: text('@@d:http.middlewares.<name>.authTLSPassCertificateToUpstream.clientAuthType@@'),
    caFiles: textList('@@d:http.middlewares.<name>.authTLSPassCertificateToUpstream.caFiles@@', { fileOrContent: true }),
  }, { internal: true }),
})

/** Options of `authTLSPassCertificateToUpstream`. */
export type AuthTlsPassCertificateToUpstreamOptions = Static<typeof authTlsPassCertificateToUpstream.options>
