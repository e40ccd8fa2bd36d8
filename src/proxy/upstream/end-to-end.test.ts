import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  Agent,
  createServer as createHttpServer,
  type IncomingMessage,
  request,
  type RequestOptions,
  type Server as HttpServer,
} from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { NotingListener, testTransport, UpstreamRig } from '../../../test/support/upstream-rig.ts'
import { systemClock } from '../../std/clock.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import type { Handler } from '../http/exchange.ts'
import { defaultHttp1Limits } from '../http1/limits.ts'
import { serveHttp1 } from '../http1/server-connection.ts'
import { acceptTransport, type TransportKind } from '../transport/choose.ts'
import type { Upstreams } from './upstreams.ts'

function portOf(server: Server | HttpServer): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Replaces the functions of a socket's handle that write, and counts their calls. */
function countWrites(socket: Socket): { writes: number } {
  const counted = { writes: 0 }
  const handle: unknown = Reflect.get(socket, '_handle')
  assert.ok(typeof handle === 'object' && handle !== null)
  for (const name of ['writeLatin1String', 'writeBuffer', 'writev']) {
    const original: unknown = Reflect.get(handle, name)
    assert.ok(typeof original === 'function')
    Reflect.set(handle, name, (...parameters: unknown[]): unknown => {
      counted.writes += 1
      return Reflect.apply(original, handle, parameters)
    })
  }
  return counted
}

for (const kind of ['handle', 'socket'] satisfies TransportKind[]) {
  describe(`from client to server on ${kind} transports`, () => {
    const rig = new UpstreamRig(kind)
    const agent = new Agent({ keepAlive: true })
    after(() => {
      agent.destroy()
      rig.close()
    })

    /** A proxy in front of a URL that is known once it listens. */
    async function proxyTo(
      urlOf: (port: number) => string,
    ): Promise<{ port: number; upstreams: Upstreams; listener: NotingListener; counts: { writes: number }[] }> {
      const upstreams = rig.upstreams()
      const listener = new NotingListener()
      const counts: { writes: number }[] = []
      let handler: Handler = () => assert.fail('asked before it was ready')
      const options = {
        entryPoint: 'web',
        limits: defaultHttp1Limits,
        timeouts: { headMs: 60_000, bodyIdleMs: 60_000, totalMs: 0, writeMs: 0, idleMs: 60_000 },
        keepAliveMaxRequests: 0,
        keepAliveMaxTimeMs: 0,
        wheel: new TimerWheel(systemClock),
        handler: () => handler,
        onClose: () => {},
      }
      const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
        if (kind === 'handle') counts.push(countWrites(socket))
        const { remotePort = 0, localPort = 0 } = socket
        const connection = serveHttp1(
          acceptTransport(socket, kind),
          { remoteIp: '127.0.0.1', remotePort, localIp: '127.0.0.1', localPort, tls: null },
          options,
        )
        rig.closes({ close: () => connection.destroy() })
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      rig.closes(server)
      const target = upstreams.target(urlOf(portOf(server)), { preservePath: false, passHostHeader: true, transport: testTransport() })
      handler = (exchange) => upstreams.forward(exchange, target, listener)
      return { port: portOf(server), upstreams, listener, counts }
    }

    async function serveHttp(answer: Parameters<typeof createHttpServer>[1] & {}): Promise<HttpServer> {
      const server = createHttpServer(answer)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      rig.closes({
        close: () => {
          server.close()
          server.closeAllConnections()
        },
      })
      return server
    }

    async function ask(port: number, options: RequestOptions = {}, body = ''): Promise<{ response: IncomingMessage; text: string }> {
      const sent = request({ host: '127.0.0.1', port, agent, ...options })
      sent.end(body)
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      let text = ''
      response.setEncoding('latin1')
      for await (const chunk of response) text += String(chunk)
      return { response, text }
    }

    it('a small answer takes one write to the client', async () => {
      const { url } = await rig.serve((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'))
      const { port, counts } = await proxyTo(() => url)
      for (let turn = 0; turn < 5; turn += 1) assert.equal((await ask(port)).text, 'hello')
      if (kind === 'handle') assert.deepEqual(counts, [{ writes: 5 }])
    })

    it('pipelined requests are answered in order, over one connection', async () => {
      const { server, url } = await rig.serve((socket, _, text) => {
        const path = /^GET (\S+)/.exec(text)?.[1] ?? ''
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`)
      })
      const { port } = await proxyTo(() => url)
      const client = connect(port, '127.0.0.1')
      client.write(
        'GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      )
      let received = ''
      for await (const chunk of client) received += String(chunk)
      assert.deepEqual(received.match(/\r\n\r\n\/\d/g), ['\r\n\r\n/1', '\r\n\r\n/2', '\r\n\r\n/3'])
      assert.equal(server.sockets.length, 1)
    })

    it('bodies go both ways unchanged, in every framing', async () => {
      const server = await serveHttp((incoming, response) => {
        if (incoming.headers['x-length'] !== undefined) response.setHeader('Content-Length', incoming.headers['x-length'])
        incoming.pipe(response)
      })
      const { port, listener } = await proxyTo(() => `http://127.0.0.1:${portOf(server)}`)
      for (const size of [0, 1, 1000, 70_000, 3_000_000]) {
        const body = 'abcdefghij'.repeat(Math.ceil(size / 10)).slice(0, size)
        for (const headers of [{}, { 'X-Length': String(size) }, { 'Transfer-Encoding': 'chunked' }]) {
          const { response, text } = await ask(port, { method: 'POST', headers }, body)
          assert.equal(response.statusCode, 200)
          assert.equal(text.length, size)
          assert.ok(text === body)
        }
      }
      assert.deepEqual(new Set(listener.settled), new Set([null]))
    })

    it('Expect: 100-continue works from end to end', async () => {
      const server = await serveHttp((incoming, response) => incoming.pipe(response))
      const { port } = await proxyTo(() => `http://127.0.0.1:${portOf(server)}`)
      const sent = request({ host: '127.0.0.1', port, agent, method: 'PUT', headers: { 'Expect': '100-continue', 'Content-Length': 5 } })
      sent.flushHeaders()
      await once(sent, 'continue')
      sent.end('hello')
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      let text = ''
      for await (const chunk of response) text += String(chunk)
      assert.equal(text, 'hello')
    })

    it('an upgrade becomes a tunnel that half-closes', async () => {
      const server = await serveHttp(() => {})
      server.on('upgrade', (_incoming, socket: Socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nready ')
        socket.pipe(socket)
      })
      const { port, upstreams, listener } = await proxyTo(() => `http://127.0.0.1:${portOf(server)}`)
      const client = connect(port, '127.0.0.1')
      client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
      let received = ''
      client.on('data', (chunk) => {
        received += chunk.toString()
        if (received.endsWith('ready ')) client.end('and steady')
      })
      await once(client, 'close')
      assert.match(received, /^HTTP\/1\.1 101 [^]*\r\nUpgrade: echo\r\n[^]*\r\n\r\nready and steady$/)
      assert.deepEqual(listener.settled, [null])
      assert.equal(upstreams.connectionCount, 0)
    })

    it('R36: a client that leaves ends the request at the server', async () => {
      const gone = Promise.withResolvers<void>()
      const { url } = await rig.serve((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')
        socket.once('close', () => gone.resolve())
      })
      const { port, listener } = await proxyTo(() => url)
      const client = connect(port, '127.0.0.1')
      client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await once(client, 'data')
      client.destroy()
      await gone.promise
      assert.deepEqual(listener.settled, ['client_gone'])
    })

    it('R36: an early answer to an upload reaches the client, and the upload ends', async () => {
      const { url } = await rig.serve((socket) => socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig'))
      const { port, upstreams } = await proxyTo(() => url)
      const client = connect(port, '127.0.0.1')
      client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\nbegin')
      let received = ''
      client.on('data', (chunk) => (received += chunk.toString()))
      await once(client, 'end')
      assert.match(received, /^HTTP\/1\.1 413 [^]*\r\n\r\nbig$/)
      assert.equal(upstreams.connectionCount, 0)
      client.destroy()
    })

    it('a server killed in the middle of its answer cuts the client', async () => {
      const { server, url } = await rig.serve((socket) =>
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
      )
      const { port, listener } = await proxyTo(() => url)
      const client = connect(port, '127.0.0.1')
      client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      let received = ''
      client.on('data', (chunk) => {
        received += chunk.toString()
        if (received.endsWith('hello\r\n')) server.sockets[0]?.resetAndDestroy()
      })
      await once(client, 'end')
      assert.doesNotMatch(received, /0\r\n\r\n$/)
      assert.deepEqual(listener.settled, ['upstream_cut'])
      client.destroy()
    })

    it('R37: a proxy that leads to itself answers 508', async () => {
      const { port, upstreams } = await proxyTo((own) => `http://127.0.0.1:${own}`)
      const { response, text } = await ask(port)
      assert.equal(response.statusCode, 508)
      assert.equal(text, 'Loop Detected')
      assert.ok(upstreams.connectionCount <= 5)
      assert.equal((await ask(port)).response.statusCode, 508)
    })
  })
}
