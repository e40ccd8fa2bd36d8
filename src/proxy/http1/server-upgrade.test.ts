import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Http1Rig, nextTurn, type RawClient, tidy } from '../../../test/support/http1-rig.ts'
import { PausedServer } from '../../../test/support/transport-pair.ts'
import type { Handler } from '../http/exchange.ts'
import { dialTransport, type TransportKind } from '../transport/choose.ts'

const kinds: TransportKind[] = ['handle', 'socket']
const request = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: my-proto\r\n\r\n'

for (const kind of kinds) {
  describe(`Upgrades on ${kind}s`, () => {
    let origin: PausedServer
    const rigs: Http1Rig[] = []

    before(async () => {
      origin = await PausedServer.listen()
    })
    after(() => {
      for (const rig of rigs) rig.close()
      origin.close()
    })

    /** A server that upgrades everything, the origin's end of the tunnel, and a client that asked. */
    async function upgraded(text: string, early: Buffer | null = null): Promise<{ rig: Http1Rig; client: RawClient; server: Socket }> {
      const handler: Handler = async (exchange) => {
        const socket = await origin.dial()
        exchange.status = 101
        exchange.responseHeaders.add('Upgrade', exchange.upgrade)
        exchange.responseHeaders.add('Connection', 'Upgrade')
        exchange.sink.upgrade(exchange, dialTransport(socket, kind), early)
      }
      const rig = await Http1Rig.listen(kind, handler, {
        timeouts: { headMs: 1000, bodyIdleMs: 1000, totalMs: 1000, writeMs: 1000, idleMs: 1000 },
      })
      rigs.push(rig)
      const client = rig.client()
      client.send(text)
      const server = await origin.accept()
      server.resume()
      return { rig, client, server }
    }

    it('answers 101 and joins both sides, with the bytes that came behind the heads', async () => {
      const { rig, client, server } = await upgraded(`${request}from the client`, Buffer.from('from the server'))
      const [first] = (await new Promise<[Buffer]>((resolve) => server.once('data', (chunk: Buffer) => resolve([chunk])))) as [Buffer]
      assert.equal(first.toString(), 'from the client')
      await client.until(() => client.text.endsWith('from the server'))
      assert.equal(tidy(client.text), 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: my-proto\r\nConnection: Upgrade\r\n\r\nfrom the server')
      server.write('ping')
      await client.until(() => client.text.endsWith('ping'))
      // No time limit of requests holds for a tunnel, and draining leaves it alone.
      rig.clock.advance(60_000)
      rig.connections[0]!.drain()
      client.send('pong')
      const [second] = (await new Promise<[Buffer]>((resolve) => server.once('data', (chunk: Buffer) => resolve([chunk])))) as [Buffer]
      assert.equal(second.toString(), 'pong')
      assert.equal(rig.finished.length, 0)
      server.end()
      await client.until(() => client.ended)
      client.socket.end()
      await rig.until(() => rig.closed === 1)
      const exchange = rig.finished[0]!
      assert.deepEqual([rig.finished.length, exchange.status, exchange.requestBytes, exchange.responseBytes], [1, 101, 19, 19])
    })

    it('ends with destroy', async () => {
      const { rig, client } = await upgraded(request)
      await client.until(() => client.text.includes('101'))
      rig.connections[0]!.destroy()
      await client.until(() => client.closed || client.ended)
      await rig.until(() => rig.closed === 1 && rig.finished.length === 1)
    })

    it('R9: is refused while a request body is under way', async () => {
      const { rig, client, server } = await upgraded(request.replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\n'))
      await new Promise((resolve) => server.once('close', resolve))
      await client.until(() => client.closed || client.ended)
      assert.equal(client.text, '')
      await nextTurn()
      assert.equal(rig.finished.length, 1)
    })
  })
}
