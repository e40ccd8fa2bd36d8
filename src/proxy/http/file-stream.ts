/** Answers whose body comes from a file, read only as fast as the client takes it. */
import { close, read } from 'node:fs'
import type { ResponseProducer } from './body.ts'
import type { Exchange, ExchangeObserver } from './exchange.ts'
import type { Reason } from './reasons.ts'

/** Bytes that are read at a time. */
const pieceBytes = 64 * 1024
/** Buffers that are kept for the next stream. */
const spareMax = 16
const spare: Buffer[] = []

/**
 * Sends bytes of an open file as the rest of an answer whose head has been sent, and closes the file. A file that ends early, or cannot be read, cuts the
 * answer so that the client notices.
 */
export function streamFile(exchange: Exchange, file: number, { start, length }: { readonly start: number; readonly length: number }): void {
  new FileStream(exchange, file, start, length).begin()
}

class FileStream implements ResponseProducer, ExchangeObserver {
  readonly #exchange: Exchange
  readonly #file: number
  #position: number
  #left: number
  #buffer: Buffer
  #isReading = false
  #isWaiting = false
  #isOver = false

  constructor(exchange: Exchange, file: number, start: number, length: number) {
    this.#exchange = exchange
    this.#file = file
    this.#position = start
    this.#left = length
    this.#buffer = spare.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
  }

  begin(): void {
    this.#exchange.producer = this
    this.#exchange.addObserver(this)
    if (this.#exchange.finished || this.#exchange.aborted !== null) this.#over()
    else this.#next()
  }

  onDrain(): void {
    if (!this.#isWaiting) return
    this.#isWaiting = false
    this.#next()
  }

  onAbort(_reason: Reason): void {
    this.#over()
  }

  onFinish(): void {
    this.#over()
  }

  #next(): void {
    if (this.#isOver || this.#isReading) return
    if (this.#left === 0) {
      const exchange = this.#exchange
      this.#over()
      exchange.sink.end(exchange)
      return
    }
    this.#isReading = true
    read(this.#file, this.#buffer, 0, Math.min(this.#left, pieceBytes), this.#position, this.#onRead)
  }

  // One function a stream, since reads call it bare.
  readonly #onRead = (error: Error | null, count: number): void => {
    this.#isReading = false
    if (this.#isOver) {
      this.#release()
      return
    }
    const exchange = this.#exchange
    if (error !== null || count === 0) {
      this.#over()
      exchange.sink.abort(exchange, 'file_failed')
      return
    }
    this.#position += count
    this.#left -= count
    if (exchange.sink.write(exchange, this.#buffer.subarray(0, count)) || this.#left === 0) this.#next()
    else this.#isWaiting = true
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#exchange.producer === this) this.#exchange.producer = null
    // A read under way still fills the buffer.
    if (!this.#isReading) this.#release()
  }

  #release(): void {
    close(this.#file, () => {})
    if (spare.length < spareMax) spare.push(this.#buffer)
  }
}
