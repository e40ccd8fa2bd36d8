import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NotingSink } from '../../../test/support/upstream-rig.ts'
import { createBoard } from '../../board/board.ts'
import { requestCounters } from '../../generation/plan.ts'
import { type ConnectionFacts, Exchange } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { RequestCounter } from './counters.ts'

const facts: ConnectionFacts = { remoteIp: '10.0.0.1', remotePort: 1, localIp: '10.0.0.2', localPort: 80, tls: null }

it('counts finished exchanges for entry point, router and service', () => {
  const board = createBoard({ rows: 1, counters: 64, gauges: 1, cells: 2100 })
  const counter = new RequestCounter(board, 1)
  const finish = (status: number, router: number, service: number): void => {
    const exchange = new Exchange(facts, 'web', new HeaderList(), new NotingSink())
    exchange.startedMs = performance.now()
    exchange.status = status
    exchange.routerCounters = router
    exchange.serviceCounters = service
    exchange.requestBytes = 10
    exchange.responseBytes = 100
    exchange.addObserver(counter)
    exchange.finish()
    exchange.finish()
  }
  finish(200, 11, 21)
  finish(204, 11, 0)
  finish(404, 0, 0)
  finish(101, 11, 21)
  finish(999, 11, 21)
  const at = (place: number): number[] =>
    [0, 1, 2, 3, 4, 5, requestCounters.requestBytes, requestCounters.responseBytes].map((offset) => board.sumCounter(place + offset))
  assert.deepEqual(at(1), [5, 1, 2, 0, 1, 1, 50, 500])
  assert.deepEqual(at(11), [4, 1, 2, 0, 0, 1, 40, 400])
  assert.deepEqual(at(21), [3, 1, 1, 0, 0, 1, 30, 300])
  assert.ok(board.sumCounter(1 + requestCounters.durationMs) >= 0)
  // Place 0 is nobody's.
  assert.equal(board.sumCounter(0), 0)
})
