/** Gives an answer without Content-Type the one that its body looks like, as Go's server does where nothing keeps it from doing so. */
import type { Transport } from '../transport/transport.ts'
import type { Exchange, ResponseSink } from './exchange.ts'
import type { HeaderList } from './header-list.ts'
import type { Reason } from './reasons.ts'
import { sniffContentType, sniffedBytesMax } from './sniff.ts'

/**
 * Stands in front of an exchange's sink, one for each exchange, and holds the head back until enough of the body is there. A body of unknown length
 * is not waited for: it may be a stream whose head is wanted at once.
 */
export class SniffingSink implements ResponseSink {
  readonly #next: ResponseSink
  /** Bytes of body that the head still waits for; 0 while no head is held. */
  #missing = 0
  /** Begin of the body, while the head is held and what came is less than it waits for; at most 512 bytes. */
  #held: Uint8Array | null = null
  #heldLength = 0

  constructor(next: ResponseSink) {
    this.#next = next
  }

  informational(exchange: Exchange, status: number, headers: HeaderList): void {
    this.#next.informational(exchange, status, headers)
  }

  head(exchange: Exchange): void {
    if (isSniffed(exchange)) this.#missing = Math.min(exchange.responseLength, sniffedBytesMax)
    else this.#next.head(exchange)
  }

  write(exchange: Exchange, chunk: Uint8Array): boolean {
    if (this.#missing === 0) return this.#next.write(exchange, chunk)
    if (this.#held === null && chunk.length >= this.#missing) {
      this.#release(exchange, chunk)
      return this.#next.write(exchange, chunk)
    }
    const taken = Math.min(chunk.length, this.#missing)
    this.#hold(chunk.subarray(0, taken))
    if (this.#missing > 0) return true
    const mayGoOn = this.#releaseHeld(exchange)
    return taken === chunk.length ? mayGoOn : this.#next.write(exchange, chunk.subarray(taken))
  }

  writeText(exchange: Exchange, text: string): void {
    if (this.#missing === 0) {
      this.#next.writeText(exchange, text)
    } else if (this.#held === null && text.length >= this.#missing) {
      this.#release(exchange, Buffer.from(text.slice(0, sniffedBytesMax), 'latin1'))
      this.#next.writeText(exchange, text)
    } else {
      this.write(exchange, Buffer.from(text, 'latin1'))
    }
  }

  end(exchange: Exchange): void {
    if (this.#missing > 0) this.#releaseHeld(exchange)
    this.#next.end(exchange)
  }

  abort(exchange: Exchange, reason: Reason): void {
    if (this.#missing > 0) this.#releaseHeld(exchange)
    this.#next.abort(exchange, reason)
  }

  upgrade(exchange: Exchange, server: Transport, early: Buffer | null): void {
    this.#next.upgrade(exchange, server, early)
  }

  #hold(bytes: Uint8Array): void {
    this.#held ??= new Uint8Array(this.#missing)
    this.#held.set(bytes, this.#heldLength)
    this.#heldLength += bytes.length
    this.#missing -= bytes.length
  }

  /** Sends the head on, then what was held of the body; with nothing of a body (HEAD) the head goes as it is. */
  #releaseHeld(exchange: Exchange): boolean {
    const bytes = this.#held?.subarray(0, this.#heldLength)
    this.#held = null
    this.#release(exchange, bytes)
    return bytes === undefined || this.#next.write(exchange, bytes)
  }

  #release(exchange: Exchange, begin: Uint8Array | undefined): void {
    this.#missing = 0
    if (begin !== undefined) exchange.responseHeaders.set('Content-Type', sniffContentType(begin))
    this.#next.head(exchange)
  }
}

/** Whether the answer is to get a type: it may have a body, of known length, of unknown type and not encoded. */
function isSniffed(exchange: Exchange): boolean {
  const { status, responseLength, responseHeaders } = exchange
  if (responseLength <= 0 || status === 204 || status === 304) return false
  return !responseHeaders.has('content-type') && (responseHeaders.get('content-encoding') ?? '') === ''
}
