import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ArrivingConnections } from '../../../../../test/support/tcp-connection.ts'
import { createBoard, fixedCells } from '../../../../board/board.ts'
import { ClientCounts, clientEntries } from '../../../../board/client-counts.ts'
import { tcpInFlightConn } from './in-flight-conn.ts'

describe('inFlightConn', () => {
  it('closes what is above the limit of an address, and counts what has ended no more', async (t) => {
    const board = createBoard({ rows: 1, counters: 8, gauges: clientEntries + 8, cells: fixedCells.count + clientEntries })
    const clients = new ClientCounts(board, fixedCells.count, 1)
    const passed: string[] = []
    const handler = tcpInFlightConn.create({ amount: 2 }, { clients })((connection) => passed.push(connection.facts.remoteIp))
    const arriving = await ArrivingConnections.start(t)
    const [first] = [await arriving.arrive(t, '192.0.2.1', handler), await arriving.arrive(t, '192.0.2.1', handler)]
    const refused = await arriving.arrive(t, '192.0.2.1', handler)
    await refused.over
    await arriving.arrive(t, '192.0.2.2', handler)
    assert.deepEqual(passed, ['192.0.2.1', '192.0.2.1', '192.0.2.2'])
    first.connection.destroy()
    await first.over
    await arriving.arrive(t, '192.0.2.1', handler)
    assert.equal(passed.length, 4)
  })
})
