import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { BodyReader, echo, get, Http1Rig, last, nextTurn, type RigOptions } from '../../../test/support/http1-rig.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { respondText } from '../http/respond.ts'
import type { TransportKind } from '../transport/choose.ts'

const kinds: TransportKind[] = ['handle', 'socket']

for (const kind of kinds) {
  describe(`What ends client connections on ${kind}s`, () => {
    const rigs: Http1Rig[] = []

    after(() => {
      for (const one of rigs) one.close()
    })

    async function listen(handler: Handler, options: RigOptions = {}): Promise<Http1Rig> {
      const made = await Http1Rig.listen(kind, handler, options)
      rigs.push(made)
      return made
    }

    describe('the client goes away', () => {
      for (const how of ['end', 'reset'] as const) {
        it(`by ${how} while its answer is made: the producer is told, the exchange ends once`, async () => {
          const server = await listen((exchange) => {
            exchange.producer = { onDrain() {}, onAbort: (reason) => aborts.push(reason) }
          })
          const aborts: string[] = []
          const client = server.client()
          client.send(get('/'))
          await server.until(() => server.exchanges.length === 1)
          if (how === 'end') client.socket.end()
          else client.socket.resetAndDestroy()
          await server.until(() => server.finished.length === 1 && server.closed === 1)
          assert.deepEqual(aborts, ['client_gone'])
          const exchange = server.finished[0] as Exchange
          assert.deepEqual([exchange.status, exchange.reason, exchange.aborted], [499, 'client_gone', 'client_gone'])
          // What comes too late goes nowhere.
          respondText(exchange, 200, 'late', null)
          exchange.sink.end(exchange)
          exchange.sink.abort(exchange, 'upstream_cut')
          assert.equal(server.finished.length, 1)
        })
      }

      it('in the middle of its body', async () => {
        const errors: (string | null)[] = []
        const server = await listen((exchange) => exchange.body?.start(new BodyReader(({ error }) => errors.push(error))))
        const client = server.client()
        client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello')
        await server.until(() => server.exchanges.length === 1)
        client.socket.end()
        await server.until(() => server.finished.length === 1 && server.closed === 1)
        assert.deepEqual(errors, ['client_gone'])
      })

      it('between requests: the connection closes without a word', async () => {
        const server = await listen(echo)
        const client = server.client()
        client.send(get('/'))
        await client.until(() => client.text.endsWith('GET /'))
        client.socket.end()
        await client.until(() => client.closed)
        await server.until(() => server.closed === 1)
        assert.equal(client.text.match(/HTTP/g)?.length, 1)
      })
    })

    describe('R38: faults of handlers', () => {
      const faults: [string, Handler][] = [
        [
          'throws',
          () => {
            throw new Error('mine')
          },
        ],
        ['rejects', () => Promise.reject(new Error('mine'))],
        [
          'rejects later',
          async () => {
            await nextTurn()
            throw new Error('mine')
          },
        ],
      ]
      for (const [name, handler] of faults) {
        it(`one that ${name} is answered with 500, and the connection goes on`, async () => {
          const server = await listen(handler)
          const client = server.client()
          client.send(get('/'))
          await client.until(() => client.text.endsWith('Internal Server Error'))
          client.send(get('/', last))
          assert.equal((await client.toEnd()).match(/500 Internal Server Error/g)?.length, 2)
          assert.equal(server.errors.length, 2)
          assert.deepEqual(
            server.finished.map(({ reason }) => reason),
            ['internal_error', 'internal_error'],
          )
        })
      }

      it('one that throws behind the head cuts the answer', async () => {
        const server = await listen((exchange) => {
          exchange.status = 200
          exchange.startResponse()
          throw new Error('mine')
        })
        assert.match(await server.ask(get('/')), /^HTTP\/1.1 200 OK\r\n.*\r\n\r\n$/s)
      })

      it('one that throws behind its answer changes nothing', async () => {
        const server = await listen((exchange) => {
          echo(exchange)
          throw new Error('mine')
        })
        const text = await server.ask(get('/1') + get('/2', last))
        assert.equal(text.match(/200 OK/g)?.length, 2)
      })

      it('a body consumer that throws ends its connection alone', async () => {
        const server = await listen((exchange) => {
          const reader = new BodyReader()
          reader.onBodyChunk = () => {
            throw new Error('mine')
          }
          exchange.body?.start(reader)
        })
        assert.equal(await server.ask('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'), '')
        assert.equal(server.errors.length, 1)
        assert.deepEqual(
          server.finished.map(({ reason }) => reason),
          ['internal_error'],
        )
      })
    })
  })
}
