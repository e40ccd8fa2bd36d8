/**
 * Turns entry points into listening plans. An address that is new is bound once, exclusively, before any worker binds it with `reusePort`: that
 * resolves port 0 for all workers and refuses a second instance of the router, which `reusePort` alone would let in silently.
 */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { BoardAllocator } from '../board/allocator.ts'
import { type EntryPointAddress, parseEntryPointAddress } from '../config/install/address.ts'
import type { EntryPoint, InstallConfiguration } from '../config/install/install.ts'
import { type EntryPointPlan, requestCounters } from '../generation/plan.ts'

/** Descriptors of socket activation by name (`LISTEN_FDS`, `LISTEN_FDNAMES`, sd_listen_fds(3)). */
export function activatedDescriptors(env: Readonly<Record<string, string | undefined>>, pid: number): Map<string, number[]> {
  const descriptors = new Map<string, number[]>()
  if (Number(env['LISTEN_PID']) !== pid) return descriptors
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':')
  for (let index = 0; index < Number(env['LISTEN_FDS'] ?? 0); index += 1) {
    const name = names[index] ?? ''
    descriptors.set(name, [...(descriptors.get(name) ?? []), 3 + index])
  }
  return descriptors
}

/** An entry point and where it is listened on; the places on the board follow when a generation is made. */
type Address = Omit<EntryPointPlan, 'counters' | 'connections'>

/** What is listened on now, so that unchanged entry points keep their ports. */
export class Listening {
  readonly #activated: Map<string, readonly number[]>
  #addresses: readonly Address[] = []

  constructor(activated: ReadonlyMap<string, readonly number[]>) {
    this.#activated = new Map(activated)
  }

  /** The addresses in force, ports resolved. */
  get addresses(): readonly Address[] {
    return this.#addresses
  }

  /**
   * Whether the workers must stay the same: descriptors that were handed over end with the workers that have them, and where ports cannot be shared
   * no other worker can listen before the one that does has ended.
   */
  get pinsWorkers(): boolean {
    return !canReusePort || this.#addresses.some((address) => address.descriptors.length > 0)
  }

  /** Entry points that the worker on a row listens on by a descriptor of its own. */
  descriptorsOf(row: number): string[] {
    return this.#addresses.filter((address) => row <= address.descriptors.length).map((address) => address.name)
  }

  /** The entry points with their places on the board. */
  plans(places: BoardAllocator): EntryPointPlan[] {
    return this.#addresses.map((address) => ({
      ...address,
      counters: places.place('counter', `entryPoint:${address.name}`, requestCounters.count),
      connections: places.place('gauge', `entryPoint:${address.name}`),
    }))
  }

  /** Takes the entry points of a configuration over; throws an Error naming the entry point whose address cannot be had, and changes nothing then. */
  async reserve(install: InstallConfiguration): Promise<void> {
    const addresses: Address[] = []
    for (const [name, config] of Object.entries(install.entryPoints)) addresses.push(await this.#addressOf(name, config))
    // What was listened on by a descriptor and is no more has been closed with it: if it comes again, it is bound like any other.
    for (const { name } of this.#addresses) if (install.entryPoints[name] === undefined) this.#activated.delete(name)
    this.#addresses = addresses
  }

  async #addressOf(name: string, config: EntryPoint): Promise<Address> {
    const { host, port, protocol } = parseEntryPointAddress(config.address)
    const before = this.#addresses.find((address) => address.name === name)
    const descriptors = this.#activated.get(name) ?? []
    const shared = { name, protocol, reusePort: canReusePort, descriptors, config }
    const stays = before !== undefined && (descriptors.length > 0 || before.config.address === config.address)
    if (stays) return { ...shared, host: before.host, port: before.port }
    if (descriptors.length > 0 || this.#covers(protocol, host, port)) return { ...shared, host, port }
    return { ...shared, host, port: await this.#bindOnce(name, config, { host, port, protocol }) }
  }

  /** Whether our own workers listen on an address already: nobody else can, and binding it here would take connections from them. */
  #covers(protocol: 'tcp' | 'udp', host: string, port: number): boolean {
    return this.#addresses.some((ours) => ours.protocol === protocol && ours.port === port && (ours.host === host || isWildcard(ours.host)))
  }

  async #bindOnce(name: string, config: EntryPoint, { host, port, protocol }: EntryPointAddress): Promise<number> {
    // A wider address is shared with the narrower ones of our own workers; others were refused when those were bound.
    const isWider = isWildcard(host) && this.#addresses.some((ours) => ours.port === port && ours.protocol === protocol)
    const reusePort = canReusePort && (isWider || config.reusePort)
    const options = { host, port, reusePort }
    try {
      return await (protocol === 'udp' ? tryUdp(options) : tryTcp(options))
    } catch (cause) {
      throw new Error(
        `entryPoints.${name}.address: cannot listen on ${config.address}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
  }
}

interface TryOptions {
  readonly host: string
  readonly port: number
  readonly reusePort: boolean
}

/** Listens for a moment; gives the port. */
async function tryTcp({ host, port, reusePort }: TryOptions): Promise<number> {
  // A client that connects in this moment is sent away: a connection that stayed would keep the socket, and with it the start, from ending.
  const server = createServer((socket) => socket.destroy())
  try {
    return await new Promise<number>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, ...(host === '' ? {} : { host }), exclusive: true, reusePort }, () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Binds a UDP socket for a moment; gives the port. */
async function tryUdp({ host, port, reusePort }: TryOptions): Promise<number> {
  try {
    return await bindUdp(host === '' ? '::' : host, port, reusePort)
  } catch (cause) {
    // A machine without IPv6.
    const code = cause instanceof Error && 'code' in cause ? cause.code : ''
    if (host !== '' || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw cause
    return bindUdp('0.0.0.0', port, reusePort)
  }
}

function bindUdp(address: string, port: number, reusePort: boolean): Promise<number> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', reusePort })
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close()
      reject(cause)
    })
    socket.bind({ port, address, exclusive: true }, () => {
      const bound = socket.address().port
      socket.close(() => resolve(bound))
    })
  })
}

function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::'
}

/** Whether several sockets may share a port and the system spreads connections over them. */
export const canReusePort: boolean = process.platform === 'linux'
