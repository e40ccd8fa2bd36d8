import { type Static, defineMiddlewareOptions, int, object, text, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.compress@@ */
export const compress = defineMiddlewareOptions({
  key: 'compress',
  built: false,
  options: object('@@d:http.middlewares.<name>.compress@@', {
    excludedContentTypes: textList('@@d:http.middlewares.<name>.compress.excludedContentTypes@@'),
    includedContentTypes: textList('@@d:http.middlewares.<name>.compress.includedContentTypes@@'),
    minResponseBodyBytes: int('@@d:http.middlewares.<name>.compress.minResponseBodyBytes@@', { effective: '1024' }),
    encodings: textList('@@d:http.middlewares.<name>.compress.encodings@@', { default: ['gzip', 'br', 'zstd'] }),
    defaultEncoding: text('@@d:http.middlewares.<name>.compress.defaultEncoding@@'),
  }, { allowEmpty: true }),
})

/** Options of `compress`. */
export type CompressOptions = Static<typeof compress.options>
