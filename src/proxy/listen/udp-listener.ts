/**
 * Takes datagrams of one UDP entry point in one worker. Node does not tell which address a datagram came to, so an entry point on all addresses has a
 * socket for each of this machine's, which answers from that address; one more takes what comes to any other.
 *
 * Workers share the port (`reusePort`): the system gives all datagrams of a client's address and port to the same worker, as long as no worker comes or
 * goes. One worker that owned the entry point would keep sessions over such changes too, but be a limit to throughput, and a worker that dies would
 * take all of an entry point's traffic with it until another is there.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { EntryPointPlan } from '../../generation/plan.ts'
import type { CancelTimer } from '../../std/clock.ts'
import { UdpRelay } from '../stream/udp-relay.ts'
import type { UdpService } from '../stream/udp-service.ts'
import { asItIs } from '../stream/udp-session.ts'
import { type EntryPointListener, type ListenerContext, proxiesOf } from './listener.ts'
import { readProxyHeader } from './proxy-header.ts'

/** Receive buffer that is asked for, in bytes; the system gives no more than it allows (`net.core.rmem_max`). */
const receiveBufferBytes = 4 * 1024 * 1024
/** Time between two looks at the machine's addresses, in milliseconds. */
const addressesMs = 5000

/** A socket and the sessions behind it. */
interface Bound {
  readonly socket: Socket
  readonly relay: UdpRelay
}

/** A UDP entry point. */
export class UdpListener implements EntryPointListener {
  #plan: EntryPointPlan
  readonly #context: ListenerContext
  /** By local address. */
  readonly #bound = new Map<string, Bound>()
  #proxies: { contains(ip: string): boolean } | null
  #isDraining = false
  #isClosed = false
  #cancelWatch: CancelTimer | null = null
  #onEmpty: (() => void) | null = null

  constructor(plan: EntryPointPlan, context: ListenerContext) {
    this.#plan = plan
    this.#context = context
    this.#proxies = proxiesOf(plan)
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  /** Binds; rejects when the address cannot be had. */
  async listen(): Promise<void> {
    const { host, port, reusePort, descriptors } = this.#plan
    const fd = descriptors[this.#context.board.row - 1]
    // Where workers cannot share a port, one has it.
    if (fd === undefined && !reusePort && this.#context.board.row > 1) return
    if (fd !== undefined) await this.#bind('', { fd })
    else if (!isWildcard(host)) await this.#bind(host, { port, address: host, exclusive: true })
    else {
      await this.#bindWildcard(host, port)
      await this.#followAddresses()
    }
  }

  update(plan: EntryPointPlan): void {
    this.#plan = plan
    this.#proxies = proxiesOf(plan)
    for (const { relay } of this.#bound.values()) relay.update()
  }

  canServe(plan: EntryPointPlan): boolean {
    const { host, port, protocol, reusePort, descriptors } = this.#plan
    return (
      plan.host === host &&
      plan.port === port &&
      plan.protocol === protocol &&
      plan.reusePort === reusePort &&
      plan.descriptors.join() === descriptors.join()
    )
  }

  /** Goes down with the process: sessions may end by themselves within the time that the entry point gives. */
  async shutDown(): Promise<void> {
    const { requestAcceptGraceTimeout, graceTimeOut } = this.#plan.config.transport.lifeCycle
    if (requestAcceptGraceTimeout > 0 && !this.#isDraining) await this.#wait(requestAcceptGraceTimeout)
    this.#isDraining = true
    if (this.#sessions() > 0) await this.#wait(graceTimeOut)
    this.#close()
  }

  /** Closes at once: a socket that stays would be given the datagrams of new clients. */
  drain(): Promise<void> {
    this.#isDraining = true
    this.#close()
    return Promise.resolve()
  }

  #close(): void {
    this.#isClosed = true
    this.#cancelWatch?.()
    for (const address of this.#bound.keys()) this.#unbind(address)
    this.#onEmpty?.()
  }

  #sessions(): number {
    let count = 0
    for (const { relay } of this.#bound.values()) count += relay.size
    return count
  }

  /** Resolves after so many milliseconds, or when a drain has left no session. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#context.clock.after(ms, resolve)
      this.#onEmpty = () => {
        cancel()
        resolve()
      }
    })
  }

  async #bindWildcard(host: string, port: number): Promise<void> {
    if (host === '0.0.0.0') return this.#bind(host, { port, address: host, exclusive: true })
    try {
      await this.#bind('::', { port, address: '::', exclusive: true })
    } catch (cause) {
      // A machine without IPv6.
      if (host === '::' || !isWithoutIpv6(cause)) throw cause
      await this.#bind('0.0.0.0', { port, address: '0.0.0.0', exclusive: true })
    }
  }

  /** Has a socket for each address of the machine, and looks again after a while. */
  async #followAddresses(): Promise<void> {
    const { host, port } = this.#plan
    const wanted = localAddresses(host === '0.0.0.0' ? 4 : 0)
    for (const address of this.#bound.keys()) if (!isWildcard(address) && !wanted.has(address)) this.#unbind(address)
    for (const address of wanted) {
      if (this.#bound.has(address) || this.#isClosed) continue
      try {
        await this.#bind(address, { port, address, exclusive: true })
      } catch {
        // An address that has gone meanwhile, or is not ready: datagrams for it come to the socket for all addresses.
      }
    }
    if (!this.#isClosed) this.#cancelWatch = this.#context.wheel.after(addressesMs, () => void this.#followAddresses())
  }

  #bind(
    address: string,
    options: { readonly fd: number } | { readonly port: number; readonly address: string; readonly exclusive: true },
  ): Promise<void> {
    const { reusePort } = this.#plan
    const socket = createSocket({
      type: isIPv6(address.split('%', 1)[0] ?? '') ? 'udp6' : 'udp4',
      lookup: address === '' || isName(address) ? undefined : asItIs,
      ...(reusePort ? { reusePort } : { reuseAddr: true }),
      recvBufferSize: receiveBufferBytes,
    })
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        socket.close()
        reject(cause)
      }
      socket.once('error', fail)
      socket.bind(options, () => {
        socket.off('error', fail)
        // A datagram that cannot be sent is lost, as datagrams are.
        socket.on('error', () => {})
        if (this.#isClosed) socket.close()
        else this.#serve(address, socket)
        resolve()
      })
    })
  }

  #serve(address: string, socket: Socket): void {
    const relay = new UdpRelay(this.#relayContext(), (bytes, port, to) => socket.send(bytes, port, to))
    this.#bound.set(address, { socket, relay })
    socket.on('message', (bytes, from) => this.#receive(relay, bytes, from))
  }

  #relayContext(): ConstructorParameters<typeof UdpRelay>[0] {
    const plan = (): EntryPointPlan => this.#plan
    const service = (): UdpService | null => this.#context.udp(this.#plan.name)
    const isDraining = (): boolean => this.#isDraining
    return {
      wheel: this.#context.wheel,
      get service() {
        return service()
      },
      get timeoutMs() {
        return plan().config.udp.timeout
      },
      get takesSessions() {
        return !isDraining()
      },
      onEnd: () => {
        if (this.#isDraining && this.#sessions() === 0) this.#onEmpty?.()
      },
    }
  }

  #receive(relay: UdpRelay, bytes: Buffer, from: RemoteInfo): void {
    if (this.#proxies === null) {
      relay.receive(bytes, from.port, from.address)
      return
    }
    const header = readProxyHeader(bytes)
    if (header === 'none' || bytes.length === 0) relay.receive(bytes, from.port, from.address)
    else if (typeof header !== 'string') {
      const { addresses, length } = header
      const client = addresses !== null && this.#proxies.contains(from.address) ? ` ${addresses.remoteIp} ${addresses.remotePort}` : ''
      relay.receive(bytes.subarray(length), from.port, from.address, client)
    }
  }

  #unbind(address: string): void {
    const bound = this.#bound.get(address)
    this.#bound.delete(address)
    bound?.relay.close()
    bound?.socket.close()
  }
}

function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::'
}

function isName(host: string): boolean {
  return !host.includes(':') && !/^[\d.]+$/.test(host)
}

function isWithoutIpv6(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'EAFNOSUPPORT' || cause.code === 'EADDRNOTAVAIL')
}

/** Addresses of the machine's interfaces, of one family or (0) of both; link-local ones with their zone. */
function localAddresses(family: 0 | 4): Set<string> {
  const addresses = new Set<string>()
  for (const [name, list] of Object.entries(networkInterfaces())) {
    for (const { address, family: own, scopeid = 0 } of list ?? []) {
      if (family === 4 && own !== 'IPv4') continue
      addresses.add(own === 'IPv6' && scopeid !== 0 ? `${address}%${name}` : address)
    }
  }
  return addresses
}
