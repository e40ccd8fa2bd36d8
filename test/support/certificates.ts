/** Certificates for tests, made by the maker that the program has; with dates that no test outlives. */
import { type CertificateRequest as FullRequest, issueCertificate as issue, type MadeCertificate } from '../../src/std/certificate-maker.ts'

/** A certificate and its private key, both as PEM, and what is needed to sign others with it. */
export type Certificate = MadeCertificate

/** What a certificate says. Without `issuer` it signs itself. */
export type CertificateRequest = Omit<FullRequest, 'notBefore' | 'notAfter'> & Partial<Pick<FullRequest, 'notBefore' | 'notAfter'>>

// The last year that UTCTime holds, so that no test starts to fail one day.
const notBefore = new Date('2020-01-01T00:00:00Z')
const notAfter = new Date('2049-12-31T23:59:59Z')

/** Makes a certificate with a fresh key; serial number 1 unless another is asked for. */
export function issueCertificate(request: CertificateRequest): Certificate {
  return issue({ serial: 1, notBefore, notAfter, ...request })
}
