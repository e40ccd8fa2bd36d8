/**
 * Keeps the newest snapshot of each provider and tells when to make a generation: the first event passes at once, what follows within the throttle
 * duration waits for its end, and in between only the newest counts.
 */
import type { CancelTimer, Clock } from '../std/clock.ts'
import { shareSameData } from '../std/same-data.ts'
import type { Snapshot } from './merge.ts'

/** Objects stand three levels deep: `http`, `routers`, name. */
const objectDepth = 3

/** Collects snapshots. */
export class Aggregator {
  readonly #clock: Clock
  readonly #onChange: () => void
  readonly #newest = new Map<string, Snapshot>()
  readonly #lastMs = new Map<string, number>()
  readonly #timers = new Map<string, CancelTimer>()
  readonly #held = new Map<string, Snapshot>()
  throttleMs: number

  constructor(clock: Clock, throttleMs: number, onChange: () => void) {
    this.#clock = clock
    this.throttleMs = throttleMs
    this.#onChange = onChange
  }

  /** The snapshots in force, sorted by provider so that the order of arrival changes nothing. */
  get snapshots(): Snapshot[] {
    return [...this.#newest.values()].sort((a, b) => (a.provider < b.provider ? -1 : 1))
  }

  /** Takes a snapshot; one that equals the last is passed over. */
  take(snapshot: Snapshot): void {
    const { provider } = snapshot
    const now = this.#clock.monotonicMs()
    const last = this.#lastMs.get(provider)
    if (last !== undefined && now - last < this.throttleMs) {
      this.#held.set(provider, snapshot)
      if (!this.#timers.has(provider))
        this.#timers.set(
          provider,
          this.#clock.after(this.throttleMs - (now - last), () => this.#release(provider)),
        )
      return
    }
    this.#apply(snapshot, now)
  }

  /** Forgets a provider that was removed. */
  remove(provider: string): void {
    this.#timers.get(provider)?.()
    this.#timers.delete(provider)
    this.#held.delete(provider)
    this.#lastMs.delete(provider)
    if (this.#newest.delete(provider)) this.#onChange()
  }

  #release(provider: string): void {
    this.#timers.delete(provider)
    const snapshot = this.#held.get(provider)
    this.#held.delete(provider)
    if (snapshot !== undefined) this.#apply(snapshot, this.#clock.monotonicMs())
  }

  #apply(snapshot: Snapshot, now: number): void {
    const before = this.#newest.get(snapshot.provider)
    // Objects that did not change stay the very same ones: resolving recognises them.
    const routing = shareSameData(before?.routing, snapshot.routing, objectDepth)
    // The text may have moved although its meaning did not: the new places count.
    this.#newest.set(snapshot.provider, { ...snapshot, routing })
    if (before !== undefined && routing === before.routing) return
    this.#lastMs.set(snapshot.provider, now)
    this.#onChange()
  }
}
