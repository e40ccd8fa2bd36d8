/** Joins a stream with a connection to a server, after an extended CONNECT: what comes in on one goes out on the other. */
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'
import { closeFrame, FrameScanner, goingAway, newMaskKey } from '../transport/websocket-frames.ts'
import { errorCode } from './error-codes.ts'
import type { Http2Session } from './session.ts'
import type { Http2Stream } from './stream.ts'

/** How long the two ends may take to end theirs once the tunnel goes away, in milliseconds. */
const leavingMs = 5000

/** What a tunnel is made of. */
export interface StreamTunnelInput {
  readonly session: Http2Session
  readonly stream: Http2Stream
  readonly server: Transport
  readonly wheel: TimerWheel
  readonly isWebSocket: boolean
  /** Nothing is left of it. */
  readonly onOver: () => void
}

/** A stream and a connection, joined. */
export class StreamTunnel implements TransportEvents, TimerOwner {
  bytesFromServer = 0
  readonly #session: Http2Session
  readonly #stream: Http2Stream
  readonly #server: Transport
  readonly #onOver: () => void
  /** What the server has not taken yet, and so is not given back to the client's window. */
  #owedBytes = 0
  #isOver = false
  readonly #wheel: TimerWheel
  #timer: Timer | null = null
  /** The tunnel goes away: nothing passes behind the frames under way. */
  #isLeaving = false
  /** Frames of a WebSocket in both directions; null when it is none. */
  readonly #fromClient: FrameScanner | null
  readonly #fromServer: FrameScanner | null
  /** What still comes from one end goes nowhere. */
  #dropsClient = false
  #dropsServer = false

  constructor({ session, stream, server, wheel, isWebSocket, onOver }: StreamTunnelInput) {
    this.#session = session
    this.#stream = stream
    this.#server = server
    this.#wheel = wheel
    this.#fromClient = isWebSocket ? new FrameScanner() : null
    this.#fromServer = isWebSocket ? new FrameScanner() : null
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
    const frames = this.#fromClient
    if (!this.#dropsClient) {
      const length = frames === null ? chunk.length : frames.scan(chunk, this.#isLeaving)
      this.#server.write(length === chunk.length ? chunk : chunk.subarray(0, length))
      if (this.#isLeaving && frames?.isBetweenFrames === true) this.#leaveServer()
    }
    if (this.#server.writePending) this.#owedBytes += chunk.length
    else this.#session.consumed(this.#stream, chunk.length)
  }

  /** The client has ended its side. */
  streamEnded(): void {
    this.#server.end()
  }

  /**
   * Ends both sides from here: those of a WebSocket with a close frame (1001) behind the frame under way, if that comes to its end within seconds;
   * others at once.
   */
  goAway(): void {
    if (this.#isLeaving || this.#isOver) return
    if (this.#fromClient === null) {
      this.#cut()
      return
    }
    this.#isLeaving = true
    this.#timer = this.#wheel.timer(this)
    this.#timer.set(leavingMs)
    if (this.#fromClient.isBetweenFrames) this.#leaveServer()
    if (this.#fromServer?.isBetweenFrames === true) this.#leaveClient()
  }

  #leaveServer(): void {
    if (this.#dropsClient) return
    this.#dropsClient = true
    if (this.#fromClient?.closeSeen === false) this.#server.write(closeFrame(goingAway, newMaskKey()))
    this.#server.end()
  }

  #leaveClient(): void {
    const stream = this.#stream
    if (this.#dropsServer || stream.localEnded || stream.endsWhenSent) return
    this.#dropsServer = true
    if (this.#fromServer?.closeSeen === false) this.#session.sendData(stream, closeFrame(goingAway, null), true)
    else this.#session.sendEnd(stream, null)
    this.#server.resumeReading()
  }

  onTimer(): void {
    this.#cut()
  }

  /** Ends what is left at once. */
  #cut(): void {
    this.#session.reset(this.#stream, errorCode.cancel)
    this.#server.destroy(true)
    this.#over()
  }

  /** The stream was reset, or its connection is gone. */
  streamReset(): void {
    this.#over()
    // A close frame on its way to the server may still arrive.
    if (!this.#dropsClient) this.#server.destroy(true)
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
    if (this.#dropsServer) return
    const frames = this.#fromServer
    const length = frames === null ? chunk.length : frames.scan(chunk, this.#isLeaving)
    this.bytesFromServer += length
    const takesMore = this.#session.sendData(this.#stream, length === chunk.length ? chunk : chunk.subarray(0, length), false)
    if (this.#isLeaving && frames?.isBetweenFrames === true) this.#leaveClient()
    else if (takesMore) this.#server.resumeReading()
    else this.#server.pauseReading()
  }

  onDrain(): void {
    const owed = this.#owedBytes
    this.#owedBytes = 0
    if (owed > 0) this.#session.consumed(this.#stream, owed)
  }

  onEnd(): void {
    if (!this.#dropsServer) this.#session.sendEnd(this.#stream, null)
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    this.#timer?.close()
    const stream = this.#stream
    if ((error !== undefined && !this.#dropsServer) || !(stream.localEnded || stream.endsWhenSent)) {
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
