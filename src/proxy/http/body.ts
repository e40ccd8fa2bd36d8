/**
 * How a message body flows: pushed by its source in chunks, held back by the slowest side. Nothing is buffered on the way unless a
 * middleware asks for it, up to a stated limit.
 */
import type { HeaderList } from './header-list.ts'
import type { Reason } from './reasons.ts'

/** Receives a body. Exactly one of `onBodyEnd` and `onBodyError` is the last call. */
export interface BodyConsumer {
  /** A chunk, valid until the event that brought it is over. To hold the flow back, call `pause` on the source; what was read already still comes. */
  onBodyChunk(chunk: Buffer): void
  onBodyEnd(trailers: HeaderList | null): void
  onBodyError(reason: Reason): void
}

/** A request body that has not been read yet, or is flowing. */
export interface BodySource {
  /** Declared length in bytes; -1 when it is not known (chunked). */
  readonly length: number
  /** True once the last byte was delivered or discarded. */
  readonly ended: boolean
  /** Starts the flow, once. Bytes that are there already come during this call or right after it. */
  start(consumer: BodyConsumer): void
  pause(): void
  resume(): void
  /** Nobody wants the rest: it is read and thrown away within a limit, or the connection is closed after the answer. */
  discard(): void
}

/** Makes the bytes of an answer; told about back-pressure and about a client that went away. */
export interface ResponseProducer {
  /** The client takes bytes again, after `ResponseSink.write` returned false. */
  onDrain(): void
  /** The answer is not wanted any more: stop and release what is held. */
  onAbort(reason: Reason): void
}
