/** A client's datagrams on their way to one server and the answers on their way back, until both have been silent for a while. */
import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import type { Timer, TimerOwner, TimerWheel } from '../../std/timer-wheel.ts'
import type { UdpServer } from './udp-service.ts'

/** Datagrams that may wait while the server's address is looked up. */
const waitingMax = 64

/** What a session is made of. */
export interface UdpSessionInput {
  readonly wheel: TimerWheel
  readonly server: UdpServer
  /** Silence that ends it, in milliseconds. */
  readonly timeoutMs: number
  /** Sends an answer to the client. */
  readonly reply: (bytes: Uint8Array) => void
  /** The last call. */
  readonly onEnd: (session: UdpSession) => void
}

/** A session. */
export class UdpSession implements TimerOwner {
  readonly server: UdpServer
  readonly #input: UdpSessionInput
  readonly #timer: Timer
  #socket: Socket | null = null
  #isConnected = false
  #isOver = false
  #isAnswered = false
  readonly #beganMs: number
  #waiting: Uint8Array[] = []

  constructor(input: UdpSessionInput) {
    this.server = input.server
    this.#input = input
    this.#timer = input.wheel.timer(this)
    this.#beganMs = input.wheel.clock.monotonicMs()
    input.server.enter()
    this.#stay()
    const { host } = input.server
    const family = isIP(host)
    if (family !== 0) this.#open(host, family)
    else lookup(host, (error, address, found) => (error === null ? this.#open(address, found) : this.#fail()))
  }

  /** Sends a datagram to the server. */
  send(bytes: Uint8Array): void {
    this.#stay()
    if (this.#isConnected) this.#socket?.send(bytes)
    else if (this.#waiting.length < waitingMax) this.#waiting.push(bytes)
  }

  onTimer(): void {
    this.end()
  }

  /** Ends it now. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.server.leave()
    this.#timer.close()
    this.#waiting = []
    this.#socket?.close()
    this.#socket = null
    this.#input.onEnd(this)
  }

  #answered(): void {
    this.#isAnswered = true
    this.server.reached(this.#input.wheel.clock.monotonicMs() - this.#beganMs)
  }

  /** The server's name does not resolve, or the system says that nobody is at its port. */
  #fail(): void {
    if (!this.#isOver) this.server.unreached()
    this.end()
  }

  #stay(): void {
    this.#timer.setCoarse(this.#input.timeoutMs)
  }

  #open(address: string, family: number): void {
    if (this.#isOver) return
    let socket: Socket
    try {
      // A connected socket takes datagrams from this server alone, and is told when there is none at its port.
      socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: asItIs })
      this.#socket = socket
      socket.on('error', () => this.#fail())
      socket.on('message', (bytes) => {
        this.#stay()
        if (!this.#isAnswered) this.#answered()
        this.#input.reply(bytes)
      })
      socket.connect(this.server.port, address, () => this.#connected())
    } catch {
      // Out of descriptors, or a port that is none: this client's datagrams are lost.
      this.end()
    }
  }

  #connected(): void {
    if (this.#isOver) return
    this.#isConnected = true
    for (const bytes of this.#waiting) this.#socket?.send(bytes)
    this.#waiting = []
  }
}

/** A look-up for addresses, which need none. */
export function asItIs(address: string, _options: unknown, done: (error: null, address: string, family: number) => void): void {
  done(null, address, isIP(address))
}
