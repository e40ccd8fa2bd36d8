/** The encoders of node:zlib, set so that one answer takes less than 2 MiB whatever its size. */
import type { Transform } from 'node:stream'
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzipSync,
  zstdCompressSync,
  type BrotliOptions,
  type ZlibOptions,
  type ZstdOptions,
} from 'node:zlib'

/** An encoder of one answer. */
export interface Encoder extends Transform {
  /** Lets out all that was written, so that the other side can read it. */
  flush(): void
}

/** An encoding. */
export interface Encoding {
  readonly name: string
  /** A body that is there, at once. */
  whole(body: Uint8Array): Buffer
  stream(): Encoder
}

const gzip: ZlibOptions = { level: 5 }
const brotli: BrotliOptions = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 },
}
const zstd: ZstdOptions = {
  params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: 18 },
}

const encodings: Readonly<Record<string, Encoding>> = {
  gzip: { name: 'gzip', whole: (body) => gzipSync(body, gzip), stream: () => createGzip(gzip) },
  br: { name: 'br', whole: (body) => brotliCompressSync(body, brotli), stream: () => createBrotliCompress(brotli) },
  zstd: { name: 'zstd', whole: (body) => zstdCompressSync(body, zstd), stream: () => createZstdCompress(zstd) },
}

/** The encoding of this name. */
export function encodingOf(name: string): Encoding {
  const found = encodings[name]
  if (found === undefined) throw new Error(`compress: there is no encoding ${name}`)
  return found
}
