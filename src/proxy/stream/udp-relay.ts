/** The sessions of one listening UDP socket, by the clients' addresses. */
import type { TimerWheel } from '../../std/timer-wheel.ts'
import type { UdpService } from './udp-service.ts'
import { UdpSession } from './udp-session.ts'

/** Most sessions of a socket; a new one beyond them ends the oldest. */
export const udpSessionsMax = 16_384

/** What relays ask of their listener. */
export interface UdpRelayContext {
  readonly wheel: TimerWheel
  /** Service of the entry point on the generation served now; null when it has no router. */
  readonly service: UdpService | null
  /** Silence that ends a session, in milliseconds. */
  readonly timeoutMs: number
  /** False when no new sessions are taken. */
  readonly takesSessions: boolean
  /** A session has ended. */
  readonly onEnd: () => void
}

/** Sends a datagram to a client from the address that its own came to. */
export type UdpReply = (bytes: Uint8Array, port: number, address: string) => void

/** Relays between clients of one socket and servers. */
export class UdpRelay {
  readonly #context: UdpRelayContext
  readonly #reply: UdpReply
  readonly #sessions = new Map<string, UdpSession>()
  readonly #sessionsMax: number

  constructor(context: UdpRelayContext, reply: UdpReply, sessionsMax: number = udpSessionsMax) {
    this.#context = context
    this.#reply = reply
    this.#sessionsMax = sessionsMax
  }

  /** Number of sessions. */
  get size(): number {
    return this.#sessions.size
  }

  /** Takes a client's datagram; `client` tells apart clients that come from one address and port (behind a proxy). */
  receive(bytes: Uint8Array, port: number, address: string, client = ''): void {
    const key = `${address} ${port}${client}`
    const session = this.#sessions.get(key) ?? this.#begin(key, port, address)
    session?.send(bytes)
  }

  /** Ends sessions whose server no longer belongs to the service. */
  update(): void {
    const { service } = this.#context
    for (const session of this.#sessions.values()) if (service === null || !service.reaches(session.server.address)) session.end()
  }

  /** Ends all sessions. */
  close(): void {
    for (const session of this.#sessions.values()) session.end()
  }

  #begin(key: string, port: number, address: string): UdpSession | null {
    const { wheel, service, timeoutMs, takesSessions, onEnd } = this.#context
    const server = takesSessions ? (service?.next(address) ?? null) : null
    if (server === null) return null
    if (this.#sessions.size >= this.#sessionsMax) this.#endOldest()
    const session = new UdpSession({
      wheel,
      server,
      timeoutMs,
      reply: (bytes) => this.#reply(bytes, port, address),
      onEnd: (ended) => {
        if (this.#sessions.get(key) === ended) this.#sessions.delete(key)
        onEnd()
      },
    })
    this.#sessions.set(key, session)
    return session
  }

  #endOldest(): void {
    for (const session of this.#sessions.values()) {
      session.end()
      return
    }
  }
}
