/** Clients of a plain HTTP entry point: HTTP/1.1 and HTTP/2 by prior knowledge, told apart by their first bytes. */
import type { Timer, TimerOwner } from '../../std/timer-wheel.ts'
import type { ConnectionFacts } from '../http/exchange.ts'
import { serveHttp1 } from '../http1/server-connection.ts'
import type { ServerConnection } from '../http1/server-options.ts'
import { prefaceMatch } from '../http2/preface.ts'
import { serveHttp2 } from '../http2/server-connection.ts'
import type { Http2ServerOptions } from '../http2/server-options.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'

/** How long the first request of a connection may still take once others are refused, in milliseconds. */
const freshMs = 1000

/** Serves a connection in the version that its client speaks; once that is known, `onServed` is told what stands in the place of what is returned. */
export function servePlainHttp(
  transport: Transport,
  facts: ConnectionFacts,
  options: Http2ServerOptions,
  onServed: (before: ServerConnection, served: ServerConnection) => void,
): ServerConnection {
  const connection = new PlainHttpConnection(transport, facts, options, onServed)
  transport.start(connection)
  return connection
}

/** A connection whose first bytes have not come. */
class PlainHttpConnection implements TransportEvents, TimerOwner, ServerConnection {
  readonly #transport: Transport
  readonly #facts: ConnectionFacts
  readonly #options: Http2ServerOptions
  readonly #timer: Timer
  readonly #onServed: (before: ServerConnection, served: ServerConnection) => void
  #first: Buffer | null = null

  constructor(
    transport: Transport,
    facts: ConnectionFacts,
    options: Http2ServerOptions,
    onServed: (before: ServerConnection, served: ServerConnection) => void,
  ) {
    this.#transport = transport
    this.#facts = facts
    this.#options = options
    this.#onServed = onServed
    this.#timer = options.wheel.timer(this)
    if (options.timeouts.headMs > 0) this.#timer.setCoarse(options.timeouts.headMs)
  }

  /** A client that has just connected has its first request on the way. */
  drain(): void {
    this.#timer.set(freshMs)
  }

  destroy(): void {
    this.#transport.destroy()
  }

  onData(chunk: Buffer): void {
    const first = this.#first === null ? chunk : Buffer.concat([this.#first, chunk])
    const match = prefaceMatch(first)
    if (match === 'more') {
      this.#first = Buffer.from(first)
      return
    }
    this.#first = null
    this.#timer.close()
    const served =
      match === 'yes'
        ? serveHttp2(this.#transport, this.#facts, this.#options)
        : serveHttp1(this.#transport, this.#facts, this.#options)
    this.#onServed(this, served)
    served.onData(first)
  }

  onEnd(): void {
    this.#transport.destroy()
  }

  onDrain(): void {}

  onClose(): void {
    this.#timer.close()
    this.#options.onClose(this)
  }

  onTimer(): void {
    this.#transport.destroy()
  }
}
