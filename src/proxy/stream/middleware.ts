/** The contract of TCP middlewares: one folder each under `proxy/middlewares/tcp`, plus one line in the list. */
import type { TcpMiddleware } from './tcp-connection.ts'

/** A TCP middleware kind. `create` runs once per generation and throws an Error with a readable text when the options cannot work. */
export interface TcpMiddlewareModule<O = unknown> {
  /** Key in the configuration. */
  readonly key: string
  // A method, so that modules with options of their own fit into one list.
  create(options: O): TcpMiddleware
}
