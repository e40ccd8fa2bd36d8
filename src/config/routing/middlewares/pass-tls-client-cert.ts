import { type Static, bool, defineMiddlewareOptions, object, optional } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.passTLSClientCert@@ */
export const passTlsClientCert = defineMiddlewareOptions({
  key: 'passTLSClientCert',
  built: false,
  options: object('@@d:http.middlewares.<name>.passTLSClientCert@@', {
    pem: bool('@@d:http.middlewares.<name>.passTLSClientCert.pem@@'),
    info: optional(object('@@d:http.middlewares.<name>.passTLSClientCert.info@@', {
      notAfter: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.notAfter@@'),
      notBefore: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.notBefore@@'),
      sans: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.sans@@'),
      serialNumber: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.serialNumber@@'),
      subject: optional(object('@@d:http.middlewares.<name>.passTLSClientCert.info.subject@@', {
        country: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.subject.country@@'),
        province: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.subject.province@@'),
        locality: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.subject.locality@@'),
        organization: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.subject.organization@@'),
        organizationalUnit: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.subject.organizationalUnit@@'),
        commonName: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.subject.commonName@@'),
        serialNumber: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.subject.serialNumber@@'),
        domainComponent: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.subject.domainComponent@@'),
      })),
      issuer: optional(object('@@d:http.middlewares.<name>.passTLSClientCert.info.issuer@@', {
        country: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.issuer.country@@'),
        province: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.issuer.province@@'),
        locality: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.issuer.locality@@'),
        organization: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.issuer.organization@@'),
        commonName: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.issuer.commonName@@'),
        serialNumber: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.issuer.serialNumber@@'),
        domainComponent: bool('@@d:http.middlewares.<name>.passTLSClientCert.info.issuer.domainComponent@@'),
      })),
    })),
  }),
})

/** Options of `passTLSClientCert`. */
export type PassTlsClientCertOptions = Static<typeof passTlsClientCert.options>
