import { type Static, bool, defineMiddlewareOptions, int, object, text, textList } from '../../schema/kit.ts'
import { mediaTypeProblem } from '../media-type.ts'

/** Encodings that can be offered. */
export const contentEncodings: readonly string[] = ['gzip', 'br', 'zstd']

/** Compresses answers. */
export const compress = defineMiddlewareOptions({
  key: 'compress',
  options: object(
    'Compresses answers.',
    {
      excludedContentTypes: textList('Media types that are left as they are.'),
      includedContentTypes: textList('Media types that are compressed, and no others.'),
      minResponseBodyBytes: int('Smallest answer that is worth compressing.', { effective: '1024' }),
      encodings: textList('Encodings on offer, preferred ones first.', { default: ['gzip', 'br', 'zstd'] }),
      defaultEncoding: text('Encoding for clients that do not say what they take.'),
      weakETags: bool('Whether the ETag of a compressed answer is made weak, as RFC 9110 asks of another representation.', {
        extension: true,
      }),
      skipCrossSite: bool(
        'Whether answers to requests that another site caused (`Sec-Fetch-Site: cross-site`) stay as they are, so that their length tells nothing of secrets in them (BREACH).',
        { extension: true },
      ),
    },
    { allowEmpty: true },
  ),
  check({ excludedContentTypes, includedContentTypes, encodings, defaultEncoding }) {
    if (excludedContentTypes.length > 0 && includedContentTypes.length > 0)
      return 'excludedContentTypes and includedContentTypes options are mutually exclusive'
    for (const [what, types] of [
      ['excluded', excludedContentTypes],
      ['included', includedContentTypes],
    ] as const) {
      for (const type of types) {
        const problem = mediaTypeProblem(type)
        if (problem !== undefined) return `parsing ${what} media type: ${problem}`
      }
    }
    const unknown = encodings.find((encoding) => !contentEncodings.includes(encoding))
    if (unknown !== undefined) return `unsupported encoding: ${unknown}`
    const offered = encodings.length > 0 ? encodings : contentEncodings
    if (defaultEncoding !== '' && !offered.includes(defaultEncoding)) return `unsupported default encoding: ${defaultEncoding}`
    return undefined
  },
})

/** Options of `compress`. */
export type CompressOptions = Static<typeof compress.options>
