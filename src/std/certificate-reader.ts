/** Reads what Node's `X509Certificate` does not tell of a certificate, or only as text that was made for people (RFC 5280). */
import { type DerElement, derTags, readDer, readDerChildren } from './der.ts'

const attributeOids = {
  domainComponent: '0992268993f22c640119',
  country: '550406',
  province: '550408',
  locality: '550407',
  organization: '55040a',
  organizationalUnit: '55040b',
  serialNumber: '550405',
  commonName: '550403',
} as const

/** An attribute of a distinguished name. */
export type NameAttribute = keyof typeof attributeOids

/** A distinguished name: the values of each attribute, in their order. */
export type DistinguishedName = Readonly<Record<NameAttribute, readonly string[]>> & {
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
  readonly emailAddresses: readonly string[]
  /** In the usual text forms. */
  readonly ipAddresses: readonly string[]
  readonly uris: readonly string[]
}

const subjectAltNameOid = '551d11'
const nameTags = { email: 0x81, dns: 0x82, uri: 0x86, address: 0x87 } as const

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
    dnsNames: textsOf(names, nameTags.dns),
    emailAddresses: textsOf(names, nameTags.email),
    ipAddresses: names.flatMap(({ tag, content }) => (tag === nameTags.address ? [addressText(content)] : [])),
    uris: textsOf(names, nameTags.uri),
  }
}

function textsOf(names: readonly DerElement[], wanted: number): string[] {
  return names.flatMap(({ tag, content }) => (tag === wanted ? [content.toString('latin1')] : []))
}

function readName(element: DerElement): DistinguishedName {
  const values = new Map<string, string[]>()
  for (const set of readDerChildren(element)) {
    for (const attribute of readDerChildren(set)) {
      const [type, value] = readDerChildren(attribute)
      if (type === undefined || value === undefined) continue
      const key = type.content.toString('hex')
      values.set(key, [...(values.get(key) ?? []), textOf(value)])
    }
  }
  const of = (name: NameAttribute): readonly string[] => values.get(attributeOids[name]) ?? []
  return {
    domainComponent: of('domainComponent'),
    country: of('country'),
    province: of('province'),
    locality: of('locality'),
    organization: of('organization'),
    organizationalUnit: of('organizationalUnit'),
    serialNumber: of('serialNumber'),
    commonName: of('commonName'),
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
