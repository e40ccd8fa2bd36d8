import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BodyReader, Http1Rig, nextTurn, type RigOptions, tidy } from '../../../test/support/http1-rig.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { respondText } from '../http/respond.ts'
import type { TransportKind } from '../transport/choose.ts'

/** Answers with what it was asked. */
function echo(exchange: Exchange): void {
  const { method, path, rawQuery, body } = exchange
  if (body === null) {
    respondText(exchange, 200, `${method} ${path}${rawQuery === '' ? '' : `?${rawQuery}`}`, null)
    return
  }
  body.start(
    new BodyReader(({ text, trailers, error }) => {
      if (error === null)
        respondText(exchange, 200, `${method} ${text}${trailers === null ? '' : ` ${JSON.stringify([...trailers])}`}`, null)
    }),
  )
}

const get = (path: string, ...fields: string[]): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`
const last = 'Connection: close'
const kinds: TransportKind[] = ['handle', 'socket']

for (const kind of kinds) {
  describe(`Http1ServerConnection on ${kind}s`, () => {
    let rig: Http1Rig
    const rigs: Http1Rig[] = []

    before(async () => {
      rig = await Http1Rig.listen(kind, echo)
      rigs.push(rig)
    })
    after(() => {
      for (const one of rigs) one.close()
    })

    async function listen(handler: Handler, options: RigOptions = {}): Promise<Http1Rig> {
      const made = await Http1Rig.listen(kind, handler, options)
      rigs.push(made)
      return made
    }

    it('answers one request after the other on one connection', async () => {
      const client = rig.client()
      client.send(get('/1'))
      await client.until(() => client.text.endsWith('GET /1'))
      client.send(get('/2?x', last))
      const text = await client.toEnd()
      assert.equal(
        tidy(text),
        'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nGET /1HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nGET /2?x',
      )
      assert.match(text, /Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/)
    })

    it('answers pipelined requests in their order, whatever order their answers are made in', async () => {
      const waiting: Exchange[] = []
      const slow = await listen((exchange) => {
        waiting.push(exchange)
      })
      const client = slow.client()
      client.send(get('/1') + get('/2') + get('/3', last))
      for (const path of ['/1', '/2', '/3']) {
        await slow.until(() => waiting.length === 1)
        await nextTurn()
        // The next one is not even begun.
        assert.equal(waiting.length, 1)
        assert.equal(waiting[0]!.path, path)
        respondText(waiting.shift() as Exchange, 200, path, null)
      }
      assert.equal((await client.toEnd()).replaceAll(/HTTP.*?\r\n\r\n/gs, ''), '/1/2/3')
    })

    it('does not read ahead without bounds while an answer is made', async () => {
      const slow = await listen(() => {})
      const client = slow.client()
      client.send(get('/1'))
      await slow.until(() => slow.exchanges.length === 1)
      const flood = Buffer.alloc(1 << 20, 'G')
      const serverSocket = slow.sockets[0]!
      for (let index = 0; index < 64; index += 1) client.socket.write(flood)
      while (client.socket.writableLength === 0) await nextTurn()
      let before = -1
      while (serverSocket.bytesRead !== before) {
        before = serverSocket.bytesRead
        for (let turn = 0; turn < 20; turn += 1) await nextTurn()
      }
      assert.ok(before < 1 << 20, `${before}`)
    })

    it('reads bodies with a length, in chunks, and their trailers', async () => {
      assert.match(
        await rig.ask('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'),
        /\r\n\r\nPOST hello$/,
      )
      assert.match(
        await rig.ask(
          'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n',
        ),
        /POST hello! \[\["X-T","1"\]\]$/,
      )
      assert.equal(rig.finished.at(-1)!.requestBytes, 6)
    })

    it('frames answers by length, by chunks, and for HTTP/1.0 by the end of the connection', async () => {
      const handler: Handler = (exchange) => {
        exchange.status = 200
        exchange.responseHeaders.add('X-A', '1')
        // Framing of somebody else must not leave with ours (R5).
        exchange.responseHeaders.add('Content-Length', '99')
        exchange.responseHeaders.add('Transfer-Encoding', 'gzip')
        if (exchange.path === '/length') exchange.responseLength = 7
        exchange.startResponse()
        exchange.sink.write(exchange, Buffer.from('abc'))
        exchange.sink.writeText(exchange, 'defg')
        exchange.responseTrailers = new HeaderList()
        exchange.responseTrailers.add('X-T', '2')
        exchange.sink.end(exchange)
      }
      const server = await listen(handler)
      assert.equal(
        tidy(await server.ask(get('/length', last))),
        'HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 7\r\nConnection: close\r\n\r\nabcdefg',
      )
      assert.equal(
        tidy(await server.ask(get('/', last))),
        'HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-T: 2\r\n\r\n',
      )
      assert.equal(
        tidy(await server.ask('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')),
        'HTTP/1.1 200 OK\r\nX-A: 1\r\nConnection: close\r\n\r\nabcdefg',
      )
      assert.equal(server.finished.at(-1)!.responseBytes, 7)
    })

    it('keeps an HTTP/1.0 connection open when the client asks for it and the length is known', async () => {
      const client = rig.client()
      client.send('GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
      await client.until(() => client.text.endsWith('GET /1'))
      assert.match(client.text, /\r\nConnection: keep-alive\r\n/)
      client.send('GET /2 HTTP/1.0\r\n\r\n')
      assert.match(await client.toEnd(), /\r\nConnection: close\r\n\r\nGET \/2$/)
    })

    it('R5: sends no body with HEAD, 204 and 304, tells no length with 204, and no type with 304', async () => {
      const server = await listen((exchange) => {
        exchange.responseHeaders.add('Content-Type', 'text/x')
        respondText(exchange, Number(exchange.path.slice(1)), 'body', null)
      })
      assert.equal(
        tidy(await server.ask(`HEAD /200 HTTP/1.1\r\nHost: a\r\n${last}\r\n\r\n`)),
        'HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n',
      )
      assert.equal(
        tidy(await server.ask(get('/204', last))),
        'HTTP/1.1 204 No Content\r\nContent-Type: text/x\r\nConnection: close\r\n\r\n',
      )
      assert.equal(tidy(await server.ask(get('/304', last))), 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\nConnection: close\r\n\r\n')
    })

    it('passes reason phrases and a Date of the server', async () => {
      const server = await listen((exchange) => {
        exchange.status = 299
        exchange.statusText = 'Quite Odd'
        exchange.responseHeaders.add('Date', 'yesterday')
        exchange.responseLength = 0
        exchange.startResponse()
        exchange.sink.end(exchange)
      })
      assert.equal(
        await server.ask(get('/', last)),
        'HTTP/1.1 299 Quite Odd\r\nDate: yesterday\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      )
    })

    it('writes head and small body at once, and one write for each answer on a connection', async () => {
      const client = rig.client()
      client.send(get('/1'))
      await client.until(() => client.text.endsWith('GET /1'))
      const socket = rig.sockets.at(-1) as object
      const handle: object = Reflect.get(socket, '_handle')
      let writes = 0
      for (const name of ['writeLatin1String', 'writeBuffer', 'writev']) {
        const original: (...all: unknown[]) => unknown = Reflect.get(handle, name)
        Reflect.set(handle, name, function (this: unknown, ...all: unknown[]) {
          writes += 1
          return original.apply(this, all)
        })
      }
      client.send(get('/2'))
      await client.until(() => client.text.endsWith('GET /2'))
      assert.equal(writes, 1)
      // Three answers that are made in one event leave together as well.
      client.send(get('/3') + get('/4') + get('/5'))
      await client.until(() => client.text.endsWith('GET /5'))
      assert.equal(writes, 2)
    })

    it('passes informational answers to HTTP/1.1 alone', async () => {
      const server = await listen((exchange) => {
        const headers = new HeaderList()
        headers.add('Link', '</style.css>')
        exchange.sink.informational(exchange, 103, headers)
        // Nobody waits for it.
        exchange.sink.informational(exchange, 100, new HeaderList())
        echo(exchange)
      })
      assert.match(await server.ask(get('/', last)), /^HTTP\/1.1 103 Early Hints\r\nLink: <\/style.css>\r\n\r\nHTTP\/1.1 200 OK\r\n/)
      assert.match(await server.ask('GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 200 OK\r\n/)
    })

    describe('R8: expectations', () => {
      const post = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n'

      it('sends 100 once, when the body is wanted', async () => {
        const waiting: Exchange[] = []
        const server = await listen((exchange) => {
          waiting.push(exchange)
        })
        const client = server.client()
        client.send(`${post}${last}\r\n\r\n`)
        await server.until(() => waiting.length === 1)
        await nextTurn()
        assert.equal(client.text, '')
        const exchange = waiting[0] as Exchange
        exchange.sink.informational(exchange, 100, new HeaderList())
        echo(exchange)
        await client.until(() => client.text !== '')
        client.send('hello')
        assert.match(await client.toEnd(), /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n.*POST hello$/s)
      })

      it('never takes the body for a request: a refusal ends the connection', async () => {
        const server = await listen((exchange) => respondText(exchange, 403, 'no', null))
        const client = server.client()
        client.send(`${post}\r\n`)
        client.send(get('/smuggled'))
        assert.equal(tidy(await client.toEnd()), 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
        assert.equal(server.exchanges.length, 1)
      })

      it('other ones are 417 and end the connection', async () => {
        const before = rig.exchanges.length
        for (const expectation of ['magic', '100-continue, magic', '200-ok', '100-continue;q=1']) {
          const text = await rig.ask(`POST / HTTP/1.1\r\nHost: a\r\nExpect: ${expectation}\r\nContent-Length: 5\r\n\r\n${get('/')}`)
          assert.equal(tidy(text), 'HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', expectation)
        }
        assert.equal(rig.exchanges.length, before)
      })
    })

    it('R7: CONNECT is routed as a request of its own and ends the connection', async () => {
      const server = await listen((exchange) => respondText(exchange, 501, '', 'not_implemented'))
      const client = server.client()
      client.send('CONNECT a.local:443 HTTP/1.1\r\nHost: b\r\n\r\nGET /tunnelled HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.equal(tidy(await client.toEnd()), 'HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      assert.deepEqual(
        server.exchanges.map(({ method, path, hostRaw }) => [method, path, hostRaw]),
        [['CONNECT', '/', 'a.local:443']],
      )
    })

    const refused: [string, string, string][] = [
      ['a malformed request', 'GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n', '400 Bad Request: invalid header name'],
      ['no Host', 'GET / HTTP/1.1\r\n\r\n', '400 Bad Request: missing required Host header'],
      [
        'an unknown coding',
        'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n',
        '501 Not Implemented: unsupported transfer encoding',
      ],
      ['another version', 'GET / HTTP/3.0\r\nHost: a\r\n\r\n', '505 HTTP Version Not Supported: unsupported protocol version'],
    ]
    for (const [name, text, body] of refused) {
      it(`refuses ${name} and closes`, async () => {
        const before = rig.exchanges.length
        const status = body.split(':')[0] as string
        assert.equal(
          tidy(await rig.ask(text + get('/next'))),
          `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        )
        assert.equal(rig.exchanges.length, before)
      })
    }

    it('refuses heads that are too large, also while they come', async () => {
      const server = await listen(echo, { limits: { headBytesMax: 1000 } })
      assert.match(
        await server.ask(get('/', `A: ${'x'.repeat(1000)}`)),
        /^HTTP\/1.1 431 Request Header Fields Too Large\r\n.*\r\n\r\n431 Request Header Fields Too Large$/s,
      )
      assert.match(await server.ask(`GET /${'x'.repeat(1000)}`), /^HTTP\/1.1 431 /)
    })

    it('answers good requests in front of a bad one', async () => {
      const text = await rig.ask(`${get('/good')}BAD\r\n\r\n`)
      assert.match(tidy(text), /^HTTP\/1.1 200 OK\r\nContent-Length: 9\r\n\r\nGET \/goodHTTP\/1.1 400 Bad Request\r\n/)
    })

    it('a body that turns out malformed fails its exchange with 400', async () => {
      const text = await rig.ask('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxx\r\n')
      assert.match(tidy(text), /^HTTP\/1.1 400 Bad Request\r\nContent-Length: 11\r\nConnection: close\r\n\r\nBad Request$/)
      assert.equal(rig.finished.at(-1)!.reason, 'bad_request')
    })

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

      it('drain closes idle connections at once and busy ones with their answer', async () => {
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
        await fresh.toEnd()
        assert.equal(busy.ended, false)
        respondText(waiting[0] as Exchange, 200, 'done', null)
        assert.match(await busy.toEnd(), /Connection: close\r\n\r\ndone$/)
        for (const client of [fresh, idle, busy]) client.socket.end()
        await server.until(() => server.closed === 3)
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
