/** Reads what Node's `X509Certificate` does not tell of a certificate, or only as text that was made for people (RFC 5280). */
import { type DerElement, derTags, readDer, readDerChildren } from './der.ts'

/** Parts of a distinguished name; '' when there is none. */
export interface DistinguishedName {
  readonly commonName: string
  readonly organization: string
  readonly country: string
  /** As encoded. */
  readonly der: Buffer
}

/** What a certificate says. */
export interface CertificateFacts {
  /** 1, 2 or 3. */
  readonly version: number
  readonly serialNumber: bigint
  /** The serial number as encoded, without tag and length. */
  readonly serialBytes: Buffer
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  readonly dnsNames: readonly string[]
  /** In the usual text forms. */
  readonly ipAddresses: readonly string[]
}

const attributeOids = { commonName: '550403', organization: '55040a', country: '550406' }
const subjectAltNameOid = '551d11'
const dnsNameTag = 0x82
const addressTag = 0x87

/** Reads a certificate in DER; throws a RangeError when it is none. */
export function readCertificate(der: Buffer): CertificateFacts {
  const [body] = readDerChildren(readDer(der))
  if (body === undefined) throw new RangeError('not a certificate')
  const parts = readDerChildren(body)
  const hasVersion = parts[0]?.tag === 0xa0
  const [serial, , issuer, , subject] = hasVersion ? parts.slice(1) : parts
  if (serial === undefined || issuer === undefined || subject === undefined) throw new RangeError('not a certificate')
  const names = alternativeNames(parts.find((part) => part.tag === 0xa3))
  return {
    version: hasVersion && parts[0] !== undefined ? (readDer(parts[0].content).content[0] ?? 0) + 1 : 1,
    serialNumber: BigInt(`0x${serial.content.toString('hex') || '0'}`),
    serialBytes: serial.content,
    issuer: readName(issuer),
    subject: readName(subject),
    dnsNames: names.flatMap(({ tag, content }) => (tag === dnsNameTag ? [content.toString('latin1')] : [])),
    ipAddresses: names.flatMap(({ tag, content }) => (tag === addressTag ? [addressText(content)] : [])),
  }
}

function readName(element: DerElement): DistinguishedName {
  const values = new Map<string, string>()
  for (const set of readDerChildren(element)) {
    for (const attribute of readDerChildren(set)) {
      const [type, value] = readDerChildren(attribute)
      if (type !== undefined && value !== undefined) values.set(type.content.toString('hex'), textOf(value))
    }
  }
  const of = (oid: string): string => values.get(oid) ?? ''
  return {
    commonName: of(attributeOids.commonName),
    organization: of(attributeOids.organization),
    country: of(attributeOids.country),
    der: element.whole,
  }
}

/** BMPString has two bytes a character; the other kinds are UTF-8 or a part of it. */
function textOf({ tag, content }: DerElement): string {
  if (tag !== 0x1e) return content.toString('utf8')
  let text = ''
  for (let at = 0; at + 1 < content.length; at += 2) text += String.fromCharCode(content.readUInt16BE(at))
  return text
}

function alternativeNames(extensions: DerElement | undefined): DerElement[] {
  if (extensions === undefined) return []
  for (const extension of readDerChildren(readDer(extensions.content))) {
    const [type, ...rest] = readDerChildren(extension)
    const value = rest.at(-1)
    if (type?.content.toString('hex') !== subjectAltNameOid || value?.tag !== derTags.octetString) continue
    return readDerChildren(readDer(value.content))
  }
  return []
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return ''
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  // The longest run of zeros is written as `::` (RFC 5952 §4.2).
  let best = ''
  for (const run of groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)) if (run[0].length > best.length) best = run[0]
  return best === '' ? groups.join(':') : groups.join(':').replace(best, '::').replace(':::', '::')
}
