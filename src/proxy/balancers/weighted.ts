/** A choice among services by weight: takes turns, sticks where asked to, and leaves out children whose servers are all down. */
import { type Board, fixedCells } from '../../board/board.ts'
import { takesNewClients } from '../../board/server-cells.ts'
import type { WeightedPlan } from '../../generation/plan.ts'
import type { Handler } from '../http/exchange.ts'
import { noAvailableServer } from './no-available-server.ts'
import { Sticky } from './sticky.ts'
import type { Candidate, Sequence } from './strategy.ts'
import { WeightedRoundRobin } from './wrr.ts'

/** A child with its handler; up while one of the servers that it hangs on is. */
export class WeightedChild implements Candidate {
  readonly name: string
  readonly weight: number
  readonly ramp = 1
  readonly latencyMs = 0
  readonly handler: Handler
  readonly #board: Board
  readonly #stateCells: readonly number[]

  constructor(plan: Pick<WeightedPlan['services'][number], 'name' | 'weight' | 'stateCells'>, handler: Handler, board: Board) {
    this.name = plan.name
    this.weight = plan.weight
    this.handler = handler
    this.#board = board
    this.#stateCells = plan.stateCells
  }

  load(): number {
    return 0
  }

  get isUp(): boolean {
    return this.#stateCells.length === 0 || this.#stateCells.some((cell) => takesNewClients(this.#board.cells, cell))
  }
}

/** Children that are up, looked at anew only when some server's state changed. */
export class Children {
  readonly all: readonly WeightedChild[]
  readonly #cells: Int32Array
  #usable: readonly WeightedChild[]
  #epoch: number

  constructor(all: readonly WeightedChild[], board: Board) {
    this.all = all.filter((child) => child.weight > 0)
    this.#cells = board.cells
    this.#epoch = Atomics.load(this.#cells, fixedCells.serverEpoch)
    this.#usable = this.all.filter((child) => child.isUp)
  }

  usable(): readonly WeightedChild[] {
    const epoch = Atomics.load(this.#cells, fixedCells.serverEpoch)
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      const usable = this.all.filter((child) => child.isUp)
      if (usable.length !== this.#usable.length || usable.some((child, index) => child !== this.#usable[index])) this.#usable = usable
    }
    return this.#usable
  }
}

/** The handler of a weighted service; `service` finds the handler of a child by its qualified name. */
export function buildWeighted(plan: WeightedPlan, board: Board, sequence: Sequence, service: (name: string) => Handler): Handler {
  const children = new Children(
    plan.services.map((child) => new WeightedChild(child, service(child.name), board)),
    board,
  )
  const turns = new WeightedRoundRobin(sequence)
  if (plan.sticky === null) {
    return (exchange) => {
      const usable = children.usable()
      if (usable.length === 0) return noAvailableServer(exchange)
      return turns.pick(usable).handler(exchange)
    }
  }
  const names = new Map(plan.services.map((child) => [child.name, child.configuredName ?? plainName(child.name, plan.name)]))
  const sticky = new Sticky(
    plan.sticky,
    children.all.map((child) => ({ name: names.get(child.name) ?? child.name, target: child })),
  )
  return (exchange) => {
    const usable = children.usable()
    const entry = sticky.find(exchange)
    if (entry !== null && usable.includes(entry.target)) {
      if (entry.renew) sticky.assign(exchange, entry.target)
      return entry.target.handler(exchange)
    }
    if (usable.length === 0) return noAvailableServer(exchange)
    const child = turns.pick(usable)
    sticky.assign(exchange, child)
    return child.handler(exchange)
  }
}

/** A child's name without provider where the parent has the same one: what configuration usually says. */
function plainName(child: string, parent: string): string {
  const provider = parent.slice(parent.lastIndexOf('@'))
  return parent.includes('@') && child.endsWith(provider) ? child.slice(0, -provider.length) : child
}
