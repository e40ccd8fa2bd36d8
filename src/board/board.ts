/**
 * The board: live numbers that both planes share without messages, in one SharedArrayBuffer.
 *
 * Three kinds of places, each a number that the control plane hands out by key:
 * - counters (float64) and gauges (int32) have one row a worker, written by that worker alone, so that an increment is a plain add; readers sum
 *   the rows. A counter survives the worker that wrote it; gauges (in flight, open connections) of a worker that died are set to zero.
 * - cells (int32) are shared by all and touched with Atomics: state of a server, sequence of a balancer, epochs.
 */

/** How many places there are; fixed when the board is made, since views of a growing buffer are slow. Untouched pages cost nothing. */
export interface BoardSize {
  readonly rows: number
  readonly counters: number
  readonly gauges: number
  readonly cells: number
}

/** Enough for some 40,000 routers, services and servers. */
export const defaultBoardSize: Omit<BoardSize, 'rows'> = { counters: 1 << 19, gauges: 1 << 17, cells: 1 << 18 }

/** Cells with a fixed meaning; the allocator starts after them. */
export const fixedCells = {
  /** Rises whenever the state of any server changes, so that a balancer knows when to look again. */
  serverEpoch: 0,
  /** 1 once the process was asked to stop: ping answers `terminatingStatusCode`. */
  terminating: 1,
  /** Number of requests, as access logs print it (RequestCount); wraps at 2^31. */
  requestCount: 2,
  /** Number of connections in the loop table. */
  loopCount: 3,
  /** One more than the highest row that anybody has written to, so that nobody sums rows that are nought. */
  rowsInUse: 4,
  /** First cell of the loop table: our own connections to our own listeners, two cells each. */
  loopTable: 16,
  /** Entries of the loop table. */
  loopEntries: 1024,
  /** Number of fixed cells. */
  count: 16 + 2 * 1024,
} as const

/** Bits of a server cell; a server without any is up. See `server-cells.ts`. */
export const serverState = {
  up: 0,
  /** A health check has found it down. */
  down: 1,
  /** An administrator takes it out: it gets no new clients. */
  draining: 2,
  /** Its answers have failed, so that it is left out for a while. */
  ejected: 4,
} as const

/** A view of the board; `row` is the writer's own. */
export class Board {
  readonly buffer: SharedArrayBuffer
  readonly size: BoardSize
  readonly row: number
  /** The counters of this row, by place. */
  readonly counters: Float64Array
  /** The gauges of this row, by place. */
  readonly gauges: Int32Array
  /** All shared cells; use Atomics. */
  readonly cells: Int32Array

  constructor(buffer: SharedArrayBuffer, size: BoardSize, row: number) {
    this.buffer = buffer
    this.size = size
    this.row = row
    this.counters = counterRow(buffer, size, row)
    this.gauges = gaugeRow(buffer, size, row)
    this.cells = new Int32Array(buffer, size.rows * (size.counters * 8 + size.gauges * 4), size.cells)
    for (let known = this.#rowsInUse; known <= row; known = this.#rowsInUse)
      Atomics.compareExchange(this.cells, fixedCells.rowsInUse, known, row + 1)
  }

  /** Sum of a counter over all rows. */
  sumCounter(place: number): number {
    const all = new Float64Array(this.buffer, 0, this.size.rows * this.size.counters)
    let sum = 0
    for (let row = 0; row < this.size.rows; row += 1) sum += all[row * this.size.counters + place] ?? 0
    return sum
  }

  /** Sum of a gauge over all rows. */
  sumGauge(place: number): number {
    this.#allGauges ??= new Int32Array(this.buffer, this.size.rows * this.size.counters * 8, this.size.rows * this.size.gauges)
    const all = this.#allGauges
    let sum = 0
    const { gauges } = this.size
    const end = this.#rowsInUse * gauges
    for (let index = place; index < end; index += gauges) sum += all[index] ?? 0
    return sum
  }

  get #rowsInUse(): number {
    return Atomics.load(this.cells, fixedCells.rowsInUse)
  }

  /** Zeroes the gauges of a row whose worker is gone. */
  clearGauges(row: number): void {
    gaugeRow(this.buffer, this.size, row).fill(0)
  }

  /** Zeroes one counter or gauge place in every row, before it is handed out anew. */
  clearPlace(kind: 'counter' | 'gauge', place: number): void {
    for (let row = 0; row < this.size.rows; row += 1) {
      const numbers = kind === 'counter' ? counterRow(this.buffer, this.size, row) : gaugeRow(this.buffer, this.size, row)
      // Rows that nobody has written to take no memory, and should not begin to.
      if (numbers[place] !== 0) numbers[place] = 0
    }
  }

  #allGauges: Int32Array | undefined
}

function counterRow(buffer: SharedArrayBuffer, size: BoardSize, row: number): Float64Array {
  return new Float64Array(buffer, row * size.counters * 8, size.counters)
}

function gaugeRow(buffer: SharedArrayBuffer, size: BoardSize, row: number): Int32Array {
  return new Int32Array(buffer, size.rows * size.counters * 8 + row * size.gauges * 4, size.gauges)
}

/** Makes the board of a process; the control plane holds row 0. */
export function createBoard(size: BoardSize): Board {
  const bytes = size.rows * (size.counters * 8 + size.gauges * 4) + size.cells * 4
  return new Board(new SharedArrayBuffer(bytes), size, 0)
}
