import { type Static, bool, defineMiddlewareOptions, object, optional } from '../../schema/kit.ts'

/** Passes facts of the client certificate on in headers. */
export const passTlsClientCert = defineMiddlewareOptions({
  key: 'passTLSClientCert',
  options: object('Passes facts of the client certificate on in headers.', {
    pem: bool('Whether the certificate itself is passed on.'),
    info: optional(
      object('Which facts X-Forwarded-Tls-Client-Cert-Info holds.', {
        notAfter: bool('Whether the end of validity is passed on.'),
        notBefore: bool('Whether the begin of validity is passed on.'),
        sans: bool('Whether alternative names are passed on.'),
        serialNumber: bool('Whether the serial number of the certificate is passed on.'),
        subject: optional(
          object('Attributes of the subject.', {
            country: bool('Whether the country is passed on.'),
            province: bool('Whether the province is passed on.'),
            locality: bool('Whether the locality is passed on.'),
            organization: bool('Whether the organisation is passed on.'),
            organizationalUnit: bool('Whether the organisational unit is passed on.'),
            commonName: bool('Whether the common name is passed on.'),
            serialNumber: bool('Whether the serial number of the name is passed on.'),
            domainComponent: bool('Whether domain components are passed on.'),
          }),
        ),
        issuer: optional(
          object('Attributes of the issuer.', {
            country: bool('Whether the country is passed on.'),
            province: bool('Whether the province is passed on.'),
            locality: bool('Whether the locality is passed on.'),
            organization: bool('Whether the organisation is passed on.'),
            commonName: bool('Whether the common name is passed on.'),
            serialNumber: bool('Whether the serial number of the name is passed on.'),
            domainComponent: bool('Whether domain components are passed on.'),
          }),
        ),
      }),
    ),
  }),
})

/** Options of `passTLSClientCert`. */
export type PassTlsClientCertOptions = Static<typeof passTlsClientCert.options>
