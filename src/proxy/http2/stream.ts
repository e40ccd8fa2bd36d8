/** A stream as the engine sees it (RFC 9113 §5). Both sides' drivers extend it with what a request or an answer is to them. */
import type { HeaderList } from '../http/header-list.ts'
import type { HpackDecoder } from './hpack-decoder.ts'

/** Urgency of streams that say nothing (RFC 9218 §4.1). */
const urgencyDefault = 3

/** One stream. */
export abstract class Http2Stream {
  id = 0
  /** What the peer takes at the moment, in bytes; below zero after it has made its windows smaller. */
  sendWindow = 0
  /** What the peer may still send, in bytes. */
  receiveWindow = 0
  /** What was taken of the peer's bytes and not yet given back to its window. */
  owedBytes = 0
  /** The peer has sent its last frame here. */
  remoteEnded = false
  /** We have sent our last frame here. */
  localEnded = false
  /** The stream is no more: nothing is sent, nothing will come. */
  isGone = false
  /** With the end of the answer the rest of the request is refused; a tunnel's is not. */
  stopsRequest = true
  /** 0 is sent first, 7 last. */
  urgency = urgencyDefault
  /** Takes turns with others of its urgency; else it is served whole before those that came later. Who says nothing takes turns. */
  isIncremental = true

  // For the sender alone: what waits for a window or for the connection.
  queue: Buffer[] | null = null
  queuedBytes = 0
  endsWhenSent = false
  endTrailers: HeaderList | null = null
  /** Its producer was told to stop. */
  wantsDrain = false
  isWaiting = false

  /** A field block has come whole: the head, an interim answer, or trailers. The decoder's fields are valid during this call. */
  abstract onFields(decoder: HpackDecoder, isEnd: boolean): void
  /** Bytes of the body, valid during this call; whoever takes them tells the session. */
  abstract onData(chunk: Buffer): void
  /** The body has ended with its last frame of data. */
  abstract onEnd(): void
  /** The stream was reset with this code, by either side, or the connection has ended: the last call. */
  abstract onReset(code: number): void
  /** Our last frame has been sent. */
  abstract onSent(): void
  /** More may be sent, after the sender said no. */
  abstract onWritable(): void
}
