/** Hands out places on the board by key; only the control plane does. */
import { type Board, fixedCells } from './board.ts'

/** The kinds of places. */
export type PlaceKind = 'counter' | 'gauge' | 'cell'

interface Space {
  next: number
  readonly max: number
  readonly byKey: Map<string, { place: number; count: number }>
  /** Freed runs by length, oldest first. */
  readonly free: Map<number, number[]>
}

/** Keeps which key has which place. A key keeps its place for as long as it is not released. */
export class BoardAllocator {
  readonly #board: Board
  readonly #spaces: Record<PlaceKind, Space>

  constructor(board: Board) {
    this.#board = board
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
    const reused = space.free.get(count)?.shift()
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

  /** The place of a key, or undefined when it has none. */
  find(kind: PlaceKind, key: string): number | undefined {
    return this.#spaces[kind].byKey.get(key)?.place
  }

  /** Gives the place of a key back; call it when no worker uses a generation that names it. */
  release(kind: PlaceKind, key: string): void {
    const space = this.#spaces[kind]
    const known = space.byKey.get(key)
    if (known === undefined) return
    space.byKey.delete(key)
    const runs = space.free.get(known.count)
    if (runs === undefined) space.free.set(known.count, [known.place])
    else runs.push(known.place)
  }
}

function newSpace(first: number, max: number): Space {
  return { next: first, max, byKey: new Map(), free: new Map() }
}
