/**
 * How much a peer may ask of us before its connection is ended with ENHANCE_YOUR_CALM. Each kind of cheap request has an allowance: what may come
 * at once, and how fast that fills up again.
 */

/** What may come at once, and how much of it comes back every second. */
export interface AllowanceSize {
  readonly burst: number
  readonly perSecond: number
}

/** Allowances of a connection. */
export interface AbuseLimits {
  /** Streams that the peer resets before they are complete (rapid reset). */
  readonly resets: AllowanceSize
  /** Streams that we reset because of what the peer sent (the same, provoked). */
  readonly provokedResets: AllowanceSize
  /** Streams beyond what we allow at a time. */
  readonly refusals: AllowanceSize
  /** DATA, HEADERS and CONTINUATION frames with nothing in them. */
  readonly emptyFrames: AllowanceSize
  readonly settings: AllowanceSize
  /** PING; every DATA and HEADERS frame gives one back, since clients measure lines that carry something. */
  readonly pings: AllowanceSize
  /** WINDOW_UPDATE; every DATA frame of ours gives some back. */
  readonly windowUpdates: AllowanceSize
  /** PRIORITY, PRIORITY_UPDATE, frames of unknown types and for streams that are gone; every stream gives some back. */
  readonly others: AllowanceSize
  /** CONTINUATION frames of one field block. */
  readonly continuationsMax: number
}

/** Allowances where nothing else is said. */
export const defaultAbuseLimits: AbuseLimits = {
  resets: { burst: 200, perSecond: 50 },
  provokedResets: { burst: 100, perSecond: 10 },
  refusals: { burst: 500, perSecond: 50 },
  emptyFrames: { burst: 100, perSecond: 10 },
  settings: { burst: 50, perSecond: 5 },
  pings: { burst: 200, perSecond: 50 },
  windowUpdates: { burst: 1000, perSecond: 200 },
  others: { burst: 500, perSecond: 50 },
  continuationsMax: 128,
}

/** What windows and queues of a connection may hold. */
export interface FlowLimits {
  /** What a peer may send on one stream before we take it, in bytes. */
  readonly streamWindowBytes: number
  /** What a peer may send on all streams before we take it, in bytes. */
  readonly connectionWindowBytes: number
}

/** Windows where nothing else is said. */
export const defaultFlowLimits: FlowLimits = {
  streamWindowBytes: 256 * 1024,
  connectionWindowBytes: 1024 * 1024,
}

/** How soon an address is forgiven: its whole allowance of connections that ended with ENHANCE_YOUR_CALM comes back in so many seconds. */
const forgivenSeconds = 20

/** The allowance of an address; see `AbuseLedger`. */
export function abusiveConnections(burst: number): AllowanceSize {
  return { burst, perSecond: burst / forgivenSeconds }
}

/** Bytes that streams of one worker may hold back for peers that do not take them, or that nobody takes from us; see `HeldBytes`. */
export const heldBytesMax = 256 * 1024 * 1024

/** Bytes of answers and acknowledgements that may wait for a peer before nothing more is read from it. */
export const waitingBytesMax = 256 * 1024
