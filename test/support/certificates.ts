/**
 * Makes certificates for tests without any program beside Node, which can sign bytes but not write X.509. Only what tests need of
 * RFC 5280: P-256 keys, ECDSA with SHA-256, names, alternative names and the extensions of an authority. All encoded as DER.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** A certificate and its private key, both as PEM, and what is needed to sign others with it. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly subject: Buffer
}

/** What a certificate says. Without `issuer` it signs itself. */
export interface CertificateRequest {
  readonly commonName: string
  readonly organization?: string
  /** DNS names, which may be wildcards, IPv4 addresses, and URIs. */
  readonly names?: readonly string[]
  readonly authority?: boolean
  readonly issuer?: Certificate
  readonly serial?: number
}

// 1 January 2020 to 31 December 2049, the last year that UTCTime holds, so that no test starts to fail one day.
const notBefore = '200101000000Z'
const notAfter = '491231235959Z'

const oids = {
  ecdsaWithSha256: '2a8648ce3d040302',
  organization: '55040a',
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  extendedKeyUsage: '551d25',
  subjectKeyIdentifier: '551d0e',
  authorityKeyIdentifier: '551d23',
  serverAuth: '2b06010505070301',
  clientAuth: '2b06010505070302',
}

function encode(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)))
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const length = content.length < 0x100 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => encode(0x30, ...parts)
const oid = (hex: string): Buffer => encode(0x06, Buffer.from(hex, 'hex'))
const bits = (bytes: Buffer): Buffer => encode(0x03, Buffer.from([0]), bytes)

function integer(value: number): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return encode(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]))
}

function subjectName(request: CertificateRequest): Buffer {
  const part = (type: string, value: string): Buffer => encode(0x31, sequence(oid(type), encode(0x0c, value)))
  const organization = request.organization === undefined ? [] : [part(oids.organization, request.organization)]
  return sequence(...organization, part(oids.commonName, request.commonName))
}

function alternativeName(name: string): Buffer {
  if (name.includes('://')) return encode(0x86, name)
  return isIPv4(name) ? encode(0x87, Buffer.from(name.split('.').map(Number))) : encode(0x82, name)
}

/** RFC 5280 section 4.2.1.2, method 1: the hash of the key's bits. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const info = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha1').update(info.subarray(-65)).digest()
}

function extensions(request: CertificateRequest, publicKey: KeyObject, issuerKey: KeyObject): Buffer {
  const critical = encode(0x01, Buffer.from([0xff]))
  const extension = (type: string, value: Buffer, ...flags: readonly Buffer[]): Buffer => sequence(oid(type), ...flags, encode(0x04, value))
  const list = [
    extension(oids.subjectKeyIdentifier, encode(0x04, keyIdentifier(publicKey))),
    extension(oids.authorityKeyIdentifier, sequence(encode(0x80, keyIdentifier(issuerKey)))),
  ]
  if (request.authority === true) {
    list.push(extension(oids.basicConstraints, sequence(critical), critical))
    // keyCertSign and cRLSign.
    list.push(extension(oids.keyUsage, encode(0x03, Buffer.from([1, 0x06])), critical))
  } else {
    list.push(extension(oids.extendedKeyUsage, sequence(oid(oids.serverAuth), oid(oids.clientAuth))))
  }
  if (request.names && request.names.length > 0) list.push(extension(oids.subjectAltName, sequence(...request.names.map(alternativeName))))
  return encode(0xa3, sequence(...list))
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** Makes a certificate with a fresh key. */
export function issueCertificate(request: CertificateRequest): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = subjectName(request)
  const algorithm = sequence(oid(oids.ecdsaWithSha256))
  const body = sequence(
    encode(0xa0, integer(2)), // Version 3.
    integer(request.serial ?? 1),
    algorithm,
    request.issuer?.subject ?? subject,
    sequence(encode(0x17, notBefore), encode(0x17, notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(request, publicKey, request.issuer?.publicKey ?? publicKey),
  )
  const signature = sign('sha256', body, request.issuer?.privateKey ?? privateKey)
  return {
    certificate: pem('CERTIFICATE', sequence(body, algorithm, bits(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
    publicKey,
    subject,
  }
}
