import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { PausedServer, RecordingOwner, transportPair } from '../../../test/support/transport-pair.ts'
import { acceptTransport, type TransportKind } from './choose.ts'

function run(kind: TransportKind): void {
  let server: PausedServer
  before(async () => (server = await PausedServer.listen()))
  after(() => server.close())

  it('gives bytes that came earlier to another owner', async () => {
    const { near, far, nearOwner } = await transportPair(server, kind)
    far.writeText('first')
    await nearOwner.until(() => nearOwner.bytes === 5)
    const next = new RecordingOwner()
    near.start(next)
    near.replay(Buffer.from(nearOwner.text, 'latin1'))
    far.writeText(' then')
    await next.until(() => next.bytes === 10)
    assert.equal(next.text, 'first then')
    near.destroy()
    far.destroy()
    near.replay(Buffer.from('late'))
    assert.equal(next.text, 'first then')
  })

  it('gives its socket up: what comes from then on is for whoever takes it', async () => {
    const { near, far, nearOwner } = await transportPair(server, kind)
    far.writeText('head')
    await nearOwner.until(() => nearOwner.bytes === 4)
    const socket = near.detach()
    far.writeText('body')
    far.end()
    const taken = acceptTransport(socket, kind)
    const owner = new RecordingOwner()
    taken.start(owner)
    taken.resumeReading()
    await owner.until(() => owner.ended)
    assert.equal(owner.text, 'body')
    assert.equal(nearOwner.text, 'head')
    assert.deepEqual(nearOwner.calls, ['data'])
    const closed = once(socket, 'close')
    taken.destroy()
    far.destroy()
    await closed
    assert.ok(!nearOwner.closed)
  })

  it('reads nothing before it is asked to', async () => {
    const [socket, other] = await Promise.all([server.accept(), server.dial()])
    const near = acceptTransport(socket, kind)
    const owner = new RecordingOwner()
    near.pauseReading()
    near.start(owner)
    other.write('early')
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(owner.bytes, 0)
    near.resumeReading()
    await owner.until(() => owner.bytes === 5)
    near.destroy()
    other.destroy()
  })
}

describe('Hand-over on handles', () => run('handle'))
describe('Hand-over on sockets', () => run('socket'))
