/** Answers as an OCSP responder does, truly or not. */
import { type KeyObject, sign, X509Certificate } from 'node:crypto'
import { signatureAlgorithm } from '../../src/std/certificate-maker.ts'
import { derBits, derOid, derSequence, encodeDer } from '../../src/std/der.ts'
import { ocspCertificateId } from '../../src/std/ocsp.ts'
import type { Certificate } from './certificates.ts'

/** What is said about a certificate. */
export interface OcspStatement {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly status?: 'good' | 'revoked' | 'unknown'
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date
  /** Who signs; the issuer when absent. */
  readonly signer?: KeyObject
  /** Certificates that go along. */
  readonly certificates?: readonly Certificate[]
}

const basicResponse = '1.3.6.1.5.5.7.48.1.1'

function generalizedTime(date: Date): Buffer {
  return encodeDer(0x18, `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`)
}

/** A signed response (RFC 6960 §4.2.1). */
export function ocspResponse(statement: OcspStatement): Buffer {
  const { certificate, issuer, status = 'good', thisUpdate = new Date('2024-01-01'), nextUpdate = new Date('2049-01-01') } = statement
  const signer = statement.signer ?? issuer.privateKey
  const id = ocspCertificateId(new X509Certificate(certificate.certificate), new X509Certificate(issuer.certificate))
  const statuses = { good: encodeDer(0x80), revoked: encodeDer(0xa1, generalizedTime(thisUpdate)), unknown: encodeDer(0x82) }
  const single = derSequence(id, statuses[status], generalizedTime(thisUpdate), encodeDer(0xa0, generalizedTime(nextUpdate)))
  const data = derSequence(encodeDer(0xa1, issuer.subject), generalizedTime(thisUpdate), derSequence(single))
  const more = (statement.certificates ?? []).map((each) => new X509Certificate(each.certificate).raw)
  const basic = derSequence(
    data,
    signatureAlgorithm(signer),
    derBits(sign('sha256', data, signer)),
    ...(more.length > 0 ? [encodeDer(0xa0, derSequence(...more))] : []),
  )
  return derSequence(encodeDer(0x0a, Buffer.from([0])), encodeDer(0xa0, derSequence(derOid(basicResponse), encodeDer(0x04, basic))))
}
