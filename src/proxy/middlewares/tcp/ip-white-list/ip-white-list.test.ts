import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ArrivingConnections } from '../../../../../test/support/tcp-connection.ts'
import { createBoard, fixedCells } from '../../../../board/board.ts'
import { ClientCounts } from '../../../../board/client-counts.ts'
import { tcpIpWhiteList } from './ip-white-list.ts'

const clients = new ClientCounts(createBoard({ rows: 1, counters: 1, gauges: 1, cells: fixedCells.count }), 0, 0)

describe('ipWhiteList for TCP', () => {
  for (const [address, passes] of [
    ['192.0.2.77', true],
    ['2001:db8::1', true],
    ['198.51.100.1', true],
    ['198.51.100.2', false],
    ['2001:db9::1', false],
  ] as const)
    it(`${passes ? 'lets' : 'does not let'} ${address} pass`, async (t) => {
      const passed: string[] = []
      const options = { sourceRange: ['192.0.2.0/24', '198.51.100.1', '2001:db8::/32'] }
      const handler = tcpIpWhiteList.create(options, { clients })((connection) => passed.push(connection.facts.remoteIp))
      const { over } = await (await ArrivingConnections.start(t)).arrive(t, address, handler)
      assert.deepEqual(passed, passes ? [address] : [])
      if (!passes) await over
    })

  it('is not made of what is no address', () => {
    assert.throws(() => tcpIpWhiteList.create({ sourceRange: ['nowhere'] }, { clients }), /nowhere/)
  })
})
