import { type Static, defineMiddlewareOptions, object, text, textList } from '../../schema/kit.ts'

/** Passes the client certificate on; made for ingress-nginx. */
export const authTlsPassCertificateToUpstream = defineMiddlewareOptions({
  key: 'authTLSPassCertificateToUpstream',
  built: false,
  options: object(
    'Passes the client certificate on; made for ingress-nginx.',
    {
      clientAuthType: text('How client certificates are asked for.'),
      caFiles: textList('Certificate authorities that client certificates are checked against.', { fileOrContent: true }),
    },
    { internal: true },
  ),
})

/** Options of `authTLSPassCertificateToUpstream`. */
export type AuthTlsPassCertificateToUpstreamOptions = Static<typeof authTlsPassCertificateToUpstream.options>
