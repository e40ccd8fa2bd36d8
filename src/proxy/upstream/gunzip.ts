/**
 * Unpacks an answer for a client that named no encoding, after we asked the server for gzip in its place. Chunks flow through zlib with
 * back-pressure on both sides, so that memory is bounded whatever the ratio.
 */
import { createGunzip, type Gunzip } from 'node:zlib'
import type { ResponseProducer } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'
import type { HeaderList } from '../http/header-list.ts'
import type { Reason } from '../http/reasons.ts'

/** Where packed bytes come from. */
export interface GunzipSource {
  pause(): void
  resume(): void
  /** The answer is not wanted any more, or is not gzip. */
  cancel(reason: Reason): void
}

/** One answer on its way through zlib; takes the place of the connection as producer. */
export class GunzipAnswer implements ResponseProducer {
  readonly #exchange: Exchange
  readonly #gunzip: Gunzip = createGunzip()
  /** Null once the last packed byte has come, and the connection serves somebody else. */
  #source: GunzipSource | null

  constructor(exchange: Exchange, source: GunzipSource) {
    this.#exchange = exchange
    this.#source = source
    exchange.producer = this
    this.#gunzip.on('data', (chunk: Buffer) => {
      if (!exchange.sink.write(exchange, chunk)) this.#gunzip.pause()
    })
    this.#gunzip.on('end', () => this.#finish())
    this.#gunzip.on('error', () => this.#break())
    this.#gunzip.on('drain', () => this.#source?.resume())
  }

  /** Takes packed bytes; they are copied, since zlib reads them later. */
  write(chunk: Buffer): void {
    if (!this.#gunzip.write(Buffer.from(chunk))) this.#source?.pause()
  }

  /** The server has sent everything. */
  end(trailers: HeaderList | null): void {
    this.#source = null
    this.#exchange.responseTrailers = trailers
    this.#gunzip.end()
  }

  /** The server broke off: what was unpacked has left, the rest never comes. */
  fail(reason: Reason): void {
    this.#source = null
    this.#gunzip.destroy()
    this.#exchange.producer = null
    this.#exchange.sink.abort(this.#exchange, reason)
  }

  onDrain(): void {
    this.#gunzip.resume()
  }

  onAbort(reason: Reason): void {
    this.#gunzip.destroy()
    this.#source?.cancel(reason)
    this.#source = null
  }

  #finish(): void {
    this.#exchange.producer = null
    this.#exchange.sink.end(this.#exchange)
  }

  #break(): void {
    const exchange = this.#exchange
    const reason: Reason = 'upstream_malformed'
    exchange.reason ??= reason
    exchange.producer = null
    this.#source?.cancel(reason)
    this.#source = null
    exchange.sink.abort(exchange, reason)
  }
}
