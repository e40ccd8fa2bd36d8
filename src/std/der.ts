/** DER, the encoding of certificates (X.690): as much as certificates and OCSP need. */

/** Tags that are used here. */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** Encodes an element; text counts as UTF-8. */
export function encodeDer(tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)))
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const length: number[] = []
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256)
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length, ...length]), content])
}

/** A sequence of encoded elements. */
export function derSequence(...parts: readonly Uint8Array[]): Buffer {
  return encodeDer(derTags.sequence, ...parts)
}

/** An object identifier in its usual text form, such as `2.5.29.17`. */
export function derOid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const septets = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) septets.unshift(0x80 | (left % 128))
    bytes.push(...septets)
  }
  return encodeDer(derTags.oid, Buffer.from(bytes))
}

/** A whole number that is not negative, given as such or as its big-endian bytes. */
export function derInteger(value: number | Uint8Array): Buffer {
  const hex = typeof value === 'number' ? value.toString(16) : Buffer.from(value).toString('hex')
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1
  const shortest = bytes.subarray(from)
  return encodeDer(derTags.integer, (shortest[0] ?? 0) < 0x80 ? shortest : Buffer.concat([Buffer.from([0]), shortest]))
}

/** A bit string of whole bytes. */
export function derBits(bytes: Uint8Array): Buffer {
  return encodeDer(derTags.bitString, Buffer.from([0]), bytes)
}

/** A time to the second, as RFC 5280 §4.1.2.5 wants it: two digits for the year until 2049. */
export function derTime(date: Date): Buffer {
  const text = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
  return date.getUTCFullYear() < 2050 ? encodeDer(derTags.utcTime, text.slice(2)) : encodeDer(derTags.generalizedTime, text)
}

/** An element that was read. */
export interface DerElement {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly whole: Buffer
}

/** Reads the element that starts at a place; throws a RangeError when there is no whole one. */
export function readDer(bytes: Buffer, at = 0): DerElement {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new RangeError('DER ends early')
  let start = at + 2
  let length = first
  if (first >= 0x80) {
    const size = first & 0x7f
    if (size === 0 || size > 4) throw new RangeError('DER length of an unknown form')
    if (start + size > bytes.length) throw new RangeError('DER ends early')
    length = bytes.readUIntBE(start, size)
    start += size
  }
  if (start + length > bytes.length) throw new RangeError('DER ends early')
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) }
}

/** Reads all elements within an element, one after the other. */
export function readDerChildren({ content }: Pick<DerElement, 'content'>): DerElement[] {
  const children: DerElement[] = []
  for (let at = 0; at < content.length;) {
    const child = readDer(content, at)
    children.push(child)
    at += child.whole.length
  }
  return children
}

/** Reads a time of either form as Unix milliseconds; NaN when it is none. */
export function readDerTime({ tag, content }: DerElement): number {
  const text = content.toString('latin1')
  const full = tag === derTags.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full)
  return match === null ? Number.NaN : Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`)
}
