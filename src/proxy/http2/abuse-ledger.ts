/**
 * Addresses whose connections were ended for asking too much. An address that goes on with new connections uses its own allowance up, and is then
 * sent away at once until that fills up again.
 */
import { Allowance } from './allowance.ts'
import type { AllowanceSize } from './limits.ts'

/** Addresses remembered; the oldest is forgotten first. */
const addressesMax = 4096

/** What a worker remembers of addresses. */
export class AbuseLedger {
  /** Connections that may end so before new ones are sent away, and how many of them are forgotten in a second. */
  readonly size: AllowanceSize
  readonly #entries = new Map<string, { readonly allowance: Allowance; isUsedUp: boolean }>()

  constructor(size: AllowanceSize) {
    this.size = size
  }

  /** A connection of this address was ended for asking too much. */
  note(address: string, nowMs: number): void {
    let entry = this.#entries.get(address)
    if (entry === undefined) {
      for (const oldest of this.#entries.keys()) {
        if (this.#entries.size < addressesMax) break
        this.#entries.delete(oldest)
      }
      entry = { allowance: new Allowance(this.size), isUsedUp: false }
      this.#entries.set(address, entry)
    }
    entry.isUsedUp = !entry.allowance.take(nowMs)
  }

  /** Whether new connections of this address are sent away. Being sent away uses nothing up. */
  isBarred(address: string, nowMs: number): boolean {
    const entry = this.#entries.get(address)
    if (entry === undefined || !entry.isUsedUp) return false
    if (!entry.allowance.take(nowMs)) {
      entry.allowance.give(1)
      return true
    }
    entry.allowance.give(1)
    entry.isUsedUp = false
    return false
  }
}
