/** The contract of TCP middlewares: one folder each under `proxy/middlewares/tcp`, plus one line in the list. */
import type { ClientCounts } from '../../board/client-counts.ts'
import type { TcpMiddleware } from './tcp-connection.ts'

/** What a TCP middleware may use besides its options. */
export interface TcpMiddlewareContext {
  /** Its own counts of clients, exact over all workers. */
  readonly clients: ClientCounts
}

/** A TCP middleware kind. `create` runs once per generation and throws an Error with a readable text when the options cannot work. */
export interface TcpMiddlewareModule<O = unknown> {
  /** Key in the configuration. */
  readonly key: string
  // A method, so that modules with options of their own fit into one list.
  create(options: O, context: TcpMiddlewareContext): TcpMiddleware
  /** For kinds that judge by the client's address alone: whether it may pass. Asked before a handshake too, so that others learn nothing by one. */
  admits?(options: O): (remoteIp: string) => boolean
}
