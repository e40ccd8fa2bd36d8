/** What becomes of a connection after 101: the client's and the server's, joined until one of them, or the router, ends it. */
import type { Exchange } from '../http/exchange.ts'
import type { TunnelEntry } from '../http/open-tunnels.ts'
import type { Reason } from '../http/reasons.ts'
import type { Transport } from '../transport/transport.ts'
import { Tunnel } from '../transport/tunnel.ts'
import { newMaskKey } from '../transport/websocket-frames.ts'
import { switchingHead } from './response-head.ts'
import type { Http1ServerOptions } from './server-options.ts'

/** What a tunnel is made of. */
export interface ClientTunnelInput {
  readonly exchange: Exchange
  readonly client: Transport
  readonly server: Transport
  /** What the client sent behind its request. */
  readonly rest: Buffer | null
  /** What the server sent behind its answer. */
  readonly early: Buffer | null
  /** Both connections are gone; the exchange is finished. */
  readonly onClose: () => void
}

/** An upgraded connection; made by answering 101. */
export class ClientTunnel {
  readonly #exchange: Exchange
  readonly #tunnel: Tunnel

  constructor(input: ClientTunnelInput, options: Pick<Http1ServerOptions, 'wheel' | 'tunnels'>) {
    const { exchange, client, server, rest, early, onClose } = input
    this.#exchange = exchange
    exchange.responseStarted = true
    exchange.runResponseHooks()
    client.writeText(switchingHead(exchange))
    if (early !== null) client.write(early)
    if (rest !== null) server.write(rest)
    let entry: TunnelEntry | null = null
    const onTunnelClose = (tunnel: Tunnel): void => {
      exchange.requestBytes += tunnel.bytesFromFirst + (rest?.length ?? 0)
      exchange.responseBytes += tunnel.bytesFromSecond + (early?.length ?? 0)
      entry?.close()
      exchange.finish()
      onClose()
    }
    const maskKey = exchange.upgrade === 'websocket' ? { maskKey: newMaskKey } : {}
    this.#tunnel = new Tunnel(client, server, { wheel: options.wheel, idleMs: 0, ...maskKey, onClose: onTunnelClose })
    this.#tunnel.passedBefore(rest, early)
    entry = options.tunnels?.add(exchange, this) ?? null
  }

  /** Ends both connections, a WebSocket's with close frames; says why in the access log. */
  goAway(reason: Reason): void {
    this.#exchange.reason ??= reason
    this.#tunnel.goAway()
  }
}
