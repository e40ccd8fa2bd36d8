import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { BodyReader, echo, get, Http1Rig, last, nextTurn, type RigOptions } from '../../../test/support/http1-rig.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { respondText } from '../http/respond.ts'
import type { TransportKind } from '../transport/choose.ts'

const kinds: TransportKind[] = ['handle', 'socket']

for (const kind of kinds) {
  describe(`Limits of client connections on ${kind}s`, () => {
    const rigs: Http1Rig[] = []

    after(() => {
      for (const one of rigs) one.close()
    })

    async function listen(handler: Handler, options: RigOptions = {}): Promise<Http1Rig> {
      const made = await Http1Rig.listen(kind, handler, options)
      rigs.push(made)
      return made
    }

    describe('keep-alive limits and draining', () => {
      it('closes after so many requests', async () => {
        const server = await listen(echo, { keepAliveMaxRequests: 2 })
        const text = await server.ask(get('/1') + get('/2') + get('/3'))
        assert.deepEqual(text.match(/GET \/\d|Connection: close/g), ['GET /1', 'Connection: close', 'GET /2'])
      })

      it('closes with the first answer behind its age', async () => {
        const server = await listen(echo, { keepAliveMaxTimeMs: 5000 })
        const client = server.client()
        client.send(get('/1'))
        await client.until(() => client.text.endsWith('GET /1'))
        server.clock.advance(6000)
        client.send(get('/2'))
        assert.deepEqual((await client.toEnd()).match(/GET \/\d|Connection: close/g), ['GET /1', 'Connection: close', 'GET /2'])
      })

      it('drain closes idle connections at once, fresh ones when nothing comes, and busy ones with their answer', async () => {
        const waiting: Exchange[] = []
        const server = await listen((exchange) => {
          if (exchange.path === '/slow') waiting.push(exchange)
          else echo(exchange)
        })
        const fresh = server.client()
        await server.until(() => server.connections.length === 1)
        const idle = server.client()
        idle.send(get('/'))
        await idle.until(() => idle.text.endsWith('GET /'))
        const busy = server.client()
        busy.send(get('/slow'))
        await server.until(() => waiting.length === 1)
        for (const connection of server.connections) connection.drain()
        await idle.toEnd()
        assert.equal(fresh.ended, false)
        server.clock.advance(1100)
        await fresh.toEnd()
        assert.equal(busy.ended, false)
        respondText(waiting[0] as Exchange, 200, 'done', null)
        assert.match(await busy.toEnd(), /Connection: close\r\n\r\ndone$/)
        for (const client of [fresh, idle, busy]) client.socket.end()
        await server.until(() => server.closed === 3)
      })

      it('drain answers one more request where it may, and the first of a fresh connection', async () => {
        const server = await listen(echo)
        const fresh = server.client()
        await server.until(() => server.connections.length === 1)
        const idle = server.client()
        idle.send(get('/1'))
        await idle.until(() => idle.text.endsWith('GET /1'))
        for (const connection of server.connections) connection.drain(true)
        server.clock.advance(500)
        fresh.send(get('/2'))
        idle.send(get('/3'))
        assert.match(await fresh.toEnd(), /Connection: close\r\n\r\nGET \/2$/)
        assert.match(await idle.toEnd(), /Connection: close\r\n\r\nGET \/3$/)
        for (const client of [fresh, idle]) client.socket.end()
        await server.until(() => server.closed === 2)
      })

      it('drain closes behind an answer whose head had left already', async () => {
        const server = await listen((exchange) => {
          exchange.status = 200
          exchange.startResponse()
        })
        const client = server.client()
        client.send(get('/'))
        await client.until(() => client.text.endsWith('\r\n\r\n'))
        server.connections[0]!.drain()
        const exchange = server.exchanges[0] as Exchange
        exchange.sink.end(exchange)
        assert.match(await client.toEnd(), /0\r\n\r\n$/)
      })

      it('destroy aborts what is under way', async () => {
        const server = await listen(() => {})
        const client = server.client()
        client.send(get('/'))
        await server.until(() => server.exchanges.length === 1)
        server.connections[0]!.destroy()
        await client.until(() => client.closed || client.ended)
        await server.until(() => server.finished.length === 1 && server.closed === 1)
      })
    })

    describe('R35: time limits', () => {
      it('a connection that sends nothing is closed', async () => {
        const server = await listen(echo, { timeouts: { headMs: 1000 } })
        const client = server.client()
        await server.until(() => server.connections.length === 1)
        server.clock.advance(1100)
        assert.equal(await client.toEnd(), '')
      })

      it('a head that comes too slowly is 408, however often a byte comes', async () => {
        const server = await listen(echo, { timeouts: { headMs: 1000, idleMs: 100_000 } })
        const client = server.client()
        client.send(get('/'))
        await client.until(() => client.text.endsWith('GET /'))
        server.clock.advance(50_000)
        for (const byte of 'GET /') {
          const { bytesRead } = server.sockets[0]!
          client.send(byte)
          while (server.sockets[0]!.bytesRead === bytesRead) await nextTurn()
          server.clock.advance(220)
        }
        assert.match(await client.toEnd(), /GET \/HTTP\/1.1 408 Request Timeout\r\n.*408 Request Timeout$/s)
      })

      it('an idle connection is closed without a word', async () => {
        const server = await listen(echo, { timeouts: { headMs: 1000, idleMs: 5000 } })
        const client = server.client()
        client.send(get('/'))
        await client.until(() => client.text.endsWith('GET /'))
        server.clock.advance(4900)
        await nextTurn()
        assert.equal(client.ended, false)
        server.clock.advance(300)
        assert.match(await client.toEnd(), /GET \/$/)
      })

      it('a body may pause for so long and no longer; a body that goes on may take its time', async () => {
        const errors: (string | null)[] = []
        const server = await listen((exchange) => exchange.body?.start(new BodyReader(({ error }) => errors.push(error))), {
          timeouts: { bodyIdleMs: 1000 },
        })
        const client = server.client()
        client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n')
        await server.until(() => server.exchanges.length === 1)
        for (let index = 0; index < 10; index += 1) {
          const { bytesRead } = server.sockets[0]!
          client.send('x')
          while (server.sockets[0]!.bytesRead === bytesRead) await nextTurn()
          server.clock.advance(900)
        }
        assert.deepEqual(errors, [])
        server.clock.advance(200)
        assert.match(await client.toEnd(), /^HTTP\/1.1 408 Request Timeout\r\n/)
        assert.deepEqual(errors, ['request_timeout'])
      })

      it('a pause that the consumer asked for does not count', async () => {
        const server = await listen(
          (exchange) => {
            exchange.body?.start(new BodyReader(() => respondText(exchange, 200, 'all', null)))
            exchange.body?.pause()
          },
          { timeouts: { bodyIdleMs: 1000 } },
        )
        const client = server.client()
        client.send(`POST / HTTP/1.1\r\nHost: a\r\n${last}\r\nContent-Length: 3\r\n\r\n`)
        await server.until(() => server.exchanges.length === 1)
        server.clock.advance(5000)
        client.send('abc')
        server.exchanges[0]!.body?.resume()
        assert.match(await client.toEnd(), /all$/)
      })

      it('a whole request may take so long', async () => {
        const server = await listen((exchange) => exchange.body?.start(new BodyReader()), { timeouts: { totalMs: 2000 } })
        const client = server.client()
        client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n')
        await server.until(() => server.exchanges.length === 1)
        for (let index = 0; index < 4; index += 1) {
          const { bytesRead } = server.sockets[0]!
          client.send('x')
          while (server.sockets[0]!.bytesRead === bytesRead) await nextTurn()
          server.clock.advance(600)
        }
        assert.match(await client.toEnd(), /^HTTP\/1.1 408 /)
      })

      it('an answer that takes too long is cut', async () => {
        const server = await listen(() => {}, { timeouts: { writeMs: 1000 } })
        const client = server.client()
        client.send(get('/'))
        await server.until(() => server.exchanges.length === 1)
        server.clock.advance(1100)
        await client.until(() => client.closed || client.ended)
        await server.until(() => server.finished.length === 1)
        assert.equal(server.finished[0]!.reason, 'request_timeout')
        assert.equal(client.text, '')
      })

      it('an answer in time is not', async () => {
        const server = await listen(echo, { timeouts: { headMs: 500, bodyIdleMs: 500, totalMs: 500, writeMs: 500, idleMs: 50_000 } })
        const client = server.client()
        client.send(get('/1'))
        await client.until(() => client.text.endsWith('GET /1'))
        server.clock.advance(10_000)
        client.send(get('/2', last))
        assert.match(await client.toEnd(), /GET \/2$/)
      })

      it('a client that does not close after the last answer is cut off', async () => {
        const server = await listen(echo)
        const client = server.client()
        client.send(get('/', last))
        await client.toEnd()
        assert.equal(server.closed, 0)
        server.clock.advance(1100)
        await server.until(() => server.closed === 1)
      })
    })
  })
}
