/**
 * The media type of a body by its first bytes (https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type), with the
 * names and the selection of patterns that Go's server has.
 */

/** How many bytes of a body are looked at. */
export const sniffedBytesMax = 512

/** A byte that may be anything. */
const any = -1

const html = 'text/html; charset=utf-8'
const plain = 'text/plain; charset=utf-8'
const binary = 'application/octet-stream'

/** Begins of HTML, in upper case; letters of any case match, and a space or `>` must follow. */
const htmlBegins: readonly (readonly number[])[] = [
  '<!DOCTYPE HTML',
  '<HTML',
  '<HEAD',
  '<SCRIPT',
  '<IFRAME',
  '<H1',
  '<DIV',
  '<FONT',
  '<TABLE',
  '<A',
  '<STYLE',
  '<TITLE',
  '<B',
  '<BODY',
  '<BR',
  '<P',
  '<!--',
].map(bytesOf)

const xmlBegin = bytesOf('<?xml')

interface Signature {
  readonly bytes: readonly number[]
  readonly type: string
}

const unknownLength = [any, any, any, any]

/** First bytes of documents, texts, images and media; of those that fit, the first counts. */
const mediaSignatures: readonly Signature[] = [
  signature('application/pdf', '%PDF-'),
  signature('application/postscript', '%!PS-Adobe-'),
  // Byte order marks count only with two bytes, or one, behind them.
  signature('text/plain; charset=utf-16be', [0xfe, 0xff, any, any]),
  signature('text/plain; charset=utf-16le', [0xff, 0xfe, any, any]),
  signature(plain, [0xef, 0xbb, 0xbf, any]),
  signature('image/x-icon', [0, 0, 1, 0]),
  signature('image/x-icon', [0, 0, 2, 0]),
  signature('image/bmp', 'BM'),
  signature('image/gif', 'GIF87a'),
  signature('image/gif', 'GIF89a'),
  signature('image/webp', 'RIFF', unknownLength, 'WEBPVP'),
  signature('image/png', [0x89], 'PNG\r\n', [0x1a], '\n'),
  signature('image/jpeg', [0xff, 0xd8, 0xff]),
  signature('audio/aiff', 'FORM', unknownLength, 'AIFF'),
  signature('audio/mpeg', 'ID3'),
  signature('application/ogg', 'OggS', [0]),
  signature('audio/midi', 'MThd', [0, 0, 0, 6]),
  signature('video/avi', 'RIFF', unknownLength, 'AVI '),
  signature('audio/wave', 'RIFF', unknownLength, 'WAVE'),
]

/** First bytes of what is looked for behind MP4. */
const fileSignatures: readonly Signature[] = [
  signature('video/webm', [0x1a, 0x45, 0xdf, 0xa3]),
  // Embedded OpenType has its mark behind a header, whatever stands in that.
  signature(
    'application/vnd.ms-fontobject',
    Array.from({ length: 34 }, () => any),
    'LP',
  ),
  signature('font/ttf', [0, 1, 0, 0]),
  signature('font/otf', 'OTTO'),
  signature('font/collection', 'ttcf'),
  signature('font/woff', 'wOFF'),
  signature('font/woff2', 'wOF2'),
  signature('application/x-gzip', [0x1f, 0x8b, 8]),
  signature('application/zip', 'PK', [3, 4]),
  signature('application/x-rar-compressed', 'Rar!', [0x1a, 7, 0]),
  signature('application/x-rar-compressed', 'Rar!', [0x1a, 7, 1, 0]),
  signature('application/wasm', [0], 'asm'),
]

/** The media type that these first bytes of a body look like, `application/octet-stream` when like nothing else. Looks at 512 bytes at most. */
export function sniffContentType(bytes: Uint8Array): string {
  const end = Math.min(bytes.length, sniffedBytesMax)
  let start = 0
  while (start < end && isSpace(bytes[start]!)) start += 1
  for (const begin of htmlBegins) if (beginsMarkup(bytes, start, end, begin)) return html
  if (fits(bytes, start, end, xmlBegin)) return 'text/xml; charset=utf-8'
  const type = typeBySignature(bytes, end, mediaSignatures)
  if (type !== '') return type
  if (isMp4(bytes, end)) return 'video/mp4'
  const fileType = typeBySignature(bytes, end, fileSignatures)
  if (fileType !== '') return fileType
  for (let at = start; at < end; at += 1) if (isBinary(bytes[at]!)) return binary
  return plain
}

function signature(type: string, ...parts: readonly (string | readonly number[])[]): Signature {
  return { type, bytes: parts.flatMap((part) => (typeof part === 'string' ? bytesOf(part) : part)) }
}

function bytesOf(text: string): number[] {
  return [...Buffer.from(text, 'latin1')]
}

function typeBySignature(bytes: Uint8Array, end: number, signatures: readonly Signature[]): string {
  for (const { bytes: pattern, type } of signatures) if (fits(bytes, 0, end, pattern)) return type
  return ''
}

function fits(bytes: Uint8Array, start: number, end: number, pattern: readonly number[]): boolean {
  if (end - start < pattern.length) return false
  for (let at = 0; at < pattern.length; at += 1) {
    const wanted = pattern[at]!
    if (wanted !== any && bytes[start + at] !== wanted) return false
  }
  return true
}

function beginsMarkup(bytes: Uint8Array, start: number, end: number, begin: readonly number[]): boolean {
  if (end - start <= begin.length) return false
  for (let at = 0; at < begin.length; at += 1) {
    const wanted = begin[at]!
    const found = bytes[start + at]!
    if ((wanted >= 0x41 && wanted <= 0x5a ? found & 0xdf : found) !== wanted) return false
  }
  const next = bytes[start + begin.length]
  return next === 0x20 || next === 0x3e
}

/** A first box `ftyp`, complete within what is looked at, that names a brand beginning with `mp4`. */
function isMp4(bytes: Uint8Array, end: number): boolean {
  if (end < 12 || textAt(bytes, 4, 4) !== 'ftyp') return false
  const boxSize = (bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!
  if (boxSize < 0 || boxSize > end || boxSize % 4 !== 0) return false
  for (let at = 8; at < boxSize; at += 4) {
    // Behind the first brand stands its version.
    if (at !== 12 && textAt(bytes, at, 3) === 'mp4') return true
  }
  return false
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d && byte !== 0x0b)
}

function isBinary(byte: number): boolean {
  return byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f)
}
