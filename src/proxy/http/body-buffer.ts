/** Request bodies that are read ahead: wholly up to a limit, so that they can be looked at or sent more than once. */
import type { BodyConsumer, BodySource } from './body.ts'
import type { Exchange } from './exchange.ts'
import type { HeaderList } from './header-list.ts'
import type { Reason } from './reasons.ts'
import { fail } from './respond.ts'

/** What reading ahead came to. */
export type ReadAhead =
  /** All of it is here. */
  | { readonly kind: 'whole'; readonly body: WholeBody }
  /** There is more than the limit: the body as it still can be passed on, once. */
  | { readonly kind: 'longer'; readonly body: BodySource }
  | { readonly kind: 'failed'; readonly reason: Reason }

/** Reads a body that nobody has started, up to `bytesMax` bytes; -1: all of it. */
export function readAhead(source: BodySource, bytesMax: number): Promise<ReadAhead> {
  return new Promise((resolve) => {
    source.start(new AheadReader(source, bytesMax, resolve))
  })
}

/**
 * The same for the body of an exchange, whose `status` is answered when the body fails. Null when nothing is left to do: the exchange failed, or is over.
 */
export async function readBodyAhead(
  exchange: Exchange,
  body: BodySource,
  { bytesMax, status }: { readonly bytesMax: number; readonly status: number },
): Promise<Exclude<ReadAhead, { kind: 'failed' }> | null> {
  const ahead = await readAhead(body, bytesMax)
  if (exchange.finished || exchange.aborted !== null) return null
  if (ahead.kind !== 'failed') return ahead
  fail(exchange, status, ahead.reason)
  return null
}

/** A body that is wholly in memory; each `copy` can be sent once. */
export class WholeBody {
  readonly chunks: readonly Buffer[]
  readonly trailers: HeaderList | null
  readonly length: number

  constructor(chunks: readonly Buffer[], trailers: HeaderList | null = null) {
    this.chunks = chunks
    this.trailers = trailers
    this.length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  /** The body in one piece. */
  bytes(): Buffer {
    return this.chunks.length === 1 && this.chunks[0] !== undefined ? this.chunks[0] : Buffer.concat(this.chunks)
  }

  /** The body once more, to be sent. */
  copy(): BodySource {
    return new HeldBody(this)
  }
}

/** Sends what is held; a consumer that pauses gets the rest when it resumes. */
class HeldBody implements BodySource {
  readonly length: number
  ended = false
  readonly #body: WholeBody
  #consumer: BodyConsumer | null = null
  #next = 0
  #isPaused = false
  #isFlowing = false

  constructor(body: WholeBody) {
    this.#body = body
    this.length = body.length
  }

  start(consumer: BodyConsumer): void {
    if (this.#consumer !== null || this.ended) throw new Error('request body: started twice')
    this.#consumer = consumer
    this.#flow()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#flow()
  }

  discard(): void {
    this.ended = true
    this.#consumer = null
  }

  #flow(): void {
    // A consumer may pause and resume from within a chunk.
    if (this.#isFlowing) return
    this.#isFlowing = true
    while (!this.#isPaused && !this.ended) {
      const chunk = this.#body.chunks[this.#next]
      if (chunk === undefined) {
        this.ended = true
        this.#consumer?.onBodyEnd(this.#body.trailers)
      } else {
        this.#next += 1
        this.#consumer?.onBodyChunk(chunk)
      }
    }
    this.#isFlowing = false
  }
}

/** Holds what comes until the limit is passed; from then on it is the body's begin, followed by what the source still brings. */
class AheadReader implements BodyConsumer, BodySource {
  readonly length: number
  ended = false
  readonly #source: BodySource
  readonly #bytesMax: number
  readonly #resolve: (result: ReadAhead) => void
  #held: Buffer[] = []
  #heldBytes = 0
  #isDecided = false
  #consumer: BodyConsumer | null = null
  #isPaused = true
  #isFlowing = false
  /** The source has ended; its trailers. */
  #end: { readonly trailers: HeaderList | null } | null = null
  #failure: Reason | null = null

  constructor(source: BodySource, bytesMax: number, resolve: (result: ReadAhead) => void) {
    this.#source = source
    this.length = source.length
    this.#bytesMax = bytesMax
    this.#resolve = resolve
  }

  onBodyChunk(chunk: Buffer): void {
    if (this.#consumer !== null && !this.#isPaused && this.#held.length === 0) {
      this.#consumer.onBodyChunk(chunk)
      return
    }
    if (this.ended) return
    this.#held.push(Buffer.from(chunk))
    this.#heldBytes += chunk.length
    if (this.#isDecided || this.#bytesMax < 0 || this.#heldBytes <= this.#bytesMax) return
    this.#isDecided = true
    this.#source.pause()
    this.#resolve({ kind: 'longer', body: this })
  }

  onBodyEnd(trailers: HeaderList | null): void {
    if (!this.#isDecided) {
      this.#isDecided = true
      this.ended = true
      this.#resolve({ kind: 'whole', body: new WholeBody(this.#held, trailers) })
      return
    }
    this.#end = { trailers }
    this.#flow()
  }

  onBodyError(reason: Reason): void {
    if (!this.#isDecided) {
      this.#isDecided = true
      this.ended = true
      this.#resolve({ kind: 'failed', reason })
      return
    }
    this.#failure = reason
    this.#flow()
  }

  start(consumer: BodyConsumer): void {
    if (this.#consumer !== null || this.ended) throw new Error('request body: started twice')
    this.#consumer = consumer
    this.resume()
  }

  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#source.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#flow()
    if (!this.#isPaused && !this.ended && this.#end === null) this.#source.resume()
  }

  discard(): void {
    this.ended = true
    this.#consumer = null
    this.#held = []
    this.#source.discard()
  }

  #flow(): void {
    if (this.#isFlowing || this.#consumer === null) return
    this.#isFlowing = true
    while (!this.#isPaused && !this.ended && this.#held.length > 0) this.#consumer.onBodyChunk(this.#held.shift()!)
    this.#isFlowing = false
    if (this.#isPaused || this.ended || this.#consumer === null) return
    if (this.#failure !== null) {
      this.ended = true
      this.#consumer.onBodyError(this.#failure)
    } else if (this.#end !== null) {
      this.ended = true
      this.#consumer.onBodyEnd(this.#end.trailers)
    }
  }
}
