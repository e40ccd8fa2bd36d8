/** Which transport a connection gets. */
import type { Socket } from 'node:net'
import { HandleTransport } from './handle-transport.ts'
import { SocketTransport } from './socket-transport.ts'
import { streamBinding, streamHandleOf } from './stream-binding.ts'
import type { Transport } from './transport.ts'

/** Kinds of transports. */
export type TransportKind = 'handle' | 'socket'

/** The kind that plain connections get in this process. */
export const transportKind: TransportKind = streamBinding === null || process.env['TIDEGATE_TRANSPORT'] === 'socket' ? 'socket' : 'handle'

/** Takes over a connection that a server accepted with `pauseOnConnect`; nothing may have been read from it. */
export function acceptTransport(socket: Socket, kind: TransportKind = transportKind): Transport {
  if (kind === 'handle') {
    const handle = streamHandleOf(socket)
    if (handle !== null) return new HandleTransport(socket, handle)
  }
  return new SocketTransport(socket)
}

/** Takes over a connection that was made, after `pause()` in the same turn, or after the handshake of TLS. */
export function dialTransport(socket: Socket, kind: TransportKind = transportKind): Transport {
  return acceptTransport(socket, kind)
}
