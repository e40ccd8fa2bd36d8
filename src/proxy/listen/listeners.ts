/** The listeners of a worker, kept in step with the entry points of the generation that is served. */
import type { ListenFailure } from '../../generation/messages.ts'
import type { EntryPointPlan } from '../../generation/plan.ts'
import { type EntryPointListener, Listener, type ListenerContext } from './listener.ts'
import { UdpListener } from './udp-listener.ts'

/** How long connections of a removed entry point may go on, in milliseconds. */
const leavingGraceMs = 10 * 60_000

/** Opens, updates and drains listeners by difference; a listener whose address did not change is not touched. */
export class Listeners {
  readonly #context: ListenerContext
  readonly #open = new Map<string, EntryPointListener>()
  /** Listeners that are not wanted any more and have connections left. */
  readonly #leaving = new Set<EntryPointListener>()
  readonly #takesDescriptors: boolean
  #isDown = false

  constructor(context: ListenerContext, takesDescriptors: boolean) {
    this.#context = context
    this.#takesDescriptors = takesDescriptors
  }

  /** Brings the listeners in line with the entry points; resolves when new ones listen, with those that cannot. */
  async update(plans: Iterable<EntryPointPlan>): Promise<ListenFailure[]> {
    if (this.#isDown) return []
    const missing: EntryPointPlan[] = []
    const unused = new Map(this.#open)
    for (const plan of plans) {
      if (!this.#isMine(plan)) continue
      const listener = this.#open.get(plan.name)
      if (listener === undefined || !listener.canServe(plan)) {
        missing.push(plan)
        continue
      }
      listener.update(plan)
      unused.delete(plan.name)
    }
    for (const [name, listener] of unused) {
      this.#open.delete(name)
      this.#leaving.add(listener)
    }
    const failures = await Promise.all(missing.map((plan) => this.#start(plan)))
    // The old ones go when the new ones are there, so that an address that both cover is listened on all the time.
    for (const listener of unused.values()) if (this.#leaving.has(listener)) void this.#leave(listener)
    // They close on the next turn; until then they may still be asked instead of the new ones.
    if (unused.size > 0) await new Promise((resolve) => setImmediate(resolve))
    return failures.filter((failure) => failure !== null)
  }

  /**
   * Drains all; resolves when the last connection is gone or the time is over. Null: as each entry point's `lifeCycle` says, which is for the end of
   * the process; with a time, others listen on, and idle clients are told so with their next answer. May be called again to shorten the time.
   */
  async drain(graceMs: number | null): Promise<void> {
    this.#isDown = true
    const all = [...this.#open.values(), ...this.#leaving]
    await Promise.all(all.map((listener) => (graceMs === null ? listener.shutDown() : listener.drain(graceMs, true))))
  }

  /** With socket activation only the workers that were given a descriptor listen. */
  #isMine(plan: EntryPointPlan): boolean {
    return plan.descriptors.length === 0 || (this.#takesDescriptors && this.#context.board.row <= plan.descriptors.length)
  }

  /** Finds or makes a listener; says why there is none. */
  async #start(plan: EntryPointPlan): Promise<ListenFailure | null> {
    for (const listener of this.#leaving) {
      // An entry point was only given another name.
      if (!listener.canServe(plan) || listener.isDraining) continue
      this.#leaving.delete(listener)
      this.#open.set(plan.name, listener)
      listener.update(plan)
      return null
    }
    const listener = plan.protocol === 'udp' ? new UdpListener(plan, this.#context) : new Listener(plan, this.#context)
    try {
      await listener.listen()
    } catch (cause) {
      return { entryPoint: plan.name, message: cause instanceof Error ? cause.message : String(cause) }
    }
    this.#open.set(plan.name, listener)
    if (this.#isDown) await listener.drain(0)
    return null
  }

  async #leave(listener: EntryPointListener): Promise<void> {
    await listener.drain(leavingGraceMs)
    this.#leaving.delete(listener)
  }
}
