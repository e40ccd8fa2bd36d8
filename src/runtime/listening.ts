/**
 * Turns entry points into listening plans. An address that is new is bound once, exclusively, before any worker binds it with `reusePort`: that
 * resolves port 0 for all workers and refuses a second instance of the router, which `reusePort` alone would let in silently.
 */
import { createServer } from 'node:net'
import type { BoardAllocator } from '../board/allocator.ts'
import { parseEntryPointAddress } from '../config/install/address.ts'
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

/** What is listened on now, so that unchanged entry points keep their ports. */
export class Listening {
  readonly #places: BoardAllocator
  readonly #activated: ReadonlyMap<string, readonly number[]>
  #plans: readonly EntryPointPlan[] = []

  constructor(places: BoardAllocator, activated: ReadonlyMap<string, readonly number[]>) {
    this.#places = places
    this.#activated = activated
  }

  get plans(): readonly EntryPointPlan[] {
    return this.#plans
  }

  /** Plans for the entry points of a configuration; throws an Error naming the entry point whose address cannot be had, and changes nothing then. */
  async reserve(install: InstallConfiguration): Promise<readonly EntryPointPlan[]> {
    const plans: EntryPointPlan[] = []
    for (const [name, config] of Object.entries(install.entryPoints)) plans.push(await this.#plan(name, config, plans))
    this.#plans = plans
    return plans
  }

  async #plan(name: string, config: EntryPoint, others: readonly EntryPointPlan[]): Promise<EntryPointPlan> {
    const address = parseEntryPointAddress(config.address)
    const before = this.#plans.find((plan) => plan.name === name)
    const descriptors = this.#activated.get(name) ?? []
    const counters = this.#places.place('counter', `entryPoint:${name}`, requestCounters.count)
    const connections = this.#places.place('gauge', `entryPoint:${name}`)
    const shared = { name, protocol: address.protocol, reusePort: canReusePort, descriptors, config, counters, connections }
    if (before !== undefined && before.config.address === config.address) return { ...shared, host: before.host, port: before.port }
    if (others.some((plan) => plan.port === address.port && plan.host === address.host && plan.protocol === address.protocol && address.port !== 0)) {
      throw new Error(`entryPoints.${name}.address: ${config.address} is the address of another entry point too`)
    }
    if (descriptors.length > 0 || address.protocol === 'udp') return { ...shared, host: address.host, port: address.port }
    return { ...shared, host: address.host, port: await this.#bindOnce(name, config, address.host, address.port) }
  }

  async #bindOnce(name: string, config: EntryPoint, host: string, port: number): Promise<number> {
    // Our own workers hold the port already when only the host part changes; others were refused then.
    const ours = this.#plans.some((plan) => plan.port === port && plan.protocol === 'tcp')
    const server = createServer()
    try {
      return await new Promise<number>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, ...(host === '' ? {} : { host }), exclusive: true, reusePort: canReusePort && (ours || config.reusePort) }, () => {
          const address = server.address()
          resolve(typeof address === 'object' && address !== null ? address.port : port)
        })
      })
    } catch (cause) {
      throw new Error(`entryPoints.${name}.address: cannot listen on ${config.address}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

/** Where several sockets may share a port and the system spreads connections over them. */
const canReusePort = process.platform === 'linux'
