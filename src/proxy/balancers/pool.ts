/** The servers of a load balancer: which may be used now, how busy and how quick they are. */
import { type Board, fixedCells, serverState } from '../../board/board.ts'
import type { ServerPlan } from '../../generation/plan.ts'
import type { Exchange } from '../http/exchange.ts'
import type { ForwardListener } from '../upstream/forward-listener.ts'
import type { UpstreamTarget } from '../upstream/target.ts'
import type { Candidate } from './strategy.ts'

/** Answers that the mean time to the head is made of. */
const latencySamples = 100

/** A server with its live numbers. */
export class PooledServer implements Candidate, ForwardListener {
  readonly name: string
  readonly weight: number
  readonly fenced: boolean
  readonly target: UpstreamTarget
  latencyMs = 0
  readonly measuresLatency: boolean
  readonly #board: Board
  readonly #gauges: Int32Array
  readonly #stateCell: number
  readonly #inFlight: number
  #samples: Float64Array | null = null
  #sampleCount = 0
  #sampleSum = 0

  constructor(plan: ServerPlan, target: UpstreamTarget, board: Board, measuresLatency: boolean) {
    this.name = plan.url
    this.weight = plan.weight
    this.fenced = plan.fenced
    this.target = target
    this.#board = board
    this.#gauges = board.gauges
    this.#stateCell = plan.stateCell
    this.#inFlight = plan.inFlight
    this.measuresLatency = measuresLatency
  }

  /** Whether its health lets requests through: sticky clients stay while it is not down. */
  get isDown(): boolean {
    return isDown(this.#board, this.#stateCell)
  }

  /** Whether clients without a cookie may be sent there. */
  get takesNewClients(): boolean {
    return !this.fenced && stateOf(this.#board, this.#stateCell) === serverState.up
  }

  load(): number {
    return this.#board.sumGauge(this.#inFlight)
  }

  /** Counts a request that is on its way to the server; `onSettled` takes it back. */
  enter(): void {
    const place = this.#inFlight
    this.#gauges[place] = (this.#gauges[place] ?? 0) + 1
  }

  onAnswer(_exchange: Exchange, ms: number): void {
    this.#samples ??= new Float64Array(latencySamples)
    const place = this.#sampleCount % latencySamples
    this.#sampleSum += ms - (this.#samples[place] ?? 0)
    this.#samples[place] = ms
    this.#sampleCount += 1
    this.latencyMs = this.#sampleSum / Math.min(this.#sampleCount, latencySamples)
  }

  onSettled(): void {
    const place = this.#inFlight
    this.#gauges[place] = (this.#gauges[place] ?? 0) - 1
  }
}

/** The usable servers, looked at anew only when some server's state changed. */
export class Pool {
  readonly servers: readonly PooledServer[]
  readonly #cells: Int32Array
  readonly #ignoresWeight: boolean
  #usable: readonly PooledServer[] = []
  #epoch: number

  constructor(servers: readonly PooledServer[], board: Board, ignoresWeight: boolean) {
    this.servers = servers
    this.#cells = board.cells
    this.#ignoresWeight = ignoresWeight
    this.#epoch = Atomics.load(this.#cells, fixedCells.serverEpoch)
    this.#refresh()
  }

  /** Servers for clients without a cookie; another array whenever the content may differ. */
  usable(): readonly PooledServer[] {
    const epoch = Atomics.load(this.#cells, fixedCells.serverEpoch)
    if (epoch !== this.#epoch) {
      // Taken before the states are read, so that a change in between is seen the next time.
      this.#epoch = epoch
      this.#refresh()
    }
    return this.#usable
  }

  /** Whether a client that has this server may keep it. */
  isKept(server: PooledServer): boolean {
    return this.#hasWeight(server) && !server.isDown
  }

  #refresh(): void {
    const usable = this.servers.filter((server) => this.#hasWeight(server) && server.takesNewClients)
    if (usable.length !== this.#usable.length || usable.some((server, index) => server !== this.#usable[index])) this.#usable = usable
  }

  #hasWeight(server: PooledServer): boolean {
    return server.weight > 0 || (this.#ignoresWeight && server.weight === 0)
  }
}

/** Whether a state cell says down; cell 0, for a server without a cell, never does. */
export function isDown(board: Board, cell: number): boolean {
  return stateOf(board, cell) === serverState.down
}

function stateOf(board: Board, cell: number): number {
  return cell === 0 ? serverState.up : Atomics.load(board.cells, cell)
}
