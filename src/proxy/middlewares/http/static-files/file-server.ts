import type { StaticFilesOptions } from '../../../../config/routing/middlewares/static-files.ts'
import type { Clock } from '../../../../std/clock.ts'
import { formatHttpDate } from '../../../../std/http-date.ts'
import type { Exchange, Handler } from '../../../http/exchange.ts'
import { fieldValue } from '../../../http/field-value.ts'
import { streamFile } from '../../../http/file-stream.ts'
import type { HeaderList } from '../../../http/header-list.ts'
import { preferredType } from '../../../http/preferred-type.ts'
import { fail, respondNotFound, respondText, statusText } from '../../../http/respond.ts'
import { judgeConditions, judgeRange } from '../../../http/validators.ts'
import { acceptedEncodings, type FileEncoding } from './accepted-encodings.ts'
import { fileNames } from './file-path.ts'
import { mediaTypeOf } from './media-types.ts'
import { closeQuietly, type Found, type LinkRule, openBelow, type OpenFile } from './open-file.ts'

/** A file that is to be sent. */
interface Chosen {
  readonly file: OpenFile
  readonly name: string
  readonly encoding: FileEncoding | null
}

/** Sends the files of one folder. */
export class FileServer {
  readonly #options: StaticFilesOptions
  readonly #root: string
  readonly #clock: Clock
  readonly #links: LinkRule
  readonly #types: ReadonlyMap<string, string>
  readonly #fallback: readonly string[] | null
  readonly #encodings: readonly FileEncoding[]
  readonly #fields: readonly (readonly [string, string])[]

  /** `root` is absolute. */
  constructor(options: StaticFilesOptions, root: string, clock: Clock) {
    this.#options = options
    this.#root = root
    this.#clock = clock
    this.#links = options.symlinks === 'never' || options.symlinks === 'anywhere' ? options.symlinks : 'inside'
    this.#types = new Map(
      Object.entries(options.types).map(([extension, type]) => [extension.toLowerCase().replace(/^\./, ''), fieldValue(type)]),
    )
    const fallback = options.fallback.split('/').filter((name) => name !== '' && name !== '.')
    this.#fallback = fallback.length === 0 ? null : fallback
    this.#encodings = options.precompressed.flatMap((name) => (name === 'br' || name === 'zstd' || name === 'gzip' ? [name] : []))
    const cacheControl: [string, string][] = options.cacheControl === '' ? [] : [['Cache-Control', fieldValue(options.cacheControl)]]
    this.#fields = [...cacheControl, ...Object.entries(options.headers).map(([name, value]): [string, string] => [name, fieldValue(value)])]
  }

  /** Answers, or lets the next handler do so. */
  handle(exchange: Exchange, next: Handler): void | Promise<void> {
    if (exchange.method === 'GET' || exchange.method === 'HEAD') return this.#answer(exchange, next)
    if (this.#options.passThrough) return next(exchange)
    exchange.responseHeaders.set('Allow', 'GET, HEAD')
    respondText(exchange, 405, statusText(405), 'middleware_answer')
    return undefined
  }

  async #answer(exchange: Exchange, next: Handler): Promise<void> {
    let chosen: Chosen | 'redirect' | null
    try {
      chosen = await this.#find(exchange)
    } catch {
      fail(exchange, 500, 'file_failed')
      return
    }
    if (exchange.finished || exchange.aborted !== null) {
      if (chosen !== null && chosen !== 'redirect') closeQuietly(chosen.file)
    } else if (chosen === 'redirect') {
      redirectToFolder(exchange)
    } else if (chosen !== null) {
      this.#send(exchange, chosen)
    } else if (this.#options.passThrough) {
      await next(exchange)
    } else {
      respondNotFound(exchange, 'no_file')
    }
  }

  async #find(exchange: Exchange): Promise<Chosen | 'redirect' | null> {
    const names = fileNames(exchange.path, this.#options.dotFiles)
    const found = names === null ? null : await this.#findNamed(exchange, names)
    if (found !== null || this.#fallback === null) return found
    // Where there is no script or picture an application's page would be a riddle to whoever asked for it.
    if (preferredType(exchange.headers.get('accept'), ['other/other', 'text/html']) !== 'text/html') return null
    return this.#open(exchange, this.#fallback)
  }

  async #findNamed(exchange: Exchange, names: readonly string[]): Promise<Chosen | 'redirect' | null> {
    const { index } = this.#options
    const asksFolder = names.at(-1) === ''
    if (asksFolder) return index === '' ? null : this.#open(exchange, [...names.slice(0, -1), index])
    const found = await this.#open(exchange, names)
    if (found !== null || index === '') return found
    const place = await openBelow(this.#root, names, this.#links)
    if (place !== 'folder') return closeFound(place)
    return 'redirect'
  }

  /** Opens a file, in the best encoding that is there and that the client takes. */
  async #open(exchange: Exchange, names: readonly string[]): Promise<Chosen | null> {
    const name = names.at(-1) ?? ''
    const folder = names.slice(0, -1)
    for (const { encoding, suffix } of acceptedEncodings(exchange.headers.get('accept-encoding'), this.#encodings)) {
      const found = await openBelow(this.#root, [...folder, name + suffix], this.#links)
      if (found !== null && found !== 'folder') return { file: found, name, encoding }
    }
    const found = await openBelow(this.#root, names, this.#links)
    return found === null || found === 'folder' ? null : { file: found, name, encoding: null }
  }

  #send(exchange: Exchange, { file, name, encoding }: Chosen): void {
    const { responseHeaders: headers } = exchange
    const etag = `"${file.signature}${encoding === null ? '' : `-${encoding}`}"`
    const validators = { etag, modifiedMs: file.modifiedMs }
    const nowMs = this.#clock.now()
    this.#setFields(headers, name, encoding)
    headers.set('ETag', etag)
    headers.set('Last-Modified', formatHttpDate(Math.min(file.modifiedMs, nowMs)))
    const condition = judgeConditions(exchange.headers, validators, nowMs)
    if (condition !== 'holds') {
      closeQuietly(file)
      if (condition === 'failed') respondText(exchange, 412, statusText(412), 'middleware_answer')
      else respondNotModified(exchange)
      return
    }
    const range = exchange.method === 'GET' ? judgeRange(exchange.headers, validators, file.size, nowMs) : null
    if (range === 'unsatisfiable') {
      closeQuietly(file)
      headers.set('Content-Range', `bytes */${file.size}`)
      respondText(exchange, 416, statusText(416), 'middleware_answer')
      return
    }
    const { start, end } = range ?? { start: 0, end: file.size - 1 }
    if (range !== null) headers.set('Content-Range', `bytes ${start}-${end}/${file.size}`)
    sendBody(exchange, file, { status: range === null ? 200 : 206, start, length: end - start + 1 })
  }

  #setFields(headers: HeaderList, name: string, encoding: FileEncoding | null): void {
    headers.set('Content-Type', mediaTypeOf(name, this.#types))
    headers.set('X-Content-Type-Options', 'nosniff')
    headers.set('Accept-Ranges', 'bytes')
    if (encoding !== null) headers.set('Content-Encoding', encoding)
    if (this.#encodings.length > 0) headers.add('Vary', 'Accept-Encoding')
    for (const [field, value] of this.#fields) headers.set(field, value)
  }
}

function sendBody(exchange: Exchange, file: OpenFile, { status, start, length }: { status: number; start: number; length: number }): void {
  exchange.reason ??= 'middleware_answer'
  exchange.status = status
  exchange.responseLength = length
  exchange.body?.discard()
  exchange.startResponse()
  if (exchange.method === 'HEAD' || length === 0) {
    closeQuietly(file)
    exchange.sink.end(exchange)
    return
  }
  streamFile(exchange, file.descriptor, { start, length })
}

/** 304 has what a 200 would say of the representation, but nothing of its body. */
function respondNotModified(exchange: Exchange): void {
  for (const key of ['content-type', 'content-encoding', 'x-content-type-options']) exchange.responseHeaders.delete(key)
  respondText(exchange, 304, '', 'middleware_answer')
}

/** The same URL with a slash, so that links in the page are read from within the folder. Relative, so that it holds whatever prefix was stripped. */
function redirectToFolder(exchange: Exchange): void {
  const name = exchange.path.slice(exchange.path.lastIndexOf('/') + 1)
  exchange.responseHeaders.set('Location', `./${name}/${exchange.rawQuery === '' ? '' : `?${exchange.rawQuery}`}`)
  respondText(exchange, 301, statusText(301), 'middleware_answer')
}

function closeFound(found: Found): null {
  if (found !== null && found !== 'folder') closeQuietly(found)
  return null
}
