/** The listeners of a worker, kept in step with the entry points of the generation that is served. */
import type { EntryPointPlan } from '../../generation/plan.ts'
import { Listener, type ListenerContext } from './listener.ts'

/** Opens, updates and drains listeners by difference; a listener whose address did not change is not touched. */
export class Listeners {
  readonly #context: ListenerContext
  readonly #open = new Map<string, Listener>()
  readonly #leaving = new Set<Promise<void>>()
  readonly #onFailure: (entryPoint: string, message: string) => void

  constructor(context: ListenerContext, onFailure: (entryPoint: string, message: string) => void) {
    this.#context = context
    this.#onFailure = onFailure
  }

  /** Brings the listeners in line with the entry points; resolves when new ones listen (or have failed and been reported). */
  async update(plans: Iterable<EntryPointPlan>): Promise<void> {
    const wanted = new Map<string, EntryPointPlan>()
    for (const plan of plans) if (plan.protocol === 'tcp' && this.#isMine(plan)) wanted.set(plan.name, plan)
    for (const [name, listener] of this.#open) {
      const plan = wanted.get(name)
      if (plan !== undefined && listener.canServe(plan)) {
        listener.update(plan)
        wanted.delete(name)
        continue
      }
      this.#open.delete(name)
      // Connections of an entry point that is gone finish what they do; the generous limit is for those that never end.
      this.#leave(listener.drain(leavingGraceMs))
    }
    await Promise.all([...wanted.values()].map((plan) => this.#start(plan)))
  }

  /** Drains all; resolves when the last connection is gone or the time is over. Null: as each entry point's `lifeCycle` says. */
  async drain(graceMs: number | null): Promise<void> {
    await Promise.all([...this.#open.values()].map((listener) => (graceMs === null ? listener.shutDown() : listener.drain(graceMs))))
  }

  /** With socket activation only the workers that were given a descriptor listen. */
  #isMine(plan: EntryPointPlan): boolean {
    return plan.descriptors.length === 0 || this.#context.board.row <= plan.descriptors.length
  }

  async #start(plan: EntryPointPlan): Promise<void> {
    const listener = new Listener(plan, this.#context)
    try {
      await listener.listen()
      this.#open.set(plan.name, listener)
    } catch (cause) {
      this.#onFailure(plan.name, cause instanceof Error ? cause.message : String(cause))
    }
  }

  #leave(left: Promise<void>): void {
    this.#leaving.add(left)
    void left.finally(() => this.#leaving.delete(left))
  }
}

/** How long connections of a removed entry point may go on, in milliseconds. */
const leavingGraceMs = 10 * 60_000
