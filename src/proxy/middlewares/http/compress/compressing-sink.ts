/** Stands in front of an exchange's sink and compresses what goes through. */
import type { ResponseProducer } from '../../../http/body.ts'
import type { Exchange, ResponseHook, ResponseSink } from '../../../http/exchange.ts'
import type { HeaderList } from '../../../http/header-list.ts'
import type { Reason } from '../../../http/reasons.ts'
import { sniffContentType } from '../../../http/sniff.ts'
import { SniffingSink } from '../../../http/sniffing-sink.ts'
import type { Transport } from '../../../transport/transport.ts'
import type { Encoder, Encoding } from './encoders.ts'

/** Bodies of a known length up to this one are compressed at once: a thread of zlib costs more than it saves. */
const wholeBytesMax = 16 * 1024

/** Says which answers are compressed. */
export interface CompressPolicy {
  /** Whether the answer whose head is about to leave is compressed. */
  admits(exchange: Exchange, encoding: string): boolean
  readonly weakensEtags: boolean
}

/** What becomes of the answer. */
type Mode =
  /** It goes through as it is. */
  | 'as it is'
  /** It is collected and compressed at its end. */
  | 'whole'
  | 'stream'

/**
 * One for each exchange. The decision falls as a response hook, in order with other middlewares. The field Content-Encoding of gzip is
 * set later than that of the others, since Traefik finds the media type of answers without one only then.
 */
export class CompressingSink implements ResponseSink, ResponseHook, ResponseProducer {
  readonly #next: ResponseSink
  readonly #encoding: Encoding
  readonly #policy: CompressPolicy
  #mode: Mode = 'as it is'
  /** Collected begin of the body, and its length. */
  #held: Buffer | null = null
  #heldBytes = 0
  /** Length of the body when the head came; -1 unknown. */
  #length = -1
  #headWaits = false
  #encoder: Encoder | null = null
  #exchange: Exchange | null = null
  /** Makes the answer; is told to go on or to stop. */
  #producer: ResponseProducer | null = null
  #isFlushDue = false
  #isProducerPaused = false
  #isEnding = false

  constructor(next: ResponseSink, encoding: Encoding, policy: CompressPolicy) {
    this.#next = next
    this.#encoding = encoding
    this.#policy = policy
  }

  onResponse(exchange: Exchange): void {
    const { responseHeaders: headers } = exchange
    addVary(headers)
    if (!this.#policy.admits(exchange, this.#encoding.name)) return
    const { responseLength } = exchange
    this.#mode = responseLength >= 0 && responseLength <= wholeBytesMax ? 'whole' : 'stream'
    if (this.#encoding.name !== 'gzip') headers.set('Content-Encoding', this.#encoding.name)
    if (this.#policy.weakensEtags) weakenEtag(headers)
  }

  informational(exchange: Exchange, status: number, headers: HeaderList): void {
    this.#next.informational(exchange, status, headers)
  }

  head(exchange: Exchange): void {
    if (this.#mode === 'as it is') {
      this.#next.head(exchange)
      return
    }
    const { responseHeaders: headers } = exchange
    if (this.#encoding.name === 'gzip') headers.delete('accept-ranges')
    this.#length = exchange.responseLength
    this.#headWaits = true
    if (this.#mode === 'whole') {
      this.#held = Buffer.allocUnsafe(this.#length)
      return
    }
    this.#exchange = exchange
    this.#producer = exchange.producer
    exchange.producer = this
    // A stream's head is wanted at once, but for a body that is already over; that of a body of known length can wait for its first bytes.
    if (this.#length < 0) setImmediate(() => this.#sendHeadOfStream(exchange))
  }

  write(exchange: Exchange, chunk: Uint8Array): boolean {
    if (this.#mode === 'as it is') return this.#next.write(exchange, chunk)
    if (this.#mode === 'whole') {
      this.#hold(exchange, chunk)
      return true
    }
    if (this.#headWaits) this.#sendHead(exchange, -1, chunk)
    const encoder = (this.#encoder ??= this.#startEncoder(exchange))
    // Copied, since zlib reads it later.
    const mayGoOn = encoder.write(Buffer.from(chunk))
    if (this.#length < 0) this.#flushSoon(encoder)
    if (!mayGoOn) this.#isProducerPaused = true
    return mayGoOn
  }

  writeText(exchange: Exchange, text: string): void {
    if (this.#mode === 'as it is') this.#next.writeText(exchange, text)
    else this.write(exchange, Buffer.from(text, 'latin1'))
  }

  end(exchange: Exchange): void {
    if (this.#mode === 'whole') {
      this.#sendWhole(exchange)
      this.#next.end(exchange)
      return
    }
    if (this.#mode === 'as it is') {
      this.#next.end(exchange)
      return
    }
    if (this.#headWaits) {
      this.#endEmpty(exchange)
      return
    }
    this.#isEnding = true
    this.#producer = null
    // Whoever made the answer may have left the exchange, but what zlib still holds must be stopped with it.
    exchange.producer = this
    const encoder = (this.#encoder ??= this.#startEncoder(exchange))
    encoder.end()
  }

  abort(exchange: Exchange, reason: Reason): void {
    if (this.#mode === 'whole' && this.#headWaits) this.#sendWhole(exchange, -1)
    if (this.#mode === 'stream') {
      if (this.#headWaits) this.#sendHead(exchange, -1, null)
      this.#release(exchange)
    }
    this.#next.abort(exchange, reason)
  }

  upgrade(exchange: Exchange, server: Transport, early: Buffer | null): void {
    this.#next.upgrade(exchange, server, early)
  }

  onDrain(): void {
    this.#encoder?.resume()
  }

  onAbort(reason: Reason): void {
    const producer = this.#producer
    if (this.#exchange !== null) this.#release(this.#exchange)
    producer?.onAbort(reason)
  }

  #hold(exchange: Exchange, chunk: Uint8Array): void {
    const held = this.#held
    if (held === null || this.#heldBytes + chunk.length > held.length) {
      // More than was announced would be read as the next answer.
      exchange.abort('internal_error')
      this.abort(exchange, 'internal_error')
      return
    }
    held.set(chunk, this.#heldBytes)
    this.#heldBytes += chunk.length
  }

  #sendWhole(exchange: Exchange, length?: number): void {
    const body = this.#held?.subarray(0, this.#heldBytes) ?? Buffer.alloc(0)
    this.#held = null
    const packed = this.#encoding.whole(body)
    this.#sendHead(exchange, length ?? packed.length, body)
    this.#next.write(exchange, packed)
  }

  #sendHead(exchange: Exchange, length: number, begin: Uint8Array | null): void {
    this.#headWaits = false
    const { responseHeaders: headers } = exchange
    if (this.#encoding.name === 'gzip') {
      const isTypeWanted = begin !== null && this.#next instanceof SniffingSink && !headers.has('content-type')
      if (isTypeWanted) headers.set('Content-Type', sniffContentType(begin))
      headers.set('Content-Encoding', 'gzip')
    }
    exchange.responseLength = length
    this.#next.head(exchange)
  }

  #sendHeadOfStream(exchange: Exchange): void {
    if (this.#headWaits && !exchange.finished && exchange.aborted === null) this.#sendHead(exchange, -1, null)
  }

  /** There was no body after all. */
  #endEmpty(exchange: Exchange): void {
    this.#mode = 'as it is'
    this.#headWaits = false
    this.#release(exchange)
    exchange.responseHeaders.delete('content-encoding')
    this.#next.head(exchange)
    this.#next.end(exchange)
  }

  #startEncoder(exchange: Exchange): Encoder {
    const encoder = this.#encoding.stream()
    encoder.on('data', (packed: Buffer) => {
      if (!this.#next.write(exchange, packed)) encoder.pause()
    })
    encoder.on('drain', () => {
      if (!this.#isProducerPaused) return
      this.#isProducerPaused = false
      this.#producer?.onDrain()
    })
    encoder.on('end', () => {
      this.#release(exchange)
      this.#next.end(exchange)
    })
    encoder.on('error', () => {
      const producer = this.#producer
      this.#release(exchange)
      producer?.onAbort('internal_error')
      this.#next.abort(exchange, 'internal_error')
    })
    return encoder
  }

  /** Lets out what was written in this turn of the event loop: a server that streams is never held back. */
  #flushSoon(encoder: Encoder): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    setImmediate(() => {
      this.#isFlushDue = false
      if (this.#encoder === encoder && !this.#isEnding) encoder.flush()
    })
  }

  #release(exchange: Exchange): void {
    this.#encoder?.destroy()
    this.#encoder = null
    if (exchange.producer === this) exchange.producer = this.#isEnding ? null : this.#producer
    this.#producer = null
    this.#exchange = null
  }
}

/** Says that the answer depends on Accept-Encoding, in front of what else it depends on. */
function addVary(headers: HeaderList): void {
  const others = headers.getAll('vary')
  headers.set('Vary', 'Accept-Encoding')
  for (const other of others) headers.add('Vary', other)
}

/** Another form of the same thing is not the same byte for byte (RFC 9110 §8.8.3). */
function weakenEtag(headers: HeaderList): void {
  const etag = headers.get('etag')
  if (etag?.startsWith('"') === true) headers.set('ETag', `W/${etag}`)
}
