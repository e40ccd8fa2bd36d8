/** Taking turns among services by weight, passing over those that are down; exact over all workers by a number on the board. */
import { type Board, fixedCells } from '../../board/board.ts'
import { takesNewClients } from '../../board/server-cells.ts'
import { sequenceOf } from '../balancers/balancer.ts'
import type { Candidate } from '../balancers/strategy.ts'
import { WeightedRoundRobin } from '../balancers/wrr.ts'

/** Something that gets turns. */
export class Turn<T> implements Candidate {
  readonly name: string
  readonly weight: number
  readonly ramp = 1
  readonly latencyMs = 0
  readonly value: T
  readonly #stateCells: readonly number[]

  /** It is up while one of the cells says so, or when there are none. */
  constructor(name: string, weight: number, value: T, stateCells: readonly number[]) {
    this.name = name
    this.weight = weight
    this.value = value
    // Cell 0 is what a full board gives: its servers have no state.
    this.#stateCells = stateCells.filter((cell) => cell !== 0)
  }

  load(): number {
    return 0
  }

  isUp(cells: Int32Array): boolean {
    return this.#stateCells.length === 0 || this.#stateCells.some((cell) => takesNewClients(cells, cell))
  }
}

/** Hands out turns. */
export class Turns<T> {
  readonly #cells: Int32Array
  readonly #all: readonly Turn<T>[]
  readonly #order: WeightedRoundRobin
  #usable: readonly Turn<T>[]
  #epoch: number

  constructor(all: readonly Turn<T>[], board: Board, sequenceCell: number) {
    this.#cells = board.cells
    this.#all = all.filter((turn) => turn.weight > 0)
    this.#order = new WeightedRoundRobin(sequenceOf(board, sequenceCell))
    this.#epoch = Atomics.load(this.#cells, fixedCells.serverEpoch)
    this.#usable = this.#all.filter((turn) => turn.isUp(this.#cells))
  }

  /** Whoever's turn it is; null when nobody is up. */
  next(): T | null {
    const usable = this.#current()
    return usable.length === 0 ? null : this.#order.pick(usable).value
  }

  /** Those that are up, looked at anew only when the state of some server changed. */
  #current(): readonly Turn<T>[] {
    const epoch = Atomics.load(this.#cells, fixedCells.serverEpoch)
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      const usable = this.#all.filter((turn) => turn.isUp(this.#cells))
      if (usable.length !== this.#usable.length || usable.some((turn, index) => turn !== this.#usable[index])) this.#usable = usable
    }
    return this.#usable
  }
}
