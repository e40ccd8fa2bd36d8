/** What a session is told when it is made, and whom it tells. */
import type { HeldBytes } from './held-bytes.ts'
import type { HeaderListLimits } from './hpack-decoder.ts'
import type { AbuseLimits, FlowLimits } from './limits.ts'
import type { Http2Stream } from './stream.ts'

/** Told about the connection as a whole. */
export interface SessionOwner {
  /** The peer begins a stream (towards servers never): the stream, or null to refuse it. */
  onPeerStream(streamId: number): Http2Stream | null
  /** The peer takes no streams above this one; what it has not seen may be sent elsewhere. */
  onGoaway(lastStreamId: number, code: number): void
  /** The peer's settings have come, perhaps anew. */
  onSettings(): void
  onPong(): void
  /** A stream is no more. */
  onStreamGone(): void
  /** The connection has failed: GOAWAY is written, all streams are gone, nothing more is read. */
  onFailed(code: number): void
}

/** How a session is set up. */
export interface SessionOptions {
  readonly isServer: boolean
  /** Streams that the peer may have open at a time. */
  readonly streamsMax: number
  /** Largest header tables of both directions, in bytes. */
  readonly decoderTableBytes: number
  readonly encoderTableBytes: number
  readonly head: HeaderListLimits
  readonly flow: FlowLimits
  readonly abuse: AbuseLimits
  readonly held: HeldBytes
  /** Offers extended CONNECT (RFC 8441). */
  readonly extendedConnect: boolean
  /** What time it is, roughly: for allowances. */
  readonly time: { readonly coarseMs: number }
}
