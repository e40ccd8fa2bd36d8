/**
 * What all threads know of a server: a cell with its state, and a run of cells with its recent history where a service asks for it (passive
 * checks, slow start). Whoever changes a state raises the server epoch, so that every balancer looks again with its next request.
 */
import { fixedCells, serverState } from './board.ts'

/** Offsets of a server's history. Moments are `processMs`. */
export const historyCells = {
  /** Failures since the last success. */
  failures: 0,
  /** When an ejected server comes back; 0: only a health check brings it back. */
  ejectedUntil: 1,
  /** Ejections in a row, for the growth of their time. */
  ejections: 2,
  /** When the server came up; 0: it always was. */
  upSince: 3,
  /** Moments of the last failures, as many as take a server out. */
  recent: 4,
} as const

/** Offsets of a server's times to answer, in microseconds. */
export const latencyCells = {
  /** Number of times noted, which tells the place of the next. */
  count: 0,
  /** Sum of the times in `samples`. */
  sum: 1,
  samples: 2,
} as const

/** Times that the mean is made of. */
export const latencySamples = 100

/** Number of cells that times to answer take. */
export const latencyLength = latencyCells.samples + latencySamples

/** Longest time that is noted, in microseconds: the sum must fit into 31 bits. */
const latencyMax = 20_000_000

/** Notes a time to answer; `first` is the first cell. Exact over all threads that share the cells. */
export function noteLatency(cells: Int32Array, first: number, ms: number): void {
  const time = Math.min(Math.round(ms * 1000), latencyMax)
  const place = (Atomics.add(cells, first + latencyCells.count, 1) >>> 0) % latencySamples
  const before = Atomics.exchange(cells, first + latencyCells.samples + place, time)
  Atomics.add(cells, first + latencyCells.sum, time - before)
}

/** Mean of the latest times to answer in milliseconds; 0 while there are none. */
export function meanLatencyMs(cells: Int32Array, first: number): number {
  const count = Atomics.load(cells, first + latencyCells.count) >>> 0
  return count === 0 ? 0 : Atomics.load(cells, first + latencyCells.sum) / 1000 / Math.min(count, latencySamples)
}

/** State bits of a server; cell 0, for a server without a cell, is always up. */
export function stateOf(cells: Int32Array, cell: number): number {
  return cell === 0 ? serverState.up : Atomics.load(cells, cell)
}

/** Whether a server may get no requests at all, sticky ones included. */
export function isDown(cells: Int32Array, cell: number): boolean {
  return (stateOf(cells, cell) & (serverState.down | serverState.ejected)) !== 0
}

/** Whether a server may get new clients. */
export function takesNewClients(cells: Int32Array, cell: number): boolean {
  return stateOf(cells, cell) === serverState.up
}

/** Sets a state bit; tells whether that changed anything. */
export function setState(cells: Int32Array, cell: number, bit: number): boolean {
  if (cell === 0 || (Atomics.or(cells, cell, bit) & bit) !== 0) return false
  Atomics.add(cells, fixedCells.serverEpoch, 1)
  return true
}

/**
 * Takes state bits back; tells whether that changed anything. A server that is up again by it notes the moment in its history (`history` is the
 * place of that, 0 without one), from which its slow start runs.
 */
export function clearState(
  cells: Int32Array,
  server: { readonly cell: number; readonly history: number },
  bits: number,
  nowMs: number,
): boolean {
  const { cell, history } = server
  if (cell === 0 || (Atomics.load(cells, cell) & bits) === 0) return false
  // Noted first: whoever sees the server up must see since when.
  if (history !== 0) Atomics.store(cells, history + historyCells.upSince, nowMs === 0 ? 1 : nowMs)
  if ((Atomics.and(cells, cell, ~bits) & bits) === 0) return false
  Atomics.add(cells, fixedCells.serverEpoch, 1)
  return true
}
