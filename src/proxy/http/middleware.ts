/** The contract of HTTP middlewares: one folder each under `proxy/middlewares/http`, plus one line in the list. */
import type { Board } from '../../board/board.ts'
import type { ClientCounts } from '../../board/client-counts.ts'
import type { TimerWheel } from '../../std/timer-wheel.ts'
import type { Handler, Middleware } from './exchange.ts'
import type { Outbound } from './outbound.ts'

/** Checks passwords away from the event loop (bcrypt of cost 10 takes 160 ms); equal checks run once, the queue is bounded. */
export interface PasswordChecker {
  /**
   * Whether the password (a byte string) matches the hash (bcrypt, MD5-crypt, {SHA}). The answer is there at once when it is known or cheap;
   * the promise rejects when too many checks wait.
   */
  check(password: string, hash: string): boolean | Promise<boolean>
}

/** What a middleware may use besides its options. */
export interface MiddlewareContext {
  /** Qualified name of the middleware. */
  readonly name: string
  readonly board: Board
  readonly passwords: PasswordChecker
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Handler of a service by its name as configured in the options; it may be asked for only while requests run. */
  readonly service: (name: string) => Handler
  /** Deadlines, and the monotonic clock (`wheel.clock`). */
  readonly wheel: TimerWheel
  /** Calls to servers that belong to no service. */
  readonly outbound: Outbound
  /** Counts of clients, for kinds that count them (`countsClients`). */
  readonly clients: ClientCounts
  /** Memory that all workers share, for kinds that ask for it (`sharedBytes`); empty for others. */
  readonly shared: SharedArrayBuffer
  /** Goes to the process log, with the middleware's name. */
  warn(message: string, fields?: Readonly<Record<string, string>>): void
  /** Calls once when no new request will reach this instance; those that run may still need it. */
  onClose(call: () => void): void
}

/** A middleware kind. `create` runs once per generation and throws an Error with a readable text when the options cannot work. */
export interface MiddlewareModule<O = unknown> {
  /** Key that selects this kind in routing configuration. */
  readonly key: string
  /** True when it does nothing but change or answer a request by its options: then `explain` may try it. */
  readonly isPure?: boolean
  create(options: O, context: MiddlewareContext): Middleware
}

/** A middleware kind whose options type is hidden, as the list holds it. */
export interface AnyMiddlewareModule {
  readonly key: string
  readonly isPure: boolean
  create(options: unknown, context: MiddlewareContext): Middleware
}

/** Hides the options type of a module; the control plane has validated options of this key against this very schema. */
export function defineMiddleware<O>(module: MiddlewareModule<O>): AnyMiddlewareModule {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the control plane has validated options of this key against the schema of O.
  return { key: module.key, isPure: module.isPure ?? false, create: (options, context) => module.create(options as O, context) }
}
