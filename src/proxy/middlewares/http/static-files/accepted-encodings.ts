/** Encodings of files that a client takes. */

/** An encoding that files may lie in beside the plain ones. */
export type FileEncoding = 'br' | 'zstd' | 'gzip'

/** An encoding and what names of its files end in. */
export interface EncodedForm {
  readonly encoding: FileEncoding
  readonly suffix: string
}

const forms: Readonly<Record<FileEncoding, EncodedForm>> = {
  br: { encoding: 'br', suffix: '.br' },
  zstd: { encoding: 'zstd', suffix: '.zst' },
  gzip: { encoding: 'gzip', suffix: '.gz' },
}

const none: readonly EncodedForm[] = []
/** Longest Accept-Encoding field that is looked at, in bytes. */
const acceptLengthMax = 1024

/** Those of the offered encodings that a client takes (RFC 9110 §12.5.3), in the order of the offer. */
export function acceptedEncodings(accept: string | undefined, offered: readonly FileEncoding[]): readonly EncodedForm[] {
  if (accept === undefined || offered.length === 0 || accept.length > acceptLengthMax) return none
  const weights = new Map<string, number>()
  for (const part of accept.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)))
  }
  return offered.filter((encoding) => (weights.get(encoding) ?? weights.get('*') ?? 0) > 0).map((encoding) => forms[encoding])
}
