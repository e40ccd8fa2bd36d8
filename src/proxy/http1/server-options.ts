/** What a server connection is told when it is made. */
import type { TimerWheel } from '../../std/timer-wheel.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import type { OpenTunnels } from '../http/open-tunnels.ts'
import type { Http1Limits } from './limits.ts'

/** Time limits of a client connection, in milliseconds; 0 is none. */
export interface Http1Timeouts {
  /** Head of a request, from its first byte (of the first one: from the start of the connection). */
  readonly headMs: number
  /** Each pause of a request body while it is wanted. */
  readonly bodyIdleMs: number
  /** Whole request, from its first byte to the last one of its body. */
  readonly totalMs: number
  /** From the end of a request's head to the end of its answer. */
  readonly writeMs: number
  /** Between two requests. */
  readonly idleMs: number
}

/** What can be done with a connection from outside. */
export interface ServerConnection {
  /**
   * Takes no further request: a busy connection is closed after its answer, an idle one now or, with `mayAskOnce`, after its next one or when it
   * has been idle for too long; a tunnel stays.
   */
  drain(mayAskOnce?: boolean): void
  /** Ends at once; a WebSocket with a close frame to both sides. */
  destroy(): void
}

/** Options that all connections of an entry point share. Whoever owns them may change them: connections look anew for each request. */
export interface Http1ServerOptions {
  /** Name of the entry point. */
  readonly entryPoint: string
  readonly limits: Http1Limits
  readonly timeouts: Http1Timeouts
  /** Requests after which a connection is closed; 0: no limit. */
  readonly keepAliveMaxRequests: number
  /** Age from which a connection is closed with its next answer, in milliseconds; 0: no limit. */
  readonly keepAliveMaxTimeMs: number
  readonly wheel: TimerWheel
  /** Knows the tunnels of the thread and ends those whose route was removed; without it they all go on. */
  readonly tunnels?: OpenTunnels
  /** Asked for each request, so that it runs on the generation where it began. */
  readonly handler: () => Handler
  /** A connection is gone; the last call for it. */
  readonly onClose: (connection: ServerConnection) => void
  /** Something threw or rejected, which is a fault of this program; its request is answered with 500 or cut. */
  readonly onHandlerError?: (error: unknown, exchange: Exchange | null) => void
}
