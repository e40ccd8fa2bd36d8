/** A switch in memory that all workers share: the API turns it, the option counts until then. */

const asConfigured = 0
const turnedOn = 1
const turnedOff = 2

/** Whether it is on; `configured` counts as long as nobody has turned it. */
export function isSwitchedOn(cell: Int32Array, configured: boolean): boolean {
  const state = Atomics.load(cell, 0)
  return state === asConfigured ? configured : state === turnedOn
}

/** Turns it on or off; null: as configured. */
export function turnSwitch(cell: Int32Array, on: boolean | null): void {
  Atomics.store(cell, 0, on === null ? asConfigured : on ? turnedOn : turnedOff)
}
