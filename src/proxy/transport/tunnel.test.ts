import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { PausedServer, transportPair, type TransportPair } from '../../../test/support/transport-pair.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import type { TransportKind } from './choose.ts'
import { Tunnel } from './tunnel.ts'

const kinds: TransportKind[] = ['handle', 'socket']

/** Resolves after what is due in this turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

for (const kind of kinds) {
  describe(`Tunnel on ${kind}s`, () => {
    let server: PausedServer
    const clock = new ManualClock()
    const wheel = new TimerWheel(clock)
    const pairs: TransportPair[] = []

    before(async () => {
      server = await PausedServer.listen()
    })
    after(() => {
      for (const { near, far } of pairs) {
        near.destroy()
        far.destroy()
      }
      server.close()
    })

    /** A client and a server with a tunnel between them. */
    async function joined(idleMs = 0): Promise<{ client: TransportPair; origin: TransportPair; tunnel: Tunnel; closed: Promise<Tunnel> }> {
      const client = await transportPair(server, kind)
      const origin = await transportPair(server, kind)
      pairs.push(client, origin)
      let tell: (tunnel: Tunnel) => void
      const closed = new Promise<Tunnel>((resolve) => (tell = resolve))
      const tunnel = new Tunnel(client.near, origin.near, { wheel, idleMs, onClose: (gone) => tell(gone) })
      return { client, origin, tunnel, closed }
    }

    it('passes bytes both ways, one half close after the other, and counts', async () => {
      const { client, origin, closed } = await joined()
      client.far.writeText('ping')
      await origin.farOwner.until(() => origin.farOwner.text === 'ping')
      origin.far.writeText('pong!')
      await client.farOwner.until(() => client.farOwner.text === 'pong!')
      client.far.end()
      await origin.farOwner.until(() => origin.farOwner.ended)
      origin.far.writeText(' and more')
      origin.far.end()
      await client.farOwner.until(() => client.farOwner.ended)
      assert.equal(client.farOwner.text, 'pong! and more')
      const tunnel = await closed
      assert.deepEqual([tunnel.bytesFromFirst, tunnel.bytesFromSecond], [4, 14])
      assert.deepEqual([client.farOwner.error, origin.farOwner.error], [undefined, undefined])
    })

    it('holds the fast side back while the slow one takes nothing', async () => {
      const { client, origin, tunnel } = await joined()
      client.far.pauseReading()
      client.farOwner.keeps = false
      const data = Buffer.alloc(40_000_000, 'x')
      origin.far.write(data)
      let before = -1
      while (tunnel.bytesFromSecond !== before || before <= 0) {
        before = tunnel.bytesFromSecond
        for (let turn = 0; turn < 20; turn += 1) await nextTurn()
      }
      assert.ok(before < data.length, `${before}`)
      client.far.resumeReading()
      origin.far.end()
      await client.farOwner.until(() => client.farOwner.ended)
      assert.equal(client.farOwner.bytes, data.length)
    })

    it('passes a reset on', async () => {
      const { client, origin, closed } = await joined()
      client.far.writeText('x')
      await origin.farOwner.until(() => origin.farOwner.bytes === 1)
      origin.far.destroy(true)
      await client.farOwner.until(() => client.farOwner.closed)
      assert.equal(client.farOwner.error?.code, 'ECONNRESET')
      await closed
    })

    it('ends when both sides were silent for too long, and not before', async () => {
      const { client, origin, closed } = await joined(1000)
      for (let index = 0; index < 5; index += 1) {
        clock.advance(900)
        client.far.writeText('x')
        await origin.farOwner.until(() => origin.farOwner.bytes === index + 1)
      }
      clock.advance(2100)
      await client.farOwner.until(() => client.farOwner.ended || client.farOwner.closed)
      await closed
      assert.equal(wheel.size, 0)
    })

    it('closes both sides when it is destroyed', async () => {
      const { client, origin, tunnel, closed } = await joined()
      tunnel.destroy()
      await closed
      await client.farOwner.until(() => client.farOwner.ended || client.farOwner.closed)
      await origin.farOwner.until(() => origin.farOwner.ended || origin.farOwner.closed)
    })

    it('ends when a side was gone before it began', async () => {
      const client = await transportPair(server, kind)
      const origin = await transportPair(server, kind)
      pairs.push(client, origin)
      origin.near.destroy()
      await origin.nearOwner.until(() => origin.nearOwner.closed)
      await new Promise<void>((resolve) => new Tunnel(client.near, origin.near, { wheel, idleMs: 0, onClose: () => resolve() }))
      assert.equal(client.near.destroyed, true)
    })
  })
}
