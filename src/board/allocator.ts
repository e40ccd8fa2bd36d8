/** Hands out places on the board by key; only the control plane does. */
import { type Board, fixedCells } from './board.ts'

/** The kinds of places. */
export type PlaceKind = 'counter' | 'gauge' | 'cell'

/** First places of the runs in use, by kind. */
export type UsedPlaces = Readonly<Record<PlaceKind, ReadonlySet<number>>>

interface Space {
  next: number
  readonly max: number
  readonly byKey: Map<string, { place: number; count: number }>
  /** Freed runs by length, oldest first. */
  readonly free: Map<number, { readonly place: number; readonly freedMs: number }[]>
}

/** How long a freed place rests before it is handed out again: exchanges that began on an old generation may still write to it. */
const restMs = 15 * 60_000

/** Keeps which key has which place. A key keeps its place for as long as it is not released. */
export class BoardAllocator {
  readonly #board: Board
  readonly #spaces: Record<PlaceKind, Space>

  readonly #monotonicMs: () => number

  constructor(board: Board, monotonicMs: () => number) {
    this.#board = board
    this.#monotonicMs = monotonicMs
    // Place 0 of counters and gauges is nobody's: plans use it for "not counted", so that the hot path needs no test.
    this.#spaces = {
      counter: newSpace(1, board.size.counters),
      gauge: newSpace(1, board.size.gauges),
      cell: newSpace(fixedCells.count, board.size.cells),
    }
  }

  /** First of `count` neighbouring places for a key; 0 when the board is full (then it is not counted; cells: see `isFull`). */
  place(kind: PlaceKind, key: string, count = 1): number {
    const space = this.#spaces[kind]
    const known = space.byKey.get(key)
    if (known !== undefined && known.count === count) return known.place
    const reused = this.#rested(space, count)
    let place = reused
    if (place === undefined) {
      if (space.next + count > space.max) return 0
      place = space.next
      space.next += count
    }
    for (let index = place; index < place + count; index += 1) {
      if (kind === 'cell') Atomics.store(this.#board.cells, index, 0)
      else if (reused !== undefined) this.#board.clearPlace(kind, index)
    }
    space.byKey.set(key, { place, count })
    return place
  }

  /** Whether a place that was handed out for a key still is this key's. */
  holds(kind: PlaceKind, key: string, place: number): boolean {
    return this.#spaces[kind].byKey.get(key)?.place === place
  }

  /** Gives back every place that is not used any more; call it when every worker serves the generation that uses these. */
  keepOnly(used: UsedPlaces): void {
    const freedMs = this.#monotonicMs()
    for (const kind of ['counter', 'gauge', 'cell'] as const) {
      const { byKey, free } = this.#spaces[kind]
      for (const [key, { place, count }] of byKey) {
        if (used[kind].has(place)) continue
        byKey.delete(key)
        const runs = free.get(count)
        if (runs === undefined) free.set(count, [{ place, freedMs }])
        else runs.push({ place, freedMs })
      }
    }
  }

  #rested(space: Space, count: number): number | undefined {
    const runs = space.free.get(count)
    const oldest = runs?.[0]
    if (runs === undefined || oldest === undefined || this.#monotonicMs() - oldest.freedMs < restMs) return undefined
    runs.shift()
    return oldest.place
  }
}

function newSpace(first: number, max: number): Space {
  return { next: first, max, byKey: new Map(), free: new Map() }
}
