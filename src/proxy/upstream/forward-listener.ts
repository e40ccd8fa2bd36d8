import type { Exchange } from '../http/exchange.ts'
import type { Reason } from '../http/reasons.ts'

/** Told how a forwarded exchange goes; one object a server, none a request. */
export interface ForwardListener {
  /** Whether `onAnswer` is wanted: it costs a look at the clock. */
  readonly measuresLatency: boolean
  /** The head of the final answer came, `ms` milliseconds after the request was handed over. */
  onAnswer(exchange: Exchange, ms: number): void
  /** The server is done with the exchange: called exactly once for each `forward`. `reason` is null after a complete answer. */
  onSettled(exchange: Exchange, reason: Reason | null): void
  /**
   * The server could not be reached: nothing of the request was sent, or it was reset unread and may be sent twice. Whoever answers true has settled the
   * exchange and sent it elsewhere; otherwise `onSettled` follows.
   */
  onUnreached?(exchange: Exchange, reason: Reason): boolean
}
