import { type Static, bool, mapOf, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { tlsDomain } from '../tls-domain.ts'
import { certificatePair } from './shared.ts'

/** Certificates, option sets and stores for TLS. */
export const tlsConfiguration = object('Certificates, TLS options and stores.', {
  certificates: objectList(
    'Certificates that servers are shown with.',
    {
      certFile: text('The certificate.', { fileOrContent: true }),
      keyFile: text('Its key.', { fileOrContent: true, secret: true }),
      stores: textList('Names of the stores that it belongs to.', { effective: 'default' }),
    },
    { noLabel: true },
  ),
  options: mapOf(
    'Sets of TLS options by name; `default` holds for routers that name none.',
    object('', {
      minVersion: text('Oldest TLS version.', {
        effective: 'VersionTLS12',
        values: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'],
      }),
      maxVersion: text('Newest TLS version.', { values: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'] }),
      cipherSuites: textList('Cipher suites that may be used.', {
        default: [
          'TLS_AES_128_GCM_SHA256',
          'TLS_AES_256_GCM_SHA384',
          'TLS_CHACHA20_POLY1305_SHA256',
          'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
          'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
          'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
          'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
          'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
          'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
          'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
          'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
          'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
          'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
        ],
      }),
      curvePreferences: textList('Curves that may be used, preferred ones first.', { effective: 'those of the TLS library' }),
      clientAuth: object('Whether clients need a certificate.', {
        caFiles: textList('Certificate authorities of clients.', { fileOrContent: true }),
        clientAuthType: text('How client certificates are asked for and checked.', {
          effective: 'RequireAndVerifyClientCert when caFiles is given, or else NoClientCert',
          values: ['NoClientCert', 'RequestClientCert', 'RequireAnyClientCert', 'VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'],
        }),
      }),
      sniStrict: bool('Whether clients that name no known host are refused.'),
      alpnProtocols: textList('Protocols on offer, preferred ones first.', { default: ['h2', 'http/1.1', 'acme-tls/1'] }),
      disableSessionTickets: bool('Whether sessions cannot be resumed by tickets.'),
      preferServerCipherSuites: optional(bool('Has no effect.', { deprecated: 'leave it out' })),
    }),
    { noLabel: true },
  ),
  stores: mapOf(
    'Stores of certificates by name; only `default` is used.',
    object('', {
      defaultCertificate: optional(object('Certificate for hosts that have none.', certificatePair, { noLabel: true })),
      defaultGeneratedCert: optional(
        object('Fetches that certificate.', {
          resolver: text('Name of the resolver that fetches it.'),
          domain: optional(object('Domain of the certificate.', tlsDomain)),
        }),
      ),
    }),
  ),
})

/** Decoded TLS configuration. */
export type TlsConfiguration = Static<typeof tlsConfiguration>
