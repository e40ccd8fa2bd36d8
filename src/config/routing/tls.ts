import { certificatePair } from './shared.ts'
import { type Static, bool, mapOf, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { tlsDomain } from '../tls-domain.ts'

/** Certificates, option sets and stores for TLS. */
export const tlsConfiguration = object('@@d:tls@@', {
  certificates: objectList('@@d:tls.certificates@@', {
    certFile: text('@@d:tls.certificates[n].certFile@@', { fileOrContent: true }),
    keyFile: text('@@d:tls.certificates[n].keyFile@@', { fileOrContent: true, secret: true }),
    stores: textList('@@d:tls.certificates[n].stores@@', { effective: 'default' }),
  }, { noLabel: true }),
  options: mapOf('@@d:tls.options@@', object('', {
    minVersion: text('@@d:tls.options.<name>.minVersion@@', { effective: 'VersionTLS12 (Go default)', values: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'] }),
    maxVersion: text('@@d:tls.options.<name>.maxVersion@@', { values: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'] }),
    cipherSuites: textList('@@d:tls.options.<name>.cipherSuites@@', { default: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'] }),
    curvePreferences: textList('@@d:tls.options.<name>.curvePreferences@@', { effective: 'Go defaults' }),
    clientAuth: object('@@d:tls.options.<name>.clientAuth@@', {
      caFiles: textList('@@d:tls.options.<name>.clientAuth.caFiles@@', { fileOrContent: true }),
      clientAuthType: text('@@d:tls.options.<name>.clientAuth.clientAuthType@@', { effective: 'RequireAndVerifyClientCert when caFiles is given, or else NoClientCert', values: ['NoClientCert', 'RequestClientCert', 'RequireAnyClientCert', 'VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'] }),
    }),
    sniStrict: bool('@@d:tls.options.<name>.sniStrict@@'),
    alpnProtocols: textList('@@d:tls.options.<name>.alpnProtocols@@', { default: ['h2', 'http/1.1', 'acme-tls/1'] }),
    disableSessionTickets: bool('@@d:tls.options.<name>.disableSessionTickets@@'),
    preferServerCipherSuites: optional(bool('@@d:tls.options.<name>.preferServerCipherSuites@@', { deprecated: 'do not use it' })),
  }), { noLabel: true }),
  stores: mapOf('@@d:tls.stores@@', object('', {
    defaultCertificate: optional(object('@@d:tls.stores.<name>.defaultCertificate@@', certificatePair, { noLabel: true })),
    defaultGeneratedCert: optional(object('@@d:tls.stores.<name>.defaultGeneratedCert@@', {
      resolver: text('@@d:tls.stores.<name>.defaultGeneratedCert.resolver@@'),
      domain: optional(object('@@d:tls.stores.<name>.defaultGeneratedCert.domain@@', tlsDomain)),
    })),
  })),
})

/** Decoded TLS configuration. */
export type TlsConfiguration = Static<typeof tlsConfiguration>
