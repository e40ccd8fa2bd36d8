import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { echo, get, Http1Rig, last, nextTurn, tidy, type RigOptions } from '../../../test/support/http1-rig.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { respondText } from '../http/respond.ts'
import type { TransportKind } from '../transport/choose.ts'

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
  })
}
