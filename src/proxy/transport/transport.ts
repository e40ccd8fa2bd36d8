/**
 * Bytes in and out of one connection. Two implementations stand behind this interface, under one test suite: Node's stream handles
 * (fast, `handle-transport.ts`) and plain sockets (`socket-transport.ts`, taken where handles are not as expected or when
 * TIDEGATE_TRANSPORT=socket asks for it).
 *
 * What an event produces for a connection leaves in one system call: writes are queued, and sent when the event that is being handled is over
 * (whichever connection it came from), or on the next microtask when none is.
 */
import type { Socket } from 'node:net'

/** What a transport tells its owner. No call is made before `start`, nor after `onClose`, nor during a call of the owner's. */
export interface TransportEvents {
  /**
   * Bytes arrived. The chunk is valid only until this call returns: whoever keeps it copies it. `write` of any transport takes it as it is, and may
   * be given it until then.
   */
  onData(chunk: Buffer): void
  /** The peer sent its last byte (half close). Nothing is closed by itself, unless this side has ended as well. */
  onEnd(): void
  /** What was written has left, after `writePending` was true. */
  onDrain(): void
  /** The connection is gone; the last call. `error` is there when it was not an orderly end. */
  onClose(error: NodeJS.ErrnoException | undefined): void
}

/** One connection as the engines' drivers see it. */
export interface Transport {
  /** Addresses as the system tells them; '' and 0 when it does not, as with Unix sockets and connections that are gone. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  /** True while bytes wait for the peer: stop producing until `onDrain`. */
  readonly writePending: boolean
  readonly destroyed: boolean
  /**
   * Lets small writes wait until all events of this turn of the event loop are handled, since many of them may write here (false at first). Large
   * chunks leave with their event as ever.
   */
  flushesLate: boolean
  /** Starts reading; events go to `events` from now on. May be called again to change the owner (upgrade, tunnel). */
  start(events: TransportEvents): void
  /** Gives the owner bytes that came earlier and went to another owner (who looked at them first), as if they came now. */
  replay(chunk: Buffer): void
  /** Gives the connection up, with nothing read or queued that was not handed on: no event follows. The socket is paused. */
  detach(): Socket
  pauseReading(): void
  resumeReading(): void
  /** Asks for large reads into a buffer of this connection's own (long bodies), or goes back to the worker's shared one. Costs nothing to repeat. */
  expectLongRead(on: boolean): void
  /** Queues text, one byte per character, behind what is queued. */
  writeText(text: string): void
  /**
   * Queues bytes behind what is queued. A chunk that came with `onData` may be written until that event is over; memory of the caller's own must
   * stay as it is for good, since large chunks are not copied.
   */
  write(chunk: Uint8Array): void
  /** Sends what is queued now. Rarely needed: see above. */
  flush(): void
  /** Sends what is queued, then the end of the stream (FIN). Reading goes on; once the peer has ended too, the connection closes. */
  end(): void
  /** Closes at once, dropping what is queued; `reset` sends RST where the system can. `onClose` follows, asynchronously. */
  destroy(reset?: boolean): void
}
