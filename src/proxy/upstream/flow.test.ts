import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { answerOk, ManualClock, PushedBody, readyBody, testClient, testTransport, UpstreamRig } from '../../../test/support/upstream-rig.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import type { TransportKind } from '../transport/choose.ts'

const mebibyte = 1024 * 1024

for (const kind of ['handle', 'socket'] satisfies TransportKind[]) {
  describe(`bodies and tunnels on ${kind} transports`, () => {
    const rig = new UpstreamRig(kind)
    after(() => rig.close())

    async function serveHttp(listener: Parameters<typeof createHttpServer>[1] & {}): Promise<string> {
      const server = createHttpServer(listener)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      rig.closes({
        close: () => {
          server.close()
          server.closeAllConnections()
        },
      })
      const address = server.address()
      return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
    }

    describe('R36: back-pressure', () => {
      it('a slow client holds the server back, and memory stays bounded', async () => {
        const total = 200 * mebibyte
        const piece = Buffer.alloc(mebibyte, 'x')
        let sent = 0
        let heldBack = 0
        let aheadMax = 0
        let taken = 0
        const url = await serveHttp((_request, response) => {
          response.setHeader('Content-Length', total)
          const more = (): void => {
            while (sent < total) {
              sent += piece.length
              aheadMax = Math.max(aheadMax, sent - taken)
              if (!response.write(piece)) {
                heldBack += 1
                response.once('drain', more)
                return
              }
            }
            response.end()
          }
          more()
        })
        const upstreams = rig.upstreams()
        const { exchange, sink } = rig.send(upstreams, url)
        sink.keepsChunks = false
        sink.roomBytes = mebibyte
        sink.onWrite = () => {
          taken = sink.bytes
          // The client takes a mebibyte at a time, on a later turn of the loop.
          if (sink.roomBytes <= 0) setImmediate(() => sink.drain(exchange, mebibyte))
        }
        await sink.done
        assert.equal(sink.bytes, total)
        assert.equal(sink.ended, true)
        assert.ok(upstreams.answerPauses >= 150, `held back ${upstreams.answerPauses} times`)
        assert.ok(heldBack >= 20, `the server waited ${heldBack} times`)
        // What is under way lies in the buffers of two sockets of the system and of node:http.
        assert.ok(aheadMax < 40 * mebibyte, `the server was ${aheadMax} bytes ahead`)
      })

      it('a client that takes nothing stops the server', async () => {
        let written = 0
        const stopped = Promise.withResolvers<void>()
        const { url } = await rig.serve((socket) => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n')
          const piece = Buffer.alloc(mebibyte)
          while (socket.write(piece) || socket.writableLength < 64 * mebibyte) written += piece.length
          stopped.resolve()
        })
        const upstreams = rig.upstreams()
        const { exchange, sink } = rig.send(upstreams, url)
        sink.keepsChunks = false
        sink.roomBytes = 0
        await stopped.promise
        await sink.headCame
        await new Promise((resolve) => setImmediate(resolve))
        assert.ok(sink.bytes <= 2 * mebibyte, `${sink.bytes} bytes were pushed on`)
        assert.ok(written > 32 * mebibyte)
        exchange.abort('client_gone')
        assert.equal(upstreams.connectionCount, 0)
      })

      it('a slow server holds the upload back', async () => {
        const total = 64 * mebibyte
        let received = 0
        const body = new PushedBody(total)
        const url = await serveHttp((request, response) => {
          // Nothing is read before the upload was held back, so that it has to be.
          const begin = (): void => {
            if (body.pauses === 0) setImmediate(begin)
            else request.on('data', (chunk: Buffer) => (received += chunk.length))
          }
          begin()
          request.on('end', () => response.end(String(received)))
        })
        const upstreams = rig.upstreams()
        let sent = 0
        let aheadMax = 0
        const piece = Buffer.alloc(64 * 1024)
        let isPushing = false
        body.onFlow = () => {
          const more = (): void => {
            isPushing = !body.paused && !body.ended
            if (!isPushing) return
            sent += piece.length
            aheadMax = Math.max(aheadMax, sent - received)
            body.push(piece)
            if (sent === total) body.end()
            else setImmediate(more)
          }
          if (!isPushing) more()
        }
        const { sink } = rig.send(upstreams, url, { method: 'PUT', body })
        await sink.done
        assert.equal(sink.body, String(total))
        assert.ok(body.pauses > 0)
        assert.equal(body.pauses, upstreams.uploadPauses)
        assert.ok(aheadMax < 32 * mebibyte, `the upload was ${aheadMax} bytes ahead`)
      })
    })

    it('streams both ways at once', async () => {
      const url = await serveHttp((request, response) => {
        response.writeHead(200)
        request.pipe(response)
      })
      const body = new PushedBody(-1)
      body.onFlow = () => body.push(Buffer.from('one'))
      const { sink } = rig.send(rig.upstreams(), url, { method: 'POST', body })
      await sink.headCame
      sink.onWrite = () => {
        if (sink.body === 'one') body.push(Buffer.from('two'))
        if (sink.body === 'onetwo') body.end()
      }
      if (sink.body === 'one') sink.onWrite()
      await sink.done
      assert.equal(sink.body, 'onetwo')
    })

    describe('Expect: 100-continue', () => {
      const expectation = [['Expect', '100-continue']] as const

      it('the body waits for the 100 of the server', async () => {
        const { server, url } = await rig.serve((socket, _, text) => {
          if (text.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
          else socket.write(answerOk('ok'))
        })
        const { sink } = rig.send(rig.upstreams(), url, { method: 'POST', headers: expectation, body: readyBody(['hello']) })
        await sink.done
        assert.equal(sink.body, 'ok')
        assert.deepEqual(sink.informationals, [])
        assert.match(server.received[0] ?? '', /Expect: 100-continue\r\n[^]*\r\n\r\nhello$/)
      })

      it('the body is not sent after a final answer', async () => {
        const { server, url } = await rig.serve((socket) => socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'))
        const upstreams = rig.upstreams()
        const body = readyBody(['hello'])
        const { sink } = rig.send(upstreams, url, { method: 'POST', headers: expectation, body })
        await sink.done
        assert.equal(sink.status, 401)
        assert.equal(body.consumer, null)
        assert.equal(body.discarded, true)
        assert.equal(upstreams.connectionCount, 0)
        assert.doesNotMatch(server.received[0] ?? '', /hello/)
      })

      it('the body is sent after a second of silence', async () => {
        const clock = new ManualClock()
        const asked = Promise.withResolvers<void>()
        const { url } = await rig.serve((socket, _, text) => {
          if (text.endsWith('hello')) socket.write(answerOk('ok'))
          else asked.resolve()
        })
        const { sink } = rig.send(rig.upstreams({ wheel: new TimerWheel(clock) }), url, {
          method: 'POST',
          headers: expectation,
          body: readyBody(['hello']),
        })
        await asked.promise
        clock.advance(1100)
        await sink.done
        assert.equal(sink.body, 'ok')
      })
    })

    describe('R9: upgrades', () => {
      const asks = {
        upgrade: 'websocket',
        headers: [
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
          ['Sec-WebSocket-Key', 'x'],
        ],
      } as const

      it('101 with matching fields becomes a tunnel that holds its place', async () => {
        const { server, url } = await rig.serve((socket) =>
          socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSet-Cookie: a=1\r\n\r\npong'),
        )
        const clock = new ManualClock()
        const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
        await rig.send(upstreams, (await rig.serve((socket) => socket.write(answerOk('ok')))).url).sink.done
        const { exchange, sink, listener } = rig.send(upstreams, url, asks)
        await sink.done
        assert.equal(sink.status, 101)
        assert.deepEqual(sink.headers, [
          ['Set-Cookie', 'a=1'],
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
        ])
        assert.equal(sink.upgraded?.early?.toString(), 'pong')
        assert.match(
          server.received[0] ?? '',
          /\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: Upgrade\r\n\r\n$/,
        )
        assert.deepEqual(listener.settled, [])
        // Neither time nor the end of the worker's service closes it.
        clock.advance(600_000)
        upstreams.close()
        assert.equal(upstreams.connectionCount, 1)
        assert.equal(sink.upgraded?.server.destroyed, false)
        exchange.finish()
        sink.upgraded?.server.destroy()
        assert.deepEqual(listener.settled, [null])
        assert.equal(upstreams.connectionCount, 0)
      })

      it('a list of protocols is passed and answered as a whole', async () => {
        const { url } = await rig.serve((socket) =>
          socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: My-Proto/2, websocket\r\n\r\n'),
        )
        const { exchange, sink } = rig.send(rig.upstreams(), url, {
          upgrade: 'my-proto/2, websocket',
          headers: [['Upgrade', 'my-proto/2, websocket']],
        })
        await sink.done
        assert.equal(sink.status, 101)
        exchange.finish()
        sink.upgraded?.server.destroy()
      })

      for (const [name, fields, upgrade, status] of [
        ['without Upgrade', '', 'websocket', 500],
        ['without Connection', 'Upgrade: websocket\r\n', 'websocket', 500],
        ['to another protocol', 'Connection: Upgrade\r\nUpgrade: other\r\n', 'websocket', 500],
        ['to h2c', 'Connection: Upgrade\r\nUpgrade: h2c\r\n', 'h2c', 502],
        ['to h2c in a list', 'Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n', 'websocket, h2c', 502],
      ] as const) {
        it(`101 ${name} is ${status} and no tunnel`, async () => {
          const { url } = await rig.serve((socket) => socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`))
          const upstreams = rig.upstreams()
          const { sink } = rig.send(upstreams, url, { upgrade, headers: [['Upgrade', upgrade]] })
          await sink.done
          assert.equal(sink.status, status)
          assert.equal(sink.upgraded, null)
          assert.equal(upstreams.connectionCount, 0)
        })
      }

      it('any other answer is an answer', async () => {
        const { url } = await rig.serve((socket) =>
          socket.write('HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nno'),
        )
        const { sink } = rig.send(rig.upstreams(), url, asks)
        await sink.done
        assert.deepEqual([sink.status, sink.body, sink.headers], [426, 'no', []])
      })
    })

    describe('gzip for clients that name no encoding', () => {
      const text = 'zipped '.repeat(100_000)
      const packed = gzipSync(text)
      const answer = Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`),
        packed,
      ])

      it('is unpacked, and the connection kept', async () => {
        const { server, url } = await rig.serve((socket) => socket.write(answer))
        const upstreams = rig.upstreams()
        const { exchange, sink, listener } = rig.send(upstreams, url)
        sink.roomBytes = 1000
        sink.onWrite = () => {
          if (sink.roomBytes <= 0) setImmediate(() => sink.drain(exchange, 50_000))
        }
        await sink.done
        assert.deepEqual([sink.headers, sink.length, sink.ended], [[], -1, true])
        assert.equal(sink.body, text)
        assert.deepEqual(listener.settled, [null])
        assert.equal(upstreams.connectionCount, 1)
        assert.match(server.received[0] ?? '', /Accept-Encoding: gzip\r\n\r\n$/)
      })

      it('is passed as it is to those that name one, and for HEAD, ranges and upgrades', async () => {
        const { url } = await rig.serve((socket) => socket.write(answer))
        const upstreams = rig.upstreams()
        for (const headers of [[['Accept-Encoding', 'br']], [['Range', 'bytes=0-']]] as const) {
          const { sink } = rig.send(upstreams, url, { headers })
          await sink.done
          assert.deepEqual(sink.headers, [['Content-Encoding', 'gzip']])
          assert.equal(sink.bytes, packed.length)
        }
      })

      it('that is none cuts the answer', async () => {
        const { url } = await rig.serve((socket) =>
          socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain'),
        )
        const { exchange, sink } = rig.send(rig.upstreams(), url)
        await sink.done
        assert.equal(sink.abortedBy, 'upstream_malformed')
        assert.equal(exchange.reason, 'upstream_malformed')
      })

      it('that is cut cuts the answer', async () => {
        const { url } = await rig.serve((socket) => socket.end(answer.subarray(0, answer.length - 20)))
        const { sink, listener } = rig.send(rig.upstreams(), url)
        await sink.done
        assert.equal(sink.abortedBy, 'upstream_cut')
        assert.deepEqual(listener.settled, ['upstream_cut'])
      })

      it('stops when the client goes', async () => {
        let server: Socket | undefined
        const { url } = await rig.serve((socket) => {
          server = socket
          socket.write(answer.subarray(0, answer.length - 20))
        })
        const upstreams = rig.upstreams()
        const { exchange, sink, listener } = rig.send(upstreams, url)
        await sink.headCame
        exchange.abort('client_gone')
        assert.deepEqual(listener.settled, ['client_gone'])
        assert.equal(upstreams.connectionCount, 0)
        assert.ok(server !== undefined)
        if (!server.destroyed) await once(server, 'close')
      })
    })

    it('R44: a login bound to the connection stays with its client', async () => {
      const { server, url } = await rig.serve((socket, connection, text) => {
        if (text.includes('/login'))
          socket.write(`HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 1\r\n\r\n${connection}`)
        else socket.write(answerOk(String(connection)))
      })
      const clock = new ManualClock()
      const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
      const alice = { ...testClient, remotePort: 1 }
      const bob = { ...testClient, remotePort: 2 }
      const transport = testTransport()
      const ask = async (client: typeof alice, target: string): Promise<string> => {
        const { sink } = rig.send(upstreams, url, { client, target }, transport)
        await sink.done
        return sink.body
      }
      assert.equal(await ask(alice, '/login'), '0')
      assert.equal(await ask(bob, '/'), '1')
      assert.equal(await ask(alice, '/'), '0')
      assert.equal(await ask(bob, '/'), '1')
      assert.equal(await ask(bob, '/login'), '1')
      assert.equal(await ask({ ...testClient, remotePort: 3 }, '/'), '2')
      assert.equal(server.sockets.length, 3)
      clock.advance(100_000)
      assert.equal(upstreams.connectionCount, 0)
    })

    it('R37: a request that comes back too often is 508, one that comes back once is served', async () => {
      const { server, url } = await rig.serve((socket) => socket.write(answerOk('ok')))
      const upstreams = rig.upstreams()
      // As if this very port were ours: a request of it has been seen.
      let client = { ...testClient, remoteIp: '127.0.0.1', localIp: '127.0.0.1', localPort: server.port }
      const statuses: number[] = []
      for (let hop = 0; hop < 7; hop += 1) {
        const fresh = testTransport({ name: `hop ${hop}` })
        const { sink } = rig.send(upstreams, url, { client }, fresh)
        await sink.done
        statuses.push(sink.status)
        client = { ...client, remotePort: server.sockets.at(-1)?.remotePort ?? 0 }
      }
      assert.deepEqual(statuses, [200, 200, 200, 200, 200, 508, 508])
    })
  })
}
