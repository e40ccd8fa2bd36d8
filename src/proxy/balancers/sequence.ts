/** Turn numbers on the board: one cell a balancer, so that round robin is exact over all workers. */
import type { Board } from '../../board/board.ts'
import type { Sequence } from './strategy.ts'

/** A sequence in a shared cell; it wraps at 2^32. */
export class BoardSequence implements Sequence {
  readonly #cells: Int32Array
  readonly #place: number

  constructor(board: Board, place: number) {
    this.#cells = board.cells
    this.#place = place
  }

  next(): number {
    return Atomics.add(this.#cells, this.#place, 1) >>> 0
  }
}

/** A sequence of one worker. */
export class LocalSequence implements Sequence {
  #next = 0

  next(): number {
    const turn = this.#next
    this.#next = (turn + 1) >>> 0
    return turn
  }
}
