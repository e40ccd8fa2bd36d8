import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { NotingListener, PushedBody, readyBody, testBoard, testExchange, type TestRequest, testTransport } from '../../../test/support/upstream-rig.ts'
import type { TransportPlan } from '../../generation/plan.ts'
import { systemClock } from '../../std/clock.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import { HeaderList } from '../http/header-list.ts'
import type { TransportKind } from '../transport/choose.ts'
import { Upstreams } from './upstreams.ts'

/** A server that speaks as it is told; notes connections and what came over them. */
class RawServer {
  readonly sockets: Socket[] = []
  readonly received: string[] = []
  readonly server: Server
  #onRequest: (socket: Socket, connection: number, text: string) => void

  constructor(onRequest: (socket: Socket, connection: number, text: string) => void) {
    this.#onRequest = onRequest
    this.server = createServer((socket) => {
      const connection = this.sockets.push(socket) - 1
      this.received.push('')
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        this.received[connection] += chunk.toString('latin1')
        this.#onRequest(socket, connection, chunk.toString('latin1'))
      })
    })
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return `http://127.0.0.1:${this.port}`
  }

  get port(): number {
    const address = this.server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  close(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}

function ok(body: string, fields = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`
}

for (const kind of ['handle', 'socket'] satisfies TransportKind[]) {
  describe(`Upstreams on ${kind} transports`, () => {
    const closing: { close(): void }[] = []
    after(() => {
      for (const each of closing) each.close()
    })

    function upstreamsOf(): Upstreams {
      const upstreams = new Upstreams({ board: testBoard(), wheel: new TimerWheel(systemClock), env: {}, transportKind: kind })
      closing.push(upstreams)
      return upstreams
    }

    async function serve(onRequest: (socket: Socket, connection: number, text: string) => void): Promise<{ server: RawServer; url: string }> {
      const server = new RawServer(onRequest)
      closing.push(server)
      return { server, url: await server.listen() }
    }

    function send(upstreams: Upstreams, url: string, request: TestRequest = {}, transport: TransportPlan = defaultTransport) {
      const target = upstreams.target(url, { preservePath: false, passHostHeader: true, transport })
      const { exchange, sink } = testExchange(request)
      const listener = new NotingListener()
      upstreams.forward(exchange, target, listener)
      return { exchange, sink, listener, target }
    }

    const defaultTransport = testTransport()

    it('passes a request and its answer, and keeps the connection', async () => {
      const { server, url } = await serve((socket) => socket.write(ok('hello', 'X-A: 1\r\n')))
      const upstreams = upstreamsOf()
      for (const target of ['/a/b%20c?x=1&y=%2F', '/e?', '/']) {
        const { exchange, sink, listener } = send(upstreams, url, { target, headers: [['X-Kept', '3']] })
        await sink.done
        assert.equal(sink.status, 200)
        assert.deepEqual(sink.headers, [['X-A', '1']])
        assert.equal(sink.length, 5)
        assert.equal(sink.body, 'hello')
        assert.deepEqual(listener.settled, [null])
        assert.equal(listener.answers, 1)
        assert.equal(exchange.originStatus, 200)
        assert.equal(exchange.originBytes, 5)
        assert.equal(exchange.producer, null)
      }
      assert.equal(server.sockets.length, 1)
      const fields = 'HTTP/1.1\r\nHost: p.local\r\nX-Kept: 3\r\nX-Forwarded-For: 192.0.2.1\r\nAccept-Encoding: gzip\r\n\r\n'
      assert.equal(server.received[0], `GET /a/b%20c?x=1&y=%2F ${fields}GET /e? ${fields}GET / ${fields}`)
    })

    it('hands head and body over in one go when they came so', async () => {
      const { url } = await serve((socket) => socket.write(ok('hello')))
      const upstreams = upstreamsOf()
      const { sink } = send(upstreams, url)
      await sink.done
      assert.deepEqual(sink.calls, ['head', 'write', 'end'])
    })

    it('sends a body with its length and one without in chunks, head first in the same write', async () => {
      const { server, url } = await serve((socket, _, text) => {
        if (text.endsWith('world') || text.endsWith('0\r\n\r\n')) socket.write(ok(''))
      })
      const upstreams = upstreamsOf()
      const first = send(upstreams, url, { method: 'POST', body: readyBody(['hello ', 'world']) })
      await first.sink.done
      assert.match(server.received[0] ?? '', /\r\nContent-Length: 11\r\n\r\nhello world$/)
      const second = send(upstreams, url, { method: 'POST', body: readyBody(['hello ', 'world'], true) })
      await second.sink.done
      assert.equal(server.sockets.length, 1)
      assert.match(server.received[0] ?? '', /\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n$/)
    })

    it('says Content-Length: 0 for methods that usually have a body', async () => {
      const { server, url } = await serve((socket) => socket.write(ok('')))
      const upstreams = upstreamsOf()
      await send(upstreams, url, { method: 'POST' }).sink.done
      await send(upstreams, url, { method: 'DELETE' }).sink.done
      assert.match(server.received[0] ?? '', /^POST \/ HTTP\/1.1\r\nHost: p\.local\r\n(?:[^\r]+\r\n)*Content-Length: 0\r\n\r\nDELETE/)
      assert.equal((server.received[0] ?? '').split('Content-Length').length, 2)
    })

    it('passes trailers of an answer, and those of a request only where told to', async () => {
      const { server, url } = await serve((socket, _, text) => {
        if (text.includes('\r\n0\r\n')) socket.write('HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n')
      })
      const upstreams = upstreamsOf()
      const trailers = new HeaderList()
      trailers.add('X-Late', 'yes')
      for (const passes of [false, true]) {
        upstreams.passesRequestTrailers = passes
        const body = new PushedBody(-1)
        body.onFlow = () => {
          body.push(Buffer.from('hello'))
          body.end(trailers)
        }
        const { sink } = send(upstreams, url, { method: 'POST', body })
        await sink.done
        assert.deepEqual(sink.headers, [['Trailer', 'X-T']])
        assert.deepEqual(sink.trailers, [['X-T', '1']])
      }
      assert.match(server.received[0] ?? '', /hello\r\n0\r\n\r\nPOST[^]*hello\r\n0\r\nX-Late: yes\r\n\r\n$/)
    })

    it('passes 1xx answers, but 100', async () => {
      const { url } = await serve((socket) =>
        socket.write(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\n\r\n${ok('x')}`),
      )
      const { sink } = send(upstreamsOf(), url)
      await sink.done
      assert.deepEqual(sink.informationals, [
        { status: 102, headers: [] },
        { status: 103, headers: [['Link', '</a>']] },
      ])
      assert.equal(sink.body, 'x')
    })

    it('has no body for HEAD, 204 and 304', async () => {
      const { server, url } = await serve((socket, _, text) => {
        if (text.startsWith('HEAD')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')
        else if (text.startsWith('GET /304')) socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n')
        else socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      })
      const upstreams = upstreamsOf()
      const head = send(upstreams, url, { method: 'HEAD' })
      await head.sink.done
      assert.deepEqual([head.sink.status, head.sink.length, head.sink.calls], [200, 5, ['head', 'end']])
      const unchanged = send(upstreams, url, { target: '/304' })
      await unchanged.sink.done
      assert.deepEqual([unchanged.sink.status, unchanged.sink.length, unchanged.sink.calls], [304, 7, ['head', 'end']])
      const empty = send(upstreams, url, { target: '/204' })
      await empty.sink.done
      assert.deepEqual([empty.sink.status, empty.sink.calls], [204, ['head', 'end']])
      assert.equal(server.sockets.length, 1)
    })

    it('passes a body that ends with the connection', async () => {
      const { url } = await serve((socket) => socket.end('HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nall of it'))
      const upstreams = upstreamsOf()
      const { sink } = send(upstreams, url)
      await sink.done
      assert.deepEqual([sink.status, sink.length, sink.body, sink.ended], [200, -1, 'all of it', true])
      assert.equal(upstreams.connectionCount, 0)
    })

    it('passes each piece of an event stream as it comes', async () => {
      let server: Socket | undefined
      const { url } = await serve((socket) => {
        server = socket
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n')
      })
      const { sink } = send(upstreamsOf(), url)
      const came = Promise.withResolvers<void>()
      sink.onWrite = () => came.resolve()
      await came.promise
      assert.equal(sink.body, 'data: 1\n\n')
      const more = Promise.withResolvers<void>()
      sink.onWrite = () => more.resolve()
      server?.write('9\r\ndata: 2\n\n\r\n')
      await more.promise
      assert.equal(sink.body, 'data: 1\n\ndata: 2\n\n')
      server?.write('0\r\n\r\n')
      await sink.done
      assert.equal(sink.ended, true)
    })

    describe('R6: a connection is used again only when both messages are complete', () => {
      const cases: { name: string; answer: string; request?: TestRequest; reused: boolean }[] = [
        { name: 'complete', answer: ok('ok'), reused: true },
        { name: 'chunked and complete', answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', reused: true },
        { name: 'Connection: close', answer: ok('ok', 'Connection: close\r\n'), reused: false },
        { name: 'HTTP/1.0', answer: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', reused: false },
        { name: 'HTTP/1.0 with keep-alive', answer: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok', reused: true },
        { name: 'bytes behind the answer', answer: `${ok('ok')}more`, reused: false },
        { name: 'a second answer', answer: ok('ok') + ok('evil'), reused: false },
        { name: 'length and chunked', answer: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', reused: false },
        { name: 'an early answer with the upload unfinished', answer: ok('ok'), request: { method: 'POST', body: new PushedBody(100) }, reused: false },
        { name: 'a refused upgrade', answer: ok('ok'), request: { upgrade: 'websocket', headers: [['Upgrade', 'websocket']] }, reused: true },
      ]
      for (const { name, answer, request, reused } of cases) {
        it(name, async () => {
          const { server, url } = await serve((socket) => socket.write(answer))
          const upstreams = upstreamsOf()
          const first = send(upstreams, url, request)
          await first.sink.done
          assert.equal(first.sink.body, 'ok')
          assert.equal(upstreams.connectionCount, reused ? 1 : 0)
          const second = send(upstreams, url)
          await second.sink.done
          assert.equal(second.sink.body, 'ok')
          assert.equal(server.sockets.length, reused ? 1 : 2)
        })
      }

      it('unsolicited bytes on an idle connection close it and answer nobody', async () => {
        const { server, url } = await serve((socket) => socket.write(ok('ok')))
        const upstreams = upstreamsOf()
        await send(upstreams, url).sink.done
        const [idle] = server.sockets
        assert.ok(idle !== undefined)
        idle.write(ok('evil'))
        await once(idle, 'close')
        assert.equal(upstreams.connectionCount, 0)
        const next = send(upstreams, url)
        await next.sink.done
        assert.equal(next.sink.body, 'ok')
      })

      it('the last one in is the first one out', async () => {
        const { server, url } = await serve((socket, connection) => socket.write(ok(String(connection))))
        const upstreams = upstreamsOf()
        const pair = [send(upstreams, url), send(upstreams, url)]
        await Promise.all(pair.map(({ sink }) => sink.done))
        assert.equal(server.sockets.length, 2)
        const last = pair.map(({ sink }) => sink.body)
        const next = send(upstreams, url)
        await next.sink.done
        assert.ok(last.includes(next.sink.body))
        assert.equal(server.sockets.length, 2)
      })

      it('no more idle connections are kept than the transport says', async () => {
        const { url } = await serve((socket) => socket.write(ok('ok')))
        for (const [maxIdlePerServer, kept] of [
          [1, 1],
          [0, 2],
          [-1, 0],
        ] as const) {
          const upstreams = upstreamsOf()
          const sent = Array.from({ length: 4 }, () => send(upstreams, url, {}, testTransport({ maxIdlePerServer })))
          await Promise.all(sent.map(({ sink }) => sink.done))
          assert.equal(upstreams.connectionCount, kept)
        }
      })

      it('pools outlive targets, and differ by transport', async () => {
        const { server, url } = await serve((socket) => socket.write(ok('ok')))
        const upstreams = upstreamsOf()
        await send(upstreams, url, {}, testTransport()).sink.done
        await send(upstreams, url, {}, testTransport()).sink.done
        assert.equal(server.sockets.length, 1)
        await send(upstreams, url, {}, testTransport({ name: 'other@file', maxIdlePerServer: 7 })).sink.done
        assert.equal(server.sockets.length, 2)
      })
    })
  })
}
