import { type Static, defineMiddlewareOptions, int, object, text, textList } from '../../schema/kit.ts'

/** Compresses answers. */
export const compress = defineMiddlewareOptions({
  key: 'compress',
  built: false,
  options: object(
    'Compresses answers.',
    {
      excludedContentTypes: textList('Media types that are left as they are.'),
      includedContentTypes: textList('Media types that are compressed, and no others.'),
      minResponseBodyBytes: int('Smallest answer that is worth compressing.', { effective: '1024' }),
      encodings: textList('Encodings on offer, preferred ones first.', { default: ['gzip', 'br', 'zstd'] }),
      defaultEncoding: text('Encoding for clients that do not say what they take.'),
    },
    { allowEmpty: true },
  ),
})

/** Options of `compress`. */
export type CompressOptions = Static<typeof compress.options>
