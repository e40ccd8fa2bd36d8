/**
 * Bytes in and out of one connection. Two implementations stand behind this interface, under one test suite: Node's stream handles
 * (fast, `handle-transport.ts`) and plain sockets (`socket-transport.ts`, taken where handles are not as expected or when
 * TIDEGATE_TRANSPORT=socket asks for it).
 */

/** What a transport tells its owner. No call is made before `start`, nor after `onClose`. */
export interface TransportEvents {
  /**
   * Bytes arrived. The chunk is valid only until this call returns, unless `Transport.readsOwnBuffer` is true at the time of the call; `write`
   * takes it as it is either way.
   */
  onData(chunk: Buffer): void
  /** The peer sent its last byte (half close). Nothing is closed by itself. */
  onEnd(): void
  /** What was written has left, after `writePending` was true. */
  onDrain(): void
  /** The connection is gone; the last call. `error` is there when it was not an orderly end. */
  onClose(error: NodeJS.ErrnoException | undefined): void
}

/** One connection as the engines' drivers see it. */
export interface Transport {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  /** True while bytes wait for the peer: stop producing until `onDrain`. */
  readonly writePending: boolean
  readonly destroyed: boolean
  /** Starts reading; events go to `events` from now on. May be called again to change the owner (upgrade, tunnel). */
  start(events: TransportEvents): void
  pauseReading(): void
  resumeReading(): void
  /** Asks for large reads into a buffer of this connection's own (long bodies) or goes back to the worker's shared one. */
  expectLongRead(on: boolean): void
  /** Queues text, one byte per character, in front of the next `write` or `flush`. All that a tick produced for a connection leaves in one system call. */
  writeText(text: string): void
  /** Writes bytes after what is queued. The implementation copies when it must keep bytes that the caller does not leave alone. */
  write(chunk: Uint8Array): void
  /** Sends what is queued now. Drivers call it at the end of each event; what is queued outside of one is flushed by itself on the next microtask. */
  flush(): void
  /** Sends what is queued, then the end of the stream (FIN / close_notify). Reading goes on. */
  end(): void
  /** Closes at once; `reset` sends RST where the system can. `onClose` follows, asynchronously. */
  destroy(reset?: boolean): void
}
