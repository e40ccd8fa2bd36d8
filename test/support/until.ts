/** Waiting for what happens by itself, without guessing how long it takes. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'

/** Time between two looks, in milliseconds. */
const lookMs = 5
/** A machine that is busy may take long; what never happens must still end the test, in milliseconds. */
const deadlineMs = 20_000

type Falsy = false | 0 | '' | null | undefined

/** Looks until something is there, and gives it back; fails with `what` when it never comes. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<Exclude<T, Falsy>> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found) return found as Exclude<T, Falsy>
    assert.ok(performance.now() < end, `never came true: ${what}`)
    await pause(lookMs)
  }
}
