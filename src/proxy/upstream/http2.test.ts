import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { FrameReader, plainBlock, type SeenFrame } from '../../../test/support/http2-frames.ts'
import { answerOk, ManualClock, PushedBody, readyBody, testTransport, UpstreamRig } from '../../../test/support/upstream-rig.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import { clientPreface, frameFlag, frameHead, frameType, goawayFrame, headersFrames, resetFrame, settingsFrame } from '../http2/frames.ts'

const rig = new UpstreamRig('handle')
const sessions: ServerHttp2Session[] = []

after(() => {
  rig.close()
  for (const session of sessions) session.destroy()
})

async function listen(server: Server | Http2Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  rig.closes({ close: () => void server.close() })
  return (server.address() as AddressInfo).port
}

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

async function serve(onStream: OnStream, settings = {}): Promise<{ url: string }> {
  const server = createServer({ settings })
  server.on('session', (session) => sessions.push(session))
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    onStream(stream, headers)
  })
  return { url: `h2c://127.0.0.1:${await listen(server)}` }
}

const reply: OnStream = (stream, headers) => {
  let bytes = 0
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'x-path': headers[':path'] })
    stream.end(`${headers[':method']} ${bytes}`)
  })
}

/** A server of frames: `answer` is told of each HEADERS, with the number of the connection. */
async function serveFrames(
  answer: (socket: Socket, frame: SeenFrame, connection: number) => void,
  settings: readonly (readonly [number, number])[] = [],
): Promise<{ url: string; readers: FrameReader[]; sockets: Socket[] }> {
  const readers: FrameReader[] = []
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    const reader = new FrameReader()
    const connection = readers.push(reader) - 1
    sockets.push(socket)
    let text = ''
    let seen = 0
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (text.length < clientPreface.length) return
      const frames = reader.read(text.slice(clientPreface.length))
      for (; seen < frames.length; seen += 1) {
        const frame = frames[seen]
        if (frame?.type === frameType.headers) answer(socket, frame, connection)
      }
    })
    socket.write(settingsFrame(settings), 'latin1')
  })
  rig.closes({ close: () => sockets.forEach((socket) => socket.destroy()) })
  return { url: `h2c://127.0.0.1:${await listen(server)}`, readers, sockets }
}

function send(socket: Socket, text: string): void {
  socket.write(text, 'latin1')
}

const ok = (streamId: number, ...fields: [string, string][]): string =>
  headersFrames(streamId, plainBlock([[':status', '200'], ...fields]), true, 16_384)

describe('servers of HTTP/2 by prior knowledge', () => {
  it('get requests as HTTP/2 has them', async () => {
    let seen: IncomingHttpHeaders = {}
    const { url } = await serve((stream, headers) => {
      seen = headers
      reply(stream, headers)
    })
    const { sink, exchange, listener } = rig.send(rig.upstreams(), url, {
      target: '/a?b=c',
      host: 'A.local:81',
      headers: [
        ['X-One', '1'],
        ['Te', 'gzip, trailers'],
        ['Connection', 'X-Gone'],
        ['X-Gone', '1'],
        ['Keep-Alive', '5'],
        ['Proxy-Authorization', 'x'],
        ['X-Forwarded-For', '1.2.3.4'],
      ],
    })
    await sink.done
    assert.equal(sink.status, 200)
    assert.equal(sink.body, 'GET 0')
    assert.deepEqual(listener.settled, [null])
    assert.equal(exchange.originStatus, 200)
    const expected = {
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': 'A.local:81',
      ':path': '/a?b=c',
      'x-one': '1',
      'te': 'trailers',
      'x-forwarded-for': '1.2.3.4, 192.0.2.1',
      'accept-encoding': 'gzip',
    }
    assert.deepEqual(Object.fromEntries(Object.entries(seen)), expected)
  })

  it('get bodies, with and without a length', async () => {
    const { url } = await serve(reply)
    const upstreams = rig.upstreams()
    for (const chunked of [false, true]) {
      const { sink } = rig.send(upstreams, url, { method: 'POST', body: readyBody(['hello', 'x'.repeat(100_000)], chunked) })
      await sink.done
      assert.equal(sink.body, 'POST 100005')
    }
    assert.equal(upstreams.connectionCount, 1)
  })

  it('send interim answers, trailers, bodies packed by gzip, and heads alone', async () => {
    const { url } = await serve((stream, headers) => {
      if (headers[':path'] === '/trailers') {
        stream.additionalHeaders({ ':status': 103, 'link': '</x>' })
        stream.respond({ ':status': 200 }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-t': '1' }))
        stream.end('body')
      } else if (headers[':path'] === '/gzip') {
        stream.respond({ ':status': 200, 'content-encoding': 'gzip' })
        stream.end(gzipSync('unpacked'))
      } else {
        stream.respond({ ':status': 200, 'content-length': '7' }, { endStream: true })
      }
    })
    const upstreams = rig.upstreams()
    const trailers = rig.send(upstreams, url, { target: '/trailers' }).sink
    await trailers.done
    assert.deepEqual(trailers.informationals, [{ status: 103, headers: [['Link', '</x>']] }])
    assert.deepEqual([trailers.body, trailers.trailers], ['body', [['X-T', '1']]])
    const packed = rig.send(upstreams, url, { target: '/gzip' }).sink
    await packed.done
    assert.deepEqual([packed.body, packed.header('content-encoding')], ['unpacked', undefined])
    const head = rig.send(upstreams, url, { method: 'HEAD' }).sink
    await head.done
    assert.deepEqual([head.body, head.length], ['', 7])
  })

  it('share one connection among many requests, no more at a time than the server takes', async () => {
    const open = new Map<unknown, number>()
    let most = 0
    const { url } = await serve(
      (stream) => {
        const { session } = stream
        open.set(session, (open.get(session) ?? 0) + 1)
        most = Math.max(most, ...open.values())
        setImmediate(() => {
          open.set(session, (open.get(session) ?? 0) - 1)
          stream.respond({ ':status': 200 })
          stream.end('ok')
        })
      },
      { maxConcurrentStreams: 4 },
    )
    const upstreams = rig.upstreams()
    await rig.send(upstreams, url).sink.done
    const sinks = Array.from({ length: 40 }, () => rig.send(upstreams, url).sink)
    await Promise.all(sinks.map((sink) => sink.done))
    assert.deepEqual(new Set(sinks.map(({ status }) => status)), new Set([200]))
    assert.equal(most, 4)
  })

  it('are asked by HTTP/1.1 for an upgrade', async () => {
    const { url } = await rig.serve((socket, _connection, text) => socket.write(text.startsWith('GET / HTTP/1.1') ? answerOk('one') : ''))
    const { sink } = rig.send(rig.upstreams(), url.replace('http:', 'h2c:'), { upgrade: 'websocket', headers: [['Upgrade', 'websocket']] })
    await sink.done
    assert.equal(sink.body, 'one')
  })

  it('see a client that has left', async () => {
    const cancelled = Promise.withResolvers<number>()
    const started = Promise.withResolvers<void>()
    const { url } = await serve((stream) => {
      stream.on('close', () => cancelled.resolve(stream.rstCode ?? -1))
      started.resolve()
    })
    const upstreams = rig.upstreams()
    const { exchange, listener } = rig.send(upstreams, url)
    await started.promise
    exchange.abort('client_gone')
    assert.equal(await cancelled.promise, 8)
    assert.deepEqual(listener.settled, ['client_gone'])
    const { sink } = rig.send(upstreams, url)
    assert.equal(sink.status, 0)
    assert.equal(upstreams.connectionCount, 1)
  })

  it('do not let one slow client hold up the others', async () => {
    const { url } = await serve((stream, headers) => {
      stream.respond({ ':status': 200 })
      stream.end(headers[':path'] === '/slow' ? Buffer.alloc(700_000) : 'quick')
    })
    const upstreams = rig.upstreams()
    const slow = Array.from({ length: 10 }, () => {
      const { exchange, sink } = rig.exchange({ target: '/slow' })
      sink.roomBytes = 1
      sink.keepsChunks = false
      const target = upstreams.target(url, { preservePath: false, passHostHeader: true, transport: testTransport() })
      upstreams.forward(exchange, target, rig.listener())
      return { exchange, sink }
    })
    await Promise.all(slow.map(({ sink }) => sink.headCame))
    for (let round = 0; round < 5; round += 1) {
      const { sink } = rig.send(upstreams, url, { target: '/quick' })
      await sink.done
      assert.equal(sink.body, 'quick')
    }
    for (const { sink } of slow) assert.ok(sink.bytes <= 300_000)
    for (const { exchange, sink } of slow) {
      sink.drain(exchange, Number.POSITIVE_INFINITY)
      await sink.done
      assert.equal(sink.bytes, 700_000)
    }
  })

  it('hold uploads back that they do not read', async () => {
    const held = Promise.withResolvers<ServerHttp2Stream>()
    const { url } = await serve((stream) => {
      stream.pause()
      held.resolve(stream)
    })
    const upstreams = rig.upstreams()
    const body = new PushedBody(-1)
    const paused = Promise.withResolvers<void>()
    const pause = body.pause.bind(body)
    body.pause = () => {
      pause()
      paused.resolve()
    }
    let pushed = 0
    body.onFlow = () => {
      while (!body.paused && pushed < 3_000_000) {
        pushed += 50_000
        body.push(Buffer.alloc(50_000))
      }
      if (pushed >= 3_000_000 && !body.ended) body.end()
    }
    const { sink } = rig.send(upstreams, url, { method: 'POST', body })
    await paused.promise
    assert.ok(pushed < 1_000_000)
    const stream = await held.promise
    let bytes = 0
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
    stream.on('end', () => {
      stream.respond({ ':status': 200 })
      stream.end(String(bytes))
    })
    stream.resume()
    await sink.done
    assert.equal(sink.body, '3000000')
  })
})

describe('a server that goes away', () => {
  it('has requests that it did not see sent to a new connection, bodies included', async () => {
    const { url, readers } = await serveFrames((socket, { streamId }, connection) => {
      if (connection === 0 && streamId === 1) send(socket, ok(1))
      else if (connection === 0) send(socket, goawayFrame(1, 0))
      else send(socket, ok(streamId))
    })
    const upstreams = rig.upstreams()
    await rig.send(upstreams, url).sink.done
    const got = rig.send(upstreams, url).sink
    await got.done
    assert.equal(got.status, 200)
    const posted = rig.send(upstreams, url, { method: 'POST', body: readyBody(['hello']) }).sink
    await posted.done
    assert.equal(posted.status, 200)
    assert.equal(readers.length, 2)
  })

  it('gets a small body again', async () => {
    const { url, readers } = await serveFrames((socket, { streamId }, connection) => {
      if (connection > 0) send(socket, ok(streamId))
      else setTimeout(() => send(socket, goawayFrame(0, 0)), 20)
    })
    const { sink } = rig.send(rig.upstreams(), url, { method: 'POST', body: readyBody(['hello', ' again'], true) })
    await sink.done
    assert.equal(sink.status, 200)
    const data = readers[1]?.frames.filter(({ type }) => type === frameType.data).map(({ payload }) => payload.toString())
    assert.equal(data?.join(''), 'hello again')
  })

  it('finishes what it has seen', async () => {
    const { url, readers } = await serveFrames((socket, { streamId }) => send(socket, goawayFrame(1, 0) + ok(streamId, ['x', '1'])))
    const upstreams = rig.upstreams()
    const { sink } = rig.send(upstreams, url)
    await sink.done
    assert.equal(sink.status, 200)
    assert.equal(readers.length, 1)
    assert.equal(upstreams.connectionCount, 0)
  })

  it('is asked again when it refuses a stream, but not for ever', async () => {
    let count = 0
    const { url } = await serveFrames((socket, { streamId }) => {
      count += 1
      send(socket, count < 3 ? resetFrame(streamId, 7) : ok(streamId))
    })
    const upstreams = rig.upstreams()
    const first = rig.send(upstreams, url).sink
    await first.done
    assert.deepEqual([first.status, count], [200, 3])
    count = -100
    const second = rig.send(upstreams, url).sink
    await second.done
    assert.deepEqual([second.status, count], [502, -96])
  })

  it('is asked once more for what is safe when a used connection breaks', async () => {
    const { url, readers } = await serveFrames((socket, { streamId }, connection) => {
      if (connection === 0 && streamId === 3) socket.destroy()
      else send(socket, ok(streamId))
    })
    const upstreams = rig.upstreams()
    await rig.send(upstreams, url).sink.done
    const { sink } = rig.send(upstreams, url)
    await sink.done
    assert.deepEqual([sink.status, readers.length], [200, 2])
  })

  for (const [name, status, answer] of [
    ['breaks before its answer', 502, (socket: Socket) => socket.destroy()],
    ['resets the stream', 502, (socket: Socket) => send(socket, resetFrame(1, 2))],
    ['sends a malformed head', 500, (socket: Socket) => send(socket, headersFrames(1, plainBlock([['x', '1']]), true, 16_384))],
    ['sends no sound status', 500, (socket: Socket) => send(socket, headersFrames(1, plainBlock([[':status', '0200']]), true, 16_384))],
    ['switches protocols', 500, (socket: Socket) => send(socket, headersFrames(1, plainBlock([[':status', '101']]), false, 16_384))],
    ['sends a line break in a field', 500, (socket: Socket) => send(socket, ok(1, ['x', 'a\r\nb: c']))],
    ['announces a body and sends none', 500, (socket: Socket) => send(socket, ok(1, ['content-length', '5']))],
    ['says nonsense', 502, (socket: Socket) => send(socket, 'HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(100, 'x'))],
    ['pushes', 502, (socket: Socket) => send(socket, frameHead(4, frameType.pushPromise, 4, 1) + '\0\0\0\x02')],
    ['sends data in front of its head', 500, (socket: Socket) => send(socket, `${frameHead(1, frameType.data, 1, 1)}x`)],
  ] as const) {
    it(`that ${name} is answered with ${status}`, async () => {
      const { url } = await serveFrames((socket) => answer(socket))
      const { sink, listener } = rig.send(rig.upstreams(), url, { method: 'POST' })
      await sink.done
      assert.equal(sink.status, status)
      assert.equal(listener.settled.length, 1)
    })
  }

  for (const [name, rest] of [
    ['the connection', null],
    ['the stream', resetFrame(1, 2)],
    ['too early', frameHead(0, frameType.data, frameFlag.endStream, 1)],
    ['too late', `${frameHead(9, frameType.data, frameFlag.endStream, 1)}too much!`],
  ] as const) {
    it(`that ends ${name} within an answer has it cut`, async () => {
      const head = headersFrames(
        1,
        plainBlock([
          [':status', '200'],
          ['content-length', '9'],
        ]),
        false,
        16_384,
      )
      const { url } = await serveFrames((socket) => {
        send(socket, `${head}${frameHead(4, frameType.data, 0, 1)}half`)
        if (rest === null) socket.end()
        else send(socket, rest)
      })
      const { sink, listener } = rig.send(rig.upstreams(), url)
      await sink.done
      assert.equal(sink.abortedBy, 'upstream_cut')
      assert.deepEqual(listener.settled, ['upstream_cut'])
    })
  }
})

describe('time', () => {
  it('limits the wait for an answer', async () => {
    const clock = new ManualClock()
    const asked = Promise.withResolvers<void>()
    const { url } = await serveFrames(() => asked.resolve())
    const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
    const { sink } = rig.send(upstreams, url, {}, testTransport({ responseHeaderTimeoutMs: 1000 }))
    await asked.promise
    clock.advance(1100)
    await sink.done
    assert.equal(sink.status, 504)
  })

  it('ends connections that nobody uses', async () => {
    const clock = new ManualClock()
    const { url, sockets } = await serveFrames((socket, { streamId }) => send(socket, ok(streamId)))
    const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
    await rig.send(upstreams, url, {}, testTransport({ idleTimeoutMs: 1000 })).sink.done
    assert.equal(upstreams.connectionCount, 1)
    const [socket] = sockets
    assert.ok(socket !== undefined)
    const closed = once(socket, 'close')
    clock.advance(1100)
    await closed
    assert.equal(upstreams.connectionCount, 0)
  })

  it('ends connections that do not answer a ping', async () => {
    const clock = new ManualClock()
    const asked = Promise.withResolvers<void>()
    const { url } = await serveFrames(() => asked.resolve())
    const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
    const { sink } = rig.send(upstreams, url, {}, testTransport({ http2: { readIdleTimeoutMs: 1000, pingTimeoutMs: 500 } }))
    await asked.promise
    clock.advance(1100)
    assert.equal(sink.status, 0)
    clock.advance(600)
    await sink.done
    assert.equal(sink.status, 502)
  })
})
