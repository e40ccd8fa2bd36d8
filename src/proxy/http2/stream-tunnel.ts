/** Joins a stream with a connection to a server, after an extended CONNECT: what comes in on one goes out on the other. */
import type { Transport, TransportEvents } from '../transport/transport.ts'
import { errorCode } from './error-codes.ts'
import type { Http2Session } from './session.ts'
import type { Http2Stream } from './stream.ts'

/** A stream and a connection, joined. */
export class StreamTunnel implements TransportEvents {
  bytesFromServer = 0
  readonly #session: Http2Session
  readonly #stream: Http2Stream
  readonly #server: Transport
  readonly #onOver: () => void
  /** What the server has not taken yet, and so is not given back to the client's window. */
  #owedBytes = 0
  #isOver = false

  constructor(session: Http2Session, stream: Http2Stream, server: Transport, onOver: () => void) {
    this.#session = session
    this.#stream = stream
    this.#server = server
    this.#onOver = onOver
  }

  /** Takes the connection over; `early` are bytes that have come from it already. */
  start(early: Buffer | null): void {
    this.#server.start(this)
    if (early !== null) this.onData(early)
    else this.#server.resumeReading()
  }

  // From the stream.

  /** Bytes of the client. */
  fromStream(chunk: Buffer): void {
    this.#server.write(chunk)
    if (this.#server.writePending) this.#owedBytes += chunk.length
    else this.#session.consumed(this.#stream, chunk.length)
  }

  /** The client has ended its side. */
  streamEnded(): void {
    this.#server.end()
  }

  /** The stream was reset, or its connection is gone. */
  streamReset(): void {
    this.#over()
    this.#server.destroy(true)
  }

  /** The client takes bytes again. */
  streamWritable(): void {
    this.#server.resumeReading()
  }

  /** The end of the server's side has been sent. */
  streamSent(): void {
    if (this.#stream.remoteEnded) this.#over()
  }

  // From the server.

  onData(chunk: Buffer): void {
    this.bytesFromServer += chunk.length
    if (this.#session.sendData(this.#stream, chunk, false)) this.#server.resumeReading()
    else this.#server.pauseReading()
  }

  onDrain(): void {
    const owed = this.#owedBytes
    this.#owedBytes = 0
    if (owed > 0) this.#session.consumed(this.#stream, owed)
  }

  onEnd(): void {
    this.#session.sendEnd(this.#stream, null)
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    const stream = this.#stream
    if (error !== undefined || !(stream.localEnded || stream.endsWhenSent)) {
      this.#session.reset(stream, errorCode.connectError)
    } else if (!stream.remoteEnded) {
      // Nobody takes what the client still sends.
      this.#session.reset(stream, errorCode.cancel)
    }
    this.#over()
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onOver()
  }
}
