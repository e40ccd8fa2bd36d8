/** `passTLSClientCert`: tells servers of the client's certificate in headers. */
import type { X509Certificate } from 'node:crypto'
import type { PassTlsClientCertOptions } from '../../../../config/routing/middlewares/pass-tls-client-cert.ts'
import { type DistinguishedName, type NameAttribute, readCertificate } from '../../../../std/certificate-reader.ts'
import { defineMiddleware } from '../../../http/middleware.ts'

/** Most certificates of a chain that are passed on. */
const chainLengthMax = 10

/** Names of attributes, in the order in which they are written. */
const attributeNames: readonly (readonly [NameAttribute, string])[] = [
  ['domainComponent', 'DC'],
  ['country', 'C'],
  ['province', 'ST'],
  ['locality', 'L'],
  ['organization', 'O'],
  ['organizationalUnit', 'OU'],
  ['serialNumber', 'SN'],
  ['commonName', 'CN'],
]

interface CertificateHeaders {
  readonly pem: string
  readonly info: string
}

/** Sets X-Forwarded-Tls-Client-Cert and -Info where the client showed a certificate. What an untrusted client sends under these names is gone already. */
export const passTlsClientCert = defineMiddleware<PassTlsClientCertOptions>({
  key: 'passTLSClientCert',
  isPure: true,
  create(options) {
    const { pem, info } = options
    // The same for all requests of a connection.
    const known = new WeakMap<X509Certificate, CertificateHeaders>()
    return (next) => (exchange) => {
      const certificate = exchange.connection.tls?.clientCertificate ?? null
      if (certificate !== null) {
        let headers = known.get(certificate)
        if (headers === undefined) {
          headers = headersOf(certificate, options)
          known.set(certificate, headers)
        }
        if (pem) exchange.headers.set('X-Forwarded-Tls-Client-Cert', headers.pem)
        if (info !== undefined) exchange.headers.set('X-Forwarded-Tls-Client-Cert-Info', headers.info)
      }
      return next(exchange)
    }
  },
})

function headersOf(leaf: X509Certificate, { info }: PassTlsClientCertOptions): CertificateHeaders {
  const chain = chainOf(leaf)
  return {
    pem: chain.map((certificate) => certificate.raw.toString('base64')).join(','),
    info: info === undefined ? '' : queryEscape(chain.map((certificate) => infoOf(certificate, info)).join(',')),
  }
}

function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  for (let next: X509Certificate | undefined = leaf; next !== undefined && chain.length < chainLengthMax; next = next.issuerCertificate) {
    if (chain.some((known) => known.fingerprint256 === next?.fingerprint256)) break
    chain.push(next)
  }
  return chain
}

function infoOf(certificate: X509Certificate, info: NonNullable<PassTlsClientCertOptions['info']>): string {
  const facts = readCertificate(certificate.raw)
  const parts: string[] = []
  const add = (name: string, value: string): void => {
    if (value !== '') parts.push(`${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`)
  }
  if (info.subject !== undefined) add('Subject', nameOf(facts.subject, info.subject))
  if (info.issuer !== undefined) add('Issuer', nameOf(facts.issuer, info.issuer))
  if (info.serialNumber) add('SerialNumber', String(facts.serialNumber))
  if (info.notBefore) add('NB', String(Math.floor(certificate.validFromDate.getTime() / 1000)))
  if (info.notAfter) add('NA', String(Math.floor(certificate.validToDate.getTime() / 1000)))
  if (info.sans) add('SAN', [...facts.dnsNames, ...facts.emailAddresses, ...facts.ipAddresses, ...facts.uris].join(','))
  return parts.join(';')
}

function nameOf(name: DistinguishedName, wanted: Partial<Record<NameAttribute, boolean>>): string {
  return attributeNames
    .flatMap(([attribute, key]) => (wanted[attribute] === true ? name[attribute].map((value) => `${key}=${value}`) : []))
    .join(',')
}

/** As Go's url.QueryEscape: what is neither letter, digit nor one of `-_.~` is escaped, a blank becomes a plus. */
function queryEscape(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
