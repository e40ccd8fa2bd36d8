/**
 * Makes X.509 certificates (RFC 5280), which Node can sign but not write: the default certificate of listeners, and those of tests. P-256 or RSA
 * keys, SHA-256, names, alternative names and the extensions of an authority.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { derBits, derInteger, derOid, derSequence, derTags, derTime, encodeDer, readDer, readDerChildren } from './der.ts'

/** A certificate and its private key, both as PEM, and what is needed to sign others with it. */
export interface MadeCertificate {
  readonly certificate: string
  readonly key: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Its subject as DER. */
  readonly subject: Buffer
}

/** What a certificate says. Without `issuer` it signs itself. */
export interface CertificateRequest {
  readonly commonName: string
  readonly organization?: string
  /** DNS names, which may be wildcards, IPv4 addresses, and URIs. */
  readonly names?: readonly string[]
  readonly authority?: boolean
  readonly issuer?: MadeCertificate
  /** Random when absent. */
  readonly serial?: number
  readonly notBefore: Date
  readonly notAfter: Date
  /** P-256 when absent. */
  readonly keyType?: 'ecdsa' | 'rsa'
  /** Where its status is told (RFC 6960). */
  readonly ocspUrl?: string
  /** Signs OCSP responses for its issuer instead of speaking TLS. */
  readonly ocspSigning?: boolean
}

const oids = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  organization: '2.5.4.10',
  commonName: '2.5.4.3',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocsp: '1.3.6.1.5.5.7.48.1',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
}

const rsaBits = 2048
const serialBytes = 16

/** Makes a certificate with a fresh key. */
export function issueCertificate(request: CertificateRequest): MadeCertificate {
  const { privateKey, publicKey } =
    request.keyType === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: rsaBits }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = subjectName(request)
  const signer = request.issuer?.privateKey ?? privateKey
  const algorithm = signatureAlgorithm(signer)
  const body = derSequence(
    // Version 3.
    encodeDer(0xa0, derInteger(2)),
    derInteger(request.serial ?? positive(randomBytes(serialBytes))),
    algorithm,
    request.issuer?.subject ?? subject,
    derSequence(derTime(request.notBefore), derTime(request.notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(request, publicKey, request.issuer?.publicKey ?? publicKey),
  )
  return {
    certificate: encodePem('CERTIFICATE', derSequence(body, algorithm, derBits(sign('sha256', body, signer)))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
    publicKey,
    subject,
  }
}

/** Algorithm identifier of SHA-256 signatures by a key. */
export function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === 'rsa'
    ? derSequence(derOid(oids.rsaWithSha256), encodeDer(0x05))
    : derSequence(derOid(oids.ecdsaWithSha256))
}

/** SHA-1 of a public key's bits: key identifiers (RFC 5280 §4.2.1.2, method 1) and OCSP's issuer key hash. */
export function keyHash(publicKey: KeyObject): Buffer {
  const [, bits] = readDerChildren(readDer(publicKey.export({ type: 'spki', format: 'der' })))
  // The first byte of a bit string counts unused bits.
  return createHash('sha1')
    .update(bits?.content.subarray(1) ?? '')
    .digest()
}

function positive(bytes: Buffer): Buffer {
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

function subjectName(request: CertificateRequest): Buffer {
  const part = (type: string, value: string): Buffer =>
    encodeDer(derTags.set, derSequence(derOid(type), encodeDer(derTags.utf8String, value)))
  const organization = request.organization === undefined ? [] : [part(oids.organization, request.organization)]
  return derSequence(...organization, part(oids.commonName, request.commonName))
}

function alternativeName(name: string): Buffer {
  if (name.includes('://')) return encodeDer(0x86, name)
  return isIPv4(name) ? encodeDer(0x87, Buffer.from(name.split('.').map(Number))) : encodeDer(0x82, name)
}

function extensions(request: CertificateRequest, publicKey: KeyObject, issuerKey: KeyObject): Buffer {
  const critical = encodeDer(derTags.boolean, Buffer.from([0xff]))
  const extension = (type: string, value: Buffer, ...flags: readonly Buffer[]): Buffer =>
    derSequence(derOid(type), ...flags, encodeDer(derTags.octetString, value))
  const list = [
    extension(oids.subjectKeyIdentifier, encodeDer(derTags.octetString, keyHash(publicKey))),
    extension(oids.authorityKeyIdentifier, derSequence(encodeDer(0x80, keyHash(issuerKey)))),
  ]
  if (request.authority === true) {
    list.push(extension(oids.basicConstraints, derSequence(critical), critical))
    // keyCertSign and cRLSign.
    list.push(extension(oids.keyUsage, encodeDer(derTags.bitString, Buffer.from([1, 0x06])), critical))
  } else {
    const usages = request.ocspSigning === true ? [oids.ocspSigning] : [oids.serverAuth, oids.clientAuth]
    list.push(extension(oids.extendedKeyUsage, derSequence(...usages.map(derOid))))
  }
  if (request.names !== undefined && request.names.length > 0) {
    list.push(extension(oids.subjectAltName, derSequence(...request.names.map(alternativeName))))
  }
  if (request.ocspUrl !== undefined) {
    list.push(extension(oids.authorityInfoAccess, derSequence(derSequence(derOid(oids.ocsp), encodeDer(0x86, request.ocspUrl)))))
  }
  return encodeDer(0xa3, derSequence(...list))
}

function encodePem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
