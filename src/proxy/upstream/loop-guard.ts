/**
 * Sees requests that come back to us through our own connections, without a mark in ordinary requests: a connection to a port that we listen on
 * ourselves, at an address of this machine, is entered in a table on the board by its two ports, with the number of times that its request has
 * passed through us. Whoever receives a request from such a pair of ports knows how deep it is.
 */
import { type Board, fixedCells } from '../../board/board.ts'
import type { ConnectionFacts } from '../http/exchange.ts'

/** Times that a request may come back: a router may lead to another entry point of ours on purpose, but not for ever. */
export const loopDepthMax = 4
/** Entries looked through from the one that the ports hash to. */
const probes = 32
const depthBits = 8
const depthMask = (1 << depthBits) - 1

/** Both ends of a connection of ours. */
export interface ConnectionEnds {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
}

/** The loop table, as one worker uses it. */
export class LoopGuard {
  readonly #cells: Int32Array
  readonly #row: number
  /** Ports at which requests have arrived here. */
  readonly #ownPorts = new Set<number>()
  #lastOwnPort = 0

  constructor(board: Board) {
    this.#cells = board.cells
    this.#row = board.row
    this.#clearRow()
  }

  /** How often the request behind this client connection has passed through us before; 0 for all ordinary ones. */
  depthOf(connection: ConnectionFacts): number {
    if (connection.localPort !== this.#lastOwnPort) {
      this.#lastOwnPort = connection.localPort
      this.#ownPorts.add(connection.localPort)
    }
    // Nothing is in the table but in the odd case, so that this is all that an ordinary request pays.
    if (Atomics.load(this.#cells, fixedCells.loopCount) <= 0) return 0
    if (!isSameMachine(connection.remoteIp, connection.localIp)) return 0
    const place = this.#find(keyOf(connection.remotePort, connection.localPort))
    return place < 0 ? 0 : Atomics.load(this.#cells, place + 1) & depthMask
  }

  /** Whether requests have arrived here on this port, so that a connection to it may lead back. */
  isOwnPort(port: number): boolean {
    return this.#ownPorts.has(port)
  }

  /** Enters a new connection of ours when it leads back to us; the entry for `setDepth` and `leave`, -1 for all others. */
  enter(connection: ConnectionEnds): number {
    const { localAddress, remoteAddress, remotePort } = connection
    if (!this.#ownPorts.has(remotePort) || !isSameMachine(remoteAddress, localAddress)) return -1
    const key = keyOf(connection.localPort, remotePort)
    const first = firstEntry(key)
    for (let probe = 0; probe < probes; probe += 1) {
      const place = placeOf(first + probe)
      if (Atomics.compareExchange(this.#cells, place, 0, key) !== 0) continue
      Atomics.store(this.#cells, place + 1, this.#row << depthBits)
      Atomics.add(this.#cells, fixedCells.loopCount, 1)
      return place
    }
    return -1
  }

  /** Notes how deep the request is that is about to be sent. */
  setDepth(place: number, depth: number): void {
    Atomics.store(this.#cells, place + 1, (this.#row << depthBits) | Math.min(depth, depthMask))
  }

  /** Removes an entry. */
  leave(place: number): void {
    Atomics.store(this.#cells, place + 1, 0)
    Atomics.store(this.#cells, place, 0)
    Atomics.sub(this.#cells, fixedCells.loopCount, 1)
  }

  #find(key: number): number {
    const first = firstEntry(key)
    for (let probe = 0; probe < probes; probe += 1) {
      const place = placeOf(first + probe)
      if (Atomics.load(this.#cells, place) === key) return place
    }
    return -1
  }

  /** Entries that a worker left behind when it died. */
  #clearRow(): void {
    for (let entry = 0; entry < fixedCells.loopEntries; entry += 1) {
      const place = placeOf(entry)
      if (Atomics.load(this.#cells, place) !== 0 && Atomics.load(this.#cells, place + 1) >>> depthBits === this.#row) this.leave(place)
    }
  }
}

function keyOf(clientPort: number, serverPort: number): number {
  return (clientPort << 16) | serverPort
}

function firstEntry(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 16
}

function placeOf(entry: number): number {
  return fixedCells.loopTable + 2 * (entry % fixedCells.loopEntries)
}

/** A connection between two addresses of one machine has the same address at both ends, or loopback ones. */
function isSameMachine(one: string, other: string): boolean {
  return one === other || plain(one) === plain(other) || (plain(one).startsWith('127.') && plain(other).startsWith('127.'))
}

function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
