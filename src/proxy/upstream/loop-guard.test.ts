import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Board, createBoard, fixedCells } from '../../board/board.ts'
import type { ConnectionFacts } from '../http/exchange.ts'
import { type ConnectionEnds, LoopGuard } from './loop-guard.ts'

function factsOf(remotePort: number, localPort: number, remoteIp = '127.0.0.1', localIp = '127.0.0.1'): ConnectionFacts {
  return { remoteIp, remotePort, localIp, localPort, tls: null }
}

function endsOf(localAddress: string, localPort: number, remoteAddress: string, remotePort: number): ConnectionEnds {
  return { localAddress, localPort, remoteAddress, remotePort }
}

function boards(): [Board, Board] {
  const size = { rows: 3, counters: 8, gauges: 8, cells: fixedCells.count + 8 }
  const { buffer } = createBoard(size)
  return [new Board(buffer, size, 1), new Board(buffer, size, 2)]
}

describe('LoopGuard (R37)', () => {
  it('knows a request that comes back, in whatever worker', () => {
    const [one, two] = boards()
    const sender = new LoopGuard(one)
    const receiver = new LoopGuard(two)
    // A request has come in on port 8000, so that this is known to be a port of our own.
    assert.equal(sender.depthOf(factsOf(5555, 8000)), 0)
    const place = sender.enter(endsOf('127.0.0.1', 40_000, '127.0.0.1', 8000))
    assert.ok(place >= 0)
    sender.setDepth(place, 3)
    assert.equal(receiver.depthOf(factsOf(40_000, 8000)), 3)
    assert.equal(receiver.depthOf(factsOf(40_001, 8000)), 0)
    assert.equal(receiver.depthOf(factsOf(40_000, 8000, '192.0.2.1', '192.0.2.2')), 0)
    sender.leave(place)
    assert.equal(receiver.depthOf(factsOf(40_000, 8000)), 0)
  })

  it('enters nothing for ports of others and other machines', () => {
    const [one] = boards()
    const guard = new LoopGuard(one)
    guard.depthOf(factsOf(5555, 8000))
    assert.equal(guard.enter(endsOf('127.0.0.1', 40_000, '127.0.0.1', 9000)), -1)
    assert.equal(guard.enter(endsOf('192.0.2.1', 40_000, '192.0.2.2', 8000)), -1)
  })

  it('takes IPv4-mapped addresses as what they are', () => {
    const [one] = boards()
    const guard = new LoopGuard(one)
    guard.depthOf(factsOf(5555, 8000))
    const place = guard.enter(endsOf('::ffff:127.0.0.1', 40_000, '127.0.0.1', 8000))
    assert.ok(place >= 0)
    guard.setDepth(place, 1)
    assert.equal(guard.depthOf(factsOf(40_000, 8000)), 1)
  })

  it('clears what a worker left behind that died', () => {
    const [one, two] = boards()
    const guard = new LoopGuard(one)
    guard.depthOf(factsOf(5555, 8000))
    guard.setDepth(guard.enter(endsOf('127.0.0.1', 40_000, '127.0.0.1', 8000)), 2)
    const other = new LoopGuard(two)
    assert.equal(other.depthOf(factsOf(40_000, 8000)), 2)
    const successor = new LoopGuard(one)
    assert.equal(successor.depthOf(factsOf(40_000, 8000)), 0)
    assert.equal(Atomics.load(one.cells, fixedCells.loopCount), 0)
  })

  it('holds as many connections as its table has room for, and refuses the rest', () => {
    const [one] = boards()
    const guard = new LoopGuard(one)
    guard.depthOf(factsOf(5555, 8000))
    const places = new Set<number>()
    for (let port = 10_000; port < 12_000; port += 1) {
      const place = guard.enter(endsOf('127.0.0.1', port, '127.0.0.1', 8000))
      if (place >= 0) places.add(place)
    }
    assert.ok(places.size > fixedCells.loopEntries * 0.9 && places.size <= fixedCells.loopEntries)
    for (const place of places) guard.leave(place)
    assert.equal(Atomics.load(one.cells, fixedCells.loopCount), 0)
  })
})
