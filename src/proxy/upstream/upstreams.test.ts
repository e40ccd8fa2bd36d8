import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import {
  answerOk as ok,
  ManualClock,
  PushedBody,
  readyBody,
  type TestRequest,
  testTransport,
  UpstreamRig,
} from '../../../test/support/upstream-rig.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import { HeaderList } from '../http/header-list.ts'
import type { TransportKind } from '../transport/choose.ts'

for (const kind of ['handle', 'socket'] satisfies TransportKind[]) {
  describe(`Upstreams on ${kind} transports`, () => {
    const rig = new UpstreamRig(kind)
    after(() => rig.close())

    it('passes a request and its answer, and keeps the connection', async () => {
      const { server, url } = await rig.serve((socket) => socket.write(ok('hello', 'X-A: 1\r\n')))
      const upstreams = rig.upstreams()
      for (const target of ['/a/b%20c?x=1&y=%2F', '/e?', '/']) {
        const { exchange, sink, listener } = rig.send(upstreams, url, { target, headers: [['X-Kept', '3']] })
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
      const { url } = await rig.serve((socket) => socket.write(ok('hello')))
      const upstreams = rig.upstreams()
      const { sink } = rig.send(upstreams, url)
      await sink.done
      assert.deepEqual(sink.calls, ['head', 'write', 'end'])
    })

    it('sends a body with its length and one without in chunks, head first in the same write', async () => {
      const { server, url } = await rig.serve((socket, _, text) => {
        if (text.endsWith('world') || text.endsWith('0\r\n\r\n')) socket.write(ok(''))
      })
      const upstreams = rig.upstreams()
      const first = rig.send(upstreams, url, { method: 'POST', body: readyBody(['hello ', 'world']) })
      await first.sink.done
      assert.match(server.received[0] ?? '', /\r\nContent-Length: 11\r\n\r\nhello world$/)
      const second = rig.send(upstreams, url, { method: 'POST', body: readyBody(['hello ', 'world'], true) })
      await second.sink.done
      assert.equal(server.sockets.length, 1)
      assert.match(server.received[0] ?? '', /\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n$/)
    })

    it('says Content-Length: 0 for methods that usually have a body', async () => {
      const { server, url } = await rig.serve((socket) => socket.write(ok('')))
      const upstreams = rig.upstreams()
      await rig.send(upstreams, url, { method: 'POST' }).sink.done
      await rig.send(upstreams, url, { method: 'DELETE' }).sink.done
      assert.match(server.received[0] ?? '', /^POST \/ HTTP\/1.1\r\nHost: p\.local\r\n(?:[^\r]+\r\n)*Content-Length: 0\r\n\r\nDELETE/)
      assert.equal((server.received[0] ?? '').split('Content-Length').length, 2)
    })

    it('passes trailers of an answer, and those of a request only where told to', async () => {
      const { server, url } = await rig.serve((socket, _, text) => {
        if (text.includes('\r\n0\r\n'))
          socket.write('HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n')
      })
      const upstreams = rig.upstreams()
      const trailers = new HeaderList()
      trailers.add('X-Late', 'yes')
      for (const passes of [false, true]) {
        upstreams.passesRequestTrailers = passes
        const body = new PushedBody(-1)
        body.onFlow = () => {
          body.push(Buffer.from('hello'))
          body.end(trailers)
        }
        const { sink } = rig.send(upstreams, url, { method: 'POST', body })
        await sink.done
        assert.deepEqual(sink.headers, [['Trailer', 'X-T']])
        assert.deepEqual(sink.trailers, [['X-T', '1']])
      }
      assert.match(server.received[0] ?? '', /hello\r\n0\r\n\r\nPOST[^]*hello\r\n0\r\nX-Late: yes\r\n\r\n$/)
    })

    it('passes 1xx answers, but 100', async () => {
      const { url } = await rig.serve((socket) =>
        socket.write(
          `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\n\r\n${ok('x')}`,
        ),
      )
      const { sink } = rig.send(rig.upstreams(), url)
      await sink.done
      assert.deepEqual(sink.informationals, [
        { status: 102, headers: [] },
        { status: 103, headers: [['Link', '</a>']] },
      ])
      assert.equal(sink.body, 'x')
    })

    it('has no body for HEAD, 204 and 304', async () => {
      const { server, url } = await rig.serve((socket, _, text) => {
        if (text.startsWith('HEAD')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')
        else if (text.startsWith('GET /304')) socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n')
        else socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      })
      const upstreams = rig.upstreams()
      const head = rig.send(upstreams, url, { method: 'HEAD' })
      await head.sink.done
      assert.deepEqual([head.sink.status, head.sink.length, head.sink.calls], [200, 5, ['head', 'end']])
      const unchanged = rig.send(upstreams, url, { target: '/304' })
      await unchanged.sink.done
      assert.deepEqual([unchanged.sink.status, unchanged.sink.length, unchanged.sink.calls], [304, 7, ['head', 'end']])
      const empty = rig.send(upstreams, url, { target: '/204' })
      await empty.sink.done
      assert.deepEqual([empty.sink.status, empty.sink.calls], [204, ['head', 'end']])
      assert.equal(server.sockets.length, 1)
    })

    it('passes a body that ends with the connection', async () => {
      const { url } = await rig.serve((socket) => socket.end('HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nall of it'))
      const upstreams = rig.upstreams()
      const { sink } = rig.send(upstreams, url)
      await sink.done
      assert.deepEqual([sink.status, sink.length, sink.body, sink.ended], [200, -1, 'all of it', true])
      assert.equal(upstreams.connectionCount, 0)
    })

    it('passes each piece of an event stream as it comes', async () => {
      let server: Socket | undefined
      const { url } = await rig.serve((socket) => {
        server = socket
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n')
      })
      const { sink } = rig.send(rig.upstreams(), url)
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
        {
          name: 'HTTP/1.0 with keep-alive',
          answer: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok',
          reused: true,
        },
        { name: 'bytes behind the answer', answer: `${ok('ok')}more`, reused: false },
        { name: 'a second answer', answer: ok('ok') + ok('evil'), reused: false },
        {
          name: 'length and chunked',
          answer: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
          reused: false,
        },
        {
          name: 'an early answer with the upload unfinished',
          answer: ok('ok'),
          request: { method: 'POST', body: new PushedBody(100) },
          reused: false,
        },
        {
          name: 'a refused upgrade',
          answer: ok('ok'),
          request: { upgrade: 'websocket', headers: [['Upgrade', 'websocket']] },
          reused: false,
        },
      ]
      for (const { name, answer, request, reused } of cases) {
        it(name, async () => {
          const { server, url } = await rig.serve((socket) => socket.write(answer))
          const upstreams = rig.upstreams()
          const first = rig.send(upstreams, url, request)
          await first.sink.done
          assert.equal(first.sink.body, 'ok')
          assert.equal(upstreams.connectionCount, reused ? 1 : 0)
          const second = rig.send(upstreams, url)
          await second.sink.done
          assert.equal(second.sink.body, 'ok')
          assert.equal(server.sockets.length, reused ? 1 : 2)
        })
      }

      it('unsolicited bytes on an idle connection close it and answer nobody', async () => {
        const { server, url } = await rig.serve((socket) => socket.write(ok('ok')))
        const upstreams = rig.upstreams()
        await rig.send(upstreams, url).sink.done
        const [idle] = server.sockets
        assert.ok(idle !== undefined)
        idle.write(ok('evil'))
        await once(idle, 'close')
        assert.equal(upstreams.connectionCount, 0)
        const next = rig.send(upstreams, url)
        await next.sink.done
        assert.equal(next.sink.body, 'ok')
      })

      it('the last one in is the first one out', async () => {
        const { server, url } = await rig.serve((socket, connection) => socket.write(ok(String(connection))))
        const upstreams = rig.upstreams()
        const pair = [rig.send(upstreams, url), rig.send(upstreams, url)]
        await Promise.all(pair.map(({ sink }) => sink.done))
        assert.equal(server.sockets.length, 2)
        const last = pair.map(({ sink }) => sink.body)
        const next = rig.send(upstreams, url)
        await next.sink.done
        assert.ok(last.includes(next.sink.body))
        assert.equal(server.sockets.length, 2)
      })

      it('no more idle connections are kept than the transport says', async () => {
        const { url } = await rig.serve((socket) => socket.write(ok('ok')))
        for (const [maxIdlePerServer, kept] of [
          [1, 1],
          [0, 2],
          [-1, 0],
        ] as const) {
          const upstreams = rig.upstreams()
          const sent = Array.from({ length: 4 }, () => rig.send(upstreams, url, {}, testTransport({ maxIdlePerServer })))
          await Promise.all(sent.map(({ sink }) => sink.done))
          assert.equal(upstreams.connectionCount, kept)
        }
      })

      it('a pool that was forgotten is found again once it is used', async () => {
        const { server, url } = await rig.serve((socket) => socket.write(ok('ok')))
        const clock = new ManualClock()
        const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
        const options = { preservePath: false, passHostHeader: true, transport: testTransport() }
        const old = upstreams.target(url, options)
        clock.advance(120_000)
        upstreams.configure(null)
        const { exchange, sink } = rig.exchange()
        upstreams.forward(exchange, old, rig.listener())
        await sink.done
        upstreams.configure(null)
        await rig.send(upstreams, url).sink.done
        assert.equal(server.sockets.length, 1)
      })

      it('pools outlive targets, and differ by transport', async () => {
        const { server, url } = await rig.serve((socket) => socket.write(ok('ok')))
        const upstreams = rig.upstreams()
        await rig.send(upstreams, url, {}, testTransport()).sink.done
        await rig.send(upstreams, url, {}, testTransport()).sink.done
        assert.equal(server.sockets.length, 1)
        await rig.send(upstreams, url, {}, testTransport({ name: 'other@file', maxIdlePerServer: 7 })).sink.done
        assert.equal(server.sockets.length, 2)
      })
    })
  })
}
