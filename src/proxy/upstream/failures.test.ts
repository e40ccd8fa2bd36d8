import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import {
  answerOk,
  ManualClock,
  PushedBody,
  readyBody,
  type TestRequest,
  testTransport,
  UpstreamRig,
} from '../../../test/support/upstream-rig.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import type { TransportKind } from '../transport/choose.ts'

for (const kind of ['handle', 'socket'] satisfies TransportKind[]) {
  describe(`failing servers on ${kind} transports`, () => {
    const rig = new UpstreamRig(kind)
    after(() => rig.close())

    describe('R10: what is wrong with an answer', () => {
      const answers: { name: string; answer: string; status: number; reason: string; request?: TestRequest }[] = [
        {
          name: 'a status that is no number',
          answer: 'HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n',
          status: 500,
          reason: 'upstream_malformed',
        },
        {
          name: 'a status of two digits',
          answer: 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
          status: 500,
          reason: 'upstream_malformed',
        },
        { name: 'a line without colon', answer: 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', status: 500, reason: 'upstream_malformed' },
        {
          name: 'differing lengths',
          answer: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy',
          status: 500,
          reason: 'upstream_malformed',
        },
        {
          name: 'an unknown transfer coding',
          answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxy',
          status: 500,
          reason: 'upstream_malformed',
        },
        {
          name: 'a flood of 1xx answers',
          answer: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000),
          status: 500,
          reason: 'upstream_malformed',
        },
        {
          name: '101 that nobody asked for',
          answer: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
          status: 500,
          reason: 'upstream_malformed',
        },
        { name: 'no answer at all', answer: '', status: 502, reason: 'upstream_closed' },
        { name: 'half a head', answer: 'HTTP/1.1 200 OK\r\nContent-Le', status: 500, reason: 'upstream_malformed' },
        {
          name: 'no answer to a POST',
          answer: '',
          status: 502,
          reason: 'upstream_closed',
          request: { method: 'POST', body: readyBody(['hello']) },
        },
      ]
      for (const { name, answer, status, reason, request } of answers) {
        it(`${name}: ${status}`, async () => {
          const { server, url } = await rig.serve((socket) => socket.end(answer))
          const upstreams = rig.upstreams()
          const { exchange, sink, listener } = rig.send(upstreams, url, request)
          await sink.done
          assert.equal(sink.status, status)
          assert.equal(sink.body, status === 500 ? 'Internal Server Error' : 'Bad Gateway')
          assert.deepEqual(sink.headers, [])
          assert.deepEqual(listener.settled, [reason])
          assert.deepEqual([exchange.reason, exchange.originStatus, exchange.originBytes], [reason, status, sink.body.length])
          assert.equal(upstreams.connectionCount, 0)
          assert.equal(server.sockets.length, 1)
        })
      }

      const cut: { name: string; answer: string }[] = [
        { name: 'before its length', answer: 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello' },
        { name: 'between chunks', answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n' },
        { name: 'at a bad chunk size', answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nx\r\n' },
      ]
      for (const { name, answer } of cut) {
        it(`a body that is cut ${name} cuts the client's answer`, async () => {
          const { url } = await rig.serve((socket) => socket.end(answer))
          const { exchange, sink, listener } = rig.send(rig.upstreams(), url)
          await sink.done
          assert.deepEqual([sink.status, sink.body, sink.ended, sink.abortedBy], [200, 'hello', false, 'upstream_cut'])
          assert.deepEqual(listener.settled, ['upstream_cut'])
          assert.equal(exchange.reason, 'upstream_cut')
        })
      }
    })

    it('keeps what was set before for the answer of an error', async () => {
      const { url } = await rig.serve((socket) => socket.destroy())
      const upstreams = rig.upstreams()
      const target = upstreams.target(url, { preservePath: false, passHostHeader: true, transport: testTransport() })
      const { exchange, sink } = rig.exchange()
      exchange.responseHeaders.add('Set-Cookie', 's=1')
      upstreams.forward(exchange, target, rig.listener())
      await sink.done
      assert.equal(sink.status, 502)
      assert.deepEqual(sink.headers, [['Set-Cookie', 's=1']])
    })

    it('a refused connection is 502, for whatever request', async () => {
      const { server, url } = await rig.serve(() => {})
      server.close()
      const upstreams = rig.upstreams()
      const body = new PushedBody(5)
      for (const request of [{}, { method: 'HEAD' }, { method: 'POST', body }]) {
        const { sink, listener, exchange } = rig.send(upstreams, url, request)
        await sink.done
        assert.equal(sink.status, 502)
        assert.deepEqual(listener.settled, ['connect_failed'])
        assert.equal(exchange.reason, 'connect_failed')
      }
      assert.equal(body.discarded, true)
      assert.equal(upstreams.connectionCount, 0)
    })

    for (const [name, url, status, reason] of [
      ['a name that cannot be resolved', 'http://no-such-host.invalid:80', 502, 'connect_failed'],
      ['a port out of range', 'http://127.0.0.1:99999', 502, 'connect_failed'],
      ['a socket that is not there', 'unix:///nowhere/no.sock', 502, 'connect_failed'],
      ['an unknown scheme', 'ftp://127.0.0.1:1', 500, 'upstream_unsupported'],
      ['HTTP/2 by prior knowledge', 'h2c://127.0.0.1:1', 502, 'connect_failed'],
      ['no scheme', '//127.0.0.1:1', 500, 'upstream_unsupported'],
      ['an empty url', '', 500, 'upstream_unsupported'],
    ] as const) {
      it(`${name} is ${status}`, async () => {
        const { sink, listener } = rig.send(rig.upstreams(), url)
        await sink.done
        assert.equal(sink.status, status)
        assert.deepEqual(listener.settled, [reason])
      })
    }

    describe('a reused connection that died', () => {
      /** Answers the first request of each connection and dies at the second. */
      async function mortal() {
        return rig.serve((socket, connection, text) => {
          if (text.includes('/first')) socket.write(answerOk(String(connection)))
          else if (connection === 0) socket.destroy()
          else socket.write(answerOk('again'))
        })
      }

      for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) {
        it(`is replaced for ${method}`, async () => {
          const { server, url } = await mortal()
          const upstreams = rig.upstreams()
          await rig.send(upstreams, url, { target: '/first' }).sink.done
          const { sink, listener } = rig.send(upstreams, url, { method })
          await sink.done
          assert.equal(sink.status, 200)
          assert.deepEqual(listener.settled, [null])
          assert.equal(server.sockets.length, 2)
        })
      }

      it('is replaced for a POST that says it may be repeated', async () => {
        const { url } = await mortal()
        const upstreams = rig.upstreams()
        await rig.send(upstreams, url, { target: '/first' }).sink.done
        const { sink } = rig.send(upstreams, url, { method: 'POST', headers: [['Idempotency-Key', 'x']] })
        await sink.done
        assert.equal(sink.status, 200)
      })

      for (const request of [
        { method: 'POST' },
        { method: 'DELETE' },
        { method: 'GET', body: new PushedBody(5) },
      ] satisfies TestRequest[]) {
        it(`is 502 for ${request.method}${'body' in request ? ' with a body' : ''}`, async () => {
          const { server, url } = await mortal()
          const upstreams = rig.upstreams()
          await rig.send(upstreams, url, { target: '/first' }).sink.done
          const { sink, listener } = rig.send(upstreams, url, request)
          await sink.done
          assert.equal(sink.status, 502)
          assert.deepEqual(listener.settled, ['upstream_closed'])
          assert.equal(server.sockets.length, 1)
        })
      }

      it('is replaced for whatever request when it could not be written', async () => {
        const { server, url } = await rig.serve((socket) => socket.write(answerOk('ok')))
        const upstreams = rig.upstreams()
        await rig.send(upstreams, url).sink.done
        // Gone in the system, and not yet seen by the event loop.
        server.sockets[0]?.resetAndDestroy()
        const { sink } = rig.send(upstreams, url, { method: 'POST' })
        await sink.done
        assert.equal(sink.status, 200)
        assert.equal(server.sockets.length, 2)
      })

      it('is replaced once only', async () => {
        const { server, url } = await rig.serve((socket, _, text) => {
          if (text.includes('/first')) socket.write(answerOk(''))
          else socket.destroy()
        })
        const upstreams = rig.upstreams()
        await rig.send(upstreams, url, { target: '/first' }).sink.done
        const { sink, listener } = rig.send(upstreams, url)
        await sink.done
        assert.equal(sink.status, 502)
        assert.deepEqual(listener.settled, ['upstream_closed'])
        assert.equal(server.sockets.length, 2)
      })

      it('is not replaced once bytes of an answer came', async () => {
        const { server, url } = await rig.serve((socket, _, text) => {
          if (text.includes('/first')) socket.write(answerOk(''))
          else socket.end('HTTP/1.1 2')
        })
        const upstreams = rig.upstreams()
        await rig.send(upstreams, url, { target: '/first' }).sink.done
        const { sink } = rig.send(upstreams, url)
        await sink.done
        assert.equal(sink.status, 500)
        assert.equal(server.sockets.length, 1)
      })
    })

    it('R7: CONNECT over HTTP/1.1 is 501', async () => {
      const upstreams = rig.upstreams()
      const { sink, listener } = rig.send(upstreams, 'http://127.0.0.1:1', { method: 'CONNECT' })
      await sink.done
      assert.deepEqual([sink.status, sink.body, sink.headers], [501, '', []])
      assert.deepEqual(listener.settled, ['not_implemented'])
      assert.equal(upstreams.connectionCount, 0)
    })

    describe('R36: somebody goes away', () => {
      it('a client that goes closes the connection to the server', async () => {
        const { server, url } = await rig.serve((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello'))
        const upstreams = rig.upstreams()
        const { exchange, sink, listener } = rig.send(upstreams, url)
        await sink.headCame
        exchange.abort('client_gone')
        const [socket] = server.sockets
        assert.ok(socket !== undefined)
        if (!socket.destroyed) await once(socket, 'close')
        assert.deepEqual(listener.settled, ['client_gone'])
        assert.equal(upstreams.connectionCount, 0)
      })

      it('a client that goes while the connection is made ends the dial', async () => {
        const { url } = await rig.serve(() => {})
        const upstreams = rig.upstreams()
        const { exchange, sink, listener } = rig.send(upstreams, url)
        exchange.abort('client_gone')
        assert.deepEqual(listener.settled, ['client_gone'])
        assert.equal(upstreams.connectionCount, 0)
        assert.deepEqual(sink.calls, [])
      })

      it('a client that went before is not forwarded', () => {
        const upstreams = rig.upstreams()
        const target = upstreams.target('http://127.0.0.1:1', { preservePath: false, passHostHeader: true, transport: testTransport() })
        const { exchange } = rig.exchange()
        exchange.abort('client_gone')
        const listener = rig.listener()
        upstreams.forward(exchange, target, listener)
        assert.deepEqual(listener.settled, ['client_gone'])
        assert.equal(upstreams.connectionCount, 0)
      })

      it('an early answer leaves the rest of the upload unread and the connection closed', async () => {
        const { server, url } = await rig.serve((socket) => socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig'))
        const upstreams = rig.upstreams()
        const body = new PushedBody(1_000_000)
        body.onFlow = () => body.push(Buffer.alloc(1000))
        const { sink, listener } = rig.send(upstreams, url, { method: 'POST', body })
        await sink.done
        assert.deepEqual([sink.status, sink.body, sink.ended], [413, 'big', true])
        assert.deepEqual(listener.settled, [null])
        assert.equal(body.discarded, true)
        assert.equal(upstreams.connectionCount, 0)
        assert.equal(server.sockets.length, 1)
        // What the client still sends goes nowhere.
        body.push(Buffer.alloc(1000))
        body.end()
      })

      it('an upload that breaks ends the request', async () => {
        const { url } = await rig.serve(() => {})
        const upstreams = rig.upstreams()
        const body = new PushedBody(100)
        const started = Promise.withResolvers<void>()
        body.onFlow = () => started.resolve()
        const { sink, listener } = rig.send(upstreams, url, { method: 'POST', body })
        await started.promise
        body.consumer?.onBodyError('bad_request')
        await sink.done
        assert.equal(sink.status, 400)
        assert.deepEqual(listener.settled, ['bad_request'])
        assert.equal(upstreams.connectionCount, 0)
      })
    })

    describe('timeouts', () => {
      it('dialTimeout is 504', async () => {
        const upstreams = rig.upstreams()
        const { sink, listener } = rig.send(upstreams, 'http://127.0.0.1:1', {}, testTransport({ dialTimeoutMs: 0.000_001 }))
        await sink.done
        assert.deepEqual([sink.status, sink.body], [504, 'Gateway Timeout'])
        assert.deepEqual(listener.settled, ['connect_timeout'])
      })

      it('responseHeaderTimeout is 504, and counts from the end of the request', async () => {
        const clock = new ManualClock()
        const asked = Promise.withResolvers<void>()
        const { url } = await rig.serve((_socket, _connection, text) => {
          if (text.endsWith('hello')) asked.resolve()
        })
        const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
        const body = new PushedBody(5)
        const started = Promise.withResolvers<void>()
        body.onFlow = () => started.resolve()
        const { sink, listener } = rig.send(upstreams, url, { method: 'POST', body }, testTransport({ responseHeaderTimeoutMs: 300 }))
        await started.promise
        clock.advance(1000)
        assert.deepEqual(listener.settled, [])
        body.push(Buffer.from('hello'))
        body.end()
        await asked.promise
        clock.advance(250)
        assert.deepEqual(listener.settled, [])
        clock.advance(100)
        await sink.done
        assert.deepEqual([sink.status, sink.body], [504, 'Gateway Timeout'])
        assert.deepEqual(listener.settled, ['upstream_timeout'])
        assert.equal(upstreams.connectionCount, 0)
      })

      it('responseHeaderTimeout does not limit the body', async () => {
        const clock = new ManualClock()
        let server: Socket | undefined
        const { url } = await rig.serve((socket) => {
          server = socket
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')
        })
        const { sink } = rig.send(rig.upstreams({ wheel: new TimerWheel(clock) }), url, {}, testTransport({ responseHeaderTimeoutMs: 300 }))
        await sink.headCame
        clock.advance(5000)
        server?.write('hello')
        await sink.done
        assert.equal(sink.body, 'hello')
      })

      it('idle connections are closed after idleTimeout', async () => {
        const clock = new ManualClock()
        const { server, url } = await rig.serve((socket) => socket.write(answerOk('ok')))
        const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
        await rig.send(upstreams, url, {}, testTransport({ idleTimeoutMs: 90_000 })).sink.done
        clock.advance(80_000)
        assert.equal(upstreams.connectionCount, 1)
        await rig.send(upstreams, url, {}, testTransport({ idleTimeoutMs: 90_000 })).sink.done
        clock.advance(80_000)
        assert.equal(upstreams.connectionCount, 1)
        clock.advance(15_000)
        assert.equal(upstreams.connectionCount, 0)
        assert.equal(server.sockets.length, 1)
      })
    })

    it('a hook that throws ends its exchange, not the process', async () => {
      const { url } = await rig.serve((socket) => socket.write(answerOk('ok')))
      const caught: unknown[] = []
      const upstreams = rig.upstreams({ onError: (cause) => caught.push(cause) })
      const target = upstreams.target(url, { preservePath: false, passHostHeader: true, transport: testTransport() })
      const { exchange, sink } = rig.exchange()
      exchange.addResponseHook({
        onResponse: () => {
          throw new Error('a bug')
        },
      })
      const listener = rig.listener()
      upstreams.forward(exchange, target, listener)
      await sink.done
      assert.equal(sink.status, 500)
      assert.deepEqual(listener.settled, ['internal_error'])
      assert.equal(caught.length, 1)
    })
  })
}
