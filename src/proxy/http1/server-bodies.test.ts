import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { BodyReader, echo, get, Http1Rig, last, nextTurn, tidy, type RigOptions } from '../../../test/support/http1-rig.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { respondText } from '../http/respond.ts'
import type { TransportKind } from '../transport/choose.ts'

const kinds: TransportKind[] = ['handle', 'socket']

for (const kind of kinds) {
  describe(`Bodies of requests and answers on ${kind}s`, () => {
    const rigs: Http1Rig[] = []

    after(() => {
      for (const one of rigs) one.close()
    })

    async function listen(handler: Handler, options: RigOptions = {}): Promise<Http1Rig> {
      const made = await Http1Rig.listen(kind, handler, options)
      rigs.push(made)
      return made
    }

    describe('R36: answers before the request is complete', () => {
      const refuse: Handler = (exchange) => respondText(exchange, 403, 'no', null)

      it('a short rest is read, and the connection goes on', async () => {
        const server = await listen(refuse)
        const client = server.client()
        client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n')
        await client.until(() => client.text.endsWith('no'))
        assert.doesNotMatch(client.text, /close/)
        client.send('x'.repeat(100_000))
        client.send(get('/next', last))
        await client.toEnd()
        assert.deepEqual(
          server.finished.map(({ method }) => method),
          ['POST', 'GET'],
        )
        assert.equal(client.text.match(/403 Forbidden/g)?.length, 2)
      })

      it('a long rest is not: the answer says so and arrives', async () => {
        const server = await listen(refuse)
        const client = server.client()
        client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n')
        client.send('x'.repeat(1_000_000))
        assert.equal(tidy(await client.toEnd()), 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
        assert.ok(server.sockets[0]!.bytesRead <= 1_000_100)
        server.clock.advance(2000)
        await server.until(() => server.closed === 1)
      })

      it('a rest of unknown length that becomes long ends the connection', async () => {
        const server = await listen(refuse)
        const client = server.client()
        client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
        await client.until(() => client.text.endsWith('no'))
        for (let index = 0; index < 30; index += 1) client.send(`2710\r\n${'x'.repeat(10_000)}\r\n`)
        await client.toEnd()
        assert.equal(client.text.match(/403/g)?.length, 1)
      })

      it('a body that is held back does not fill the memory', async () => {
        const readers: BodyReader[] = []
        const server = await listen((exchange) => {
          const reader = new BodyReader()
          reader.keeps = false
          readers.push(reader)
          exchange.body?.start(reader)
          exchange.body?.pause()
        })
        const client = server.client()
        client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 64000000\r\n\r\n')
        await server.until(() => readers.length === 1)
        client.send(Buffer.alloc(64_000_000))
        let before = -1
        while (server.sockets[0]!.bytesRead !== before) {
          before = server.sockets[0]!.bytesRead
          for (let turn = 0; turn < 20; turn += 1) await nextTurn()
        }
        assert.ok(readers[0]!.bytes <= 512 * 1024, `${readers[0]!.bytes}`)
        server.exchanges[0]!.body?.resume()
        await server.until(() => {
          setImmediate(() => server.look())
          return readers[0]!.ended
        })
        assert.equal(readers[0]!.bytes, 64_000_000)
      })

      it('a body that nobody has asked for yet does not fill the memory', async () => {
        const server = await listen(() => {})
        const client = server.client()
        client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 64000000\r\n\r\n')
        client.send(Buffer.alloc(64_000_000))
        await server.until(() => server.exchanges.length === 1)
        let before = -1
        while (server.sockets[0]!.bytesRead !== before) {
          before = server.sockets[0]!.bytesRead
          for (let turn = 0; turn < 20; turn += 1) await nextTurn()
        }
        assert.ok(before <= 512 * 1024, `${before}`)
        echo(server.exchanges[0] as Exchange)
        assert.equal(server.exchanges[0]!.body?.ended, false)
      })
    })

    it('tells the producer to wait for a slow client, and to go on', async () => {
      const chunk = Buffer.alloc(100_000, 'x')
      const total = 200
      let sent = 0
      let waits = 0
      const server = await listen((exchange) => {
        exchange.status = 200
        exchange.startResponse()
        const produce = (): void => {
          while (sent < total) {
            sent += 1
            if (!exchange.sink.write(exchange, chunk)) {
              waits += 1
              return
            }
          }
          exchange.producer = null
          exchange.sink.end(exchange)
        }
        exchange.producer = { onDrain: () => setImmediate(produce), onAbort() {} }
        setImmediate(produce)
      })
      const client = server.client()
      client.keeps = false
      client.socket.pause()
      client.send(get('/', last))
      await server.until(() => {
        setImmediate(() => server.look())
        return waits > 0
      })
      const stopped = sent
      for (let turn = 0; turn < 20; turn += 1) await nextTurn()
      if (kind === 'handle') assert.equal(sent, stopped)
      client.socket.resume()
      await client.until(() => client.ended)
      assert.equal(sent, total)
      const framing = total * ('186a0\r\n'.length + 2) + 5
      assert.equal(server.finished[0]!.responseBytes, total * chunk.length)
      assert.ok(client.bytes > total * chunk.length + framing)
    })

    describe('answers that break off', () => {
      const broken =
        (length: number, cut: (exchange: Exchange) => void): Handler =>
        (exchange) => {
          exchange.status = 200
          exchange.responseLength = length
          exchange.startResponse()
          exchange.sink.write(exchange, Buffer.from('hello'))
          cut(exchange)
        }
      const abort = (exchange: Exchange): void => exchange.sink.abort(exchange, 'upstream_cut')

      it('a chunked one has no end', async () => {
        const server = await listen(broken(-1, abort))
        assert.match(await server.ask(get('/')), /\r\n\r\n5\r\nhello\r\n$/)
        assert.equal(server.finished[0]!.reason, 'upstream_cut')
      })

      it('one with a length is short', async () => {
        const server = await listen(broken(10, abort))
        assert.match(await server.ask(get('/')), /Content-Length: 10\r\n\r\nhello$/)
      })

      it('one that ends before its length is short as well, and its connection closed', async () => {
        const server = await listen(broken(10, (exchange) => exchange.sink.end(exchange)))
        assert.match(await server.ask(get('/')), /Content-Length: 10\r\n\r\nhello$/)
      })

      it('one that ends with the connection is reset', async () => {
        const server = await listen(broken(-1, abort))
        const client = server.client()
        client.send('GET / HTTP/1.0\r\n\r\n')
        await client.until(() => client.closed || client.ended)
        assert.equal(client.error?.code, 'ECONNRESET')
      })

      it('R5: bytes beyond the length never leave', async () => {
        const server = await listen(broken(3, () => {}))
        assert.match(await server.ask(get('/')), /Content-Length: 3\r\n\r\n$/)
      })
    })
  })
}
