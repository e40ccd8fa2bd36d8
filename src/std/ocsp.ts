/** OCSP messages (RFC 6960): the question for one certificate, and what an answer to it says once its signature has been checked. */
import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { keyHash } from './certificate-maker.ts'
import { readCertificate } from './certificate-reader.ts'
import { type DerElement, derInteger, derOid, derSequence, derTags, encodeDer, readDer, readDerChildren, readDerTime } from './der.ts'

/** What an authority says of a certificate. */
export interface OcspAnswer {
  readonly status: 'good' | 'revoked' | 'unknown'
  /** Unix milliseconds; infinite when the authority does not say. */
  readonly nextUpdateMs: number
}

const sha1Oid = '1.3.14.3.2.26'
const basicResponseOid = '2b0601050507300101'
const ocspSigningUsage = '1.3.6.1.5.5.7.3.9'

/** Hashes of signature algorithms by their object identifiers in hexadecimal digits; null where the algorithm has its own. */
const signatureHashes: ReadonlyMap<string, string | null> = new Map([
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['2a864886f70d010105', 'sha1'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2b6570', null],
])

/** Identifies a certificate to its authority: `CertID` of RFC 6960 §4.1.1. */
export function ocspCertificateId(certificate: X509Certificate, issuer: X509Certificate): Buffer {
  const nameHash = createHash('sha1').update(readCertificate(issuer.raw).subject.der).digest()
  const { serialBytes } = readCertificate(certificate.raw)
  return derSequence(
    derSequence(derOid(sha1Oid), encodeDer(0x05)),
    encodeDer(derTags.octetString, nameHash),
    encodeDer(derTags.octetString, keyHash(issuer.publicKey)),
    derInteger(serialBytes),
  )
}

/** The question for a certificate. */
export function ocspRequest(certificate: X509Certificate, issuer: X509Certificate): Buffer {
  return derSequence(derSequence(derSequence(derSequence(ocspCertificateId(certificate, issuer)))))
}

/** Reads the answer to such a question; throws an Error when it is none, is not signed by the issuer or in its name, or is out of date. */
export function readOcspResponse(response: Buffer, certificate: X509Certificate, issuer: X509Certificate, nowMs: number): OcspAnswer {
  try {
    return readResponse(response, certificate, issuer, nowMs)
  } catch (cause) {
    if (cause instanceof RangeError) throw new Error('malformed OCSP response', { cause })
    throw cause
  }
}

function readResponse(response: Buffer, certificate: X509Certificate, issuer: X509Certificate, nowMs: number): OcspAnswer {
  const [status, wrapped] = readDerChildren(readDer(response))
  if (status?.content[0] !== 0) throw new Error(`OCSP responder says it failed: status ${status?.content[0] ?? 'missing'}`)
  const [type, octets] = wrapped === undefined ? [] : readDerChildren(readDer(wrapped.content))
  if (type?.content.toString('hex') !== basicResponseOid || octets === undefined) throw new Error('OCSP response of an unknown type')
  const [data, algorithm, signature, certificates] = readDerChildren(readDer(octets.content))
  if (data === undefined || algorithm === undefined || signature === undefined) throw new RangeError('incomplete')
  checkSignature(data.whole, algorithm, signature, responderKeys(issuer, certificates))
  const single = findSingle(data, ocspCertificateId(certificate, issuer))
  const thisUpdateMs = single[2] === undefined ? Number.NaN : readDerTime(single[2])
  const next = single.slice(3).find(({ tag }) => tag === 0xa0)
  const nextUpdateMs = next === undefined ? Number.POSITIVE_INFINITY : readDerTime(readDer(next.content))
  if (!(thisUpdateMs <= nowMs + clockSkewMs) || !(nextUpdateMs > nowMs)) throw new Error('OCSP response is out of date')
  const tag = single[1]?.tag ?? 0
  return { status: tag === 0x80 ? 'good' : tag === 0xa1 ? 'revoked' : 'unknown', nextUpdateMs }
}

/** How far the authority's clock may be ahead, in milliseconds. */
const clockSkewMs = 5 * 60_000

/** Keys that may sign: the issuer's, and those of certificates that it has made for that purpose (RFC 6960 §4.2.2.2). */
function responderKeys(issuer: X509Certificate, certificates: DerElement | undefined): KeyObject[] {
  const keys = [issuer.publicKey]
  if (certificates === undefined) return keys
  for (const { whole } of readDerChildren(readDer(certificates.content))) {
    const delegate = new X509Certificate(whole)
    if (delegate.verify(issuer.publicKey) && (delegate.keyUsage ?? []).includes(ocspSigningUsage)) keys.push(delegate.publicKey)
  }
  return keys
}

function checkSignature(data: Buffer, algorithm: DerElement, signature: DerElement, keys: readonly KeyObject[]): void {
  const hash = signatureHashes.get(readDer(algorithm.content).content.toString('hex'))
  if (hash === undefined) throw new Error('OCSP response is signed by an unknown algorithm')
  // The first byte of a bit string counts unused bits.
  const bytes = signature.content.subarray(1)
  if (!keys.some((key) => verify(hash, data, key, bytes))) throw new Error('OCSP response is not signed by the issuer')
}

function findSingle(data: DerElement, id: Buffer): DerElement[] {
  const responses = readDerChildren(data).find(({ tag }) => tag === derTags.sequence)
  for (const response of responses === undefined ? [] : readDerChildren(responses)) {
    const parts = readDerChildren(response)
    if (parts[0] !== undefined && sameId(parts[0].whole, id)) return parts
  }
  throw new Error('OCSP response is for another certificate')
}

/** Compares hashes and serial number; whether an algorithm has a NULL behind it says nothing. */
function sameId(a: Buffer, b: Buffer): boolean {
  const [, ...left] = readDerChildren(readDer(a))
  const [, ...right] = readDerChildren(readDer(b))
  return left.length === right.length && left.every((part, index) => part.whole.equals(right[index]?.whole ?? Buffer.alloc(0)))
}
