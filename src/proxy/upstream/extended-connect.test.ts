import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { WebSocketServer } from 'ws'
import { Http2Rig } from '../../../test/support/http2-rig.ts'
import { NotingListener, testBoard, testTransport } from '../../../test/support/upstream-rig.ts'
import { systemClock } from '../../std/clock.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import { defaultHttp2Settings } from '../http2/server-options.ts'
import { Upstreams } from './upstreams.ts'

describe('extended CONNECT (RFC 8441)', () => {
  const server = createHttpServer()
  const sockets = new WebSocketServer({ server })
  const seen: { url: string | undefined; key: string | undefined }[] = []
  let upstreams: Upstreams
  let rig: Http2Rig
  let session: ClientHttp2Session

  before(async () => {
    sockets.on('connection', (socket, request) => {
      seen.push({ url: request.url, key: request.headers['sec-websocket-key'] })
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    upstreams = new Upstreams({ board: testBoard(), wheel: new TimerWheel(systemClock), env: {} })
    const target = upstreams.target(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      preservePath: false,
      passHostHeader: true,
      transport: testTransport(),
    })
    const listener = new NotingListener()
    rig = await Http2Rig.listen((exchange) => upstreams.forward(exchange, target, listener), {
      clock: systemClock,
      http2: { ...defaultHttp2Settings, extendedConnect: true },
    })
    session = connect(`http://127.0.0.1:${rig.port}`)
    await once(session, 'remoteSettings')
  })
  after(() => {
    session.destroy()
    rig.close()
    upstreams.close()
    for (const client of sockets.clients) client.terminate()
    sockets.close()
    server.close()
  })

  function open(path: string) {
    return session.request(
      { ':method': 'CONNECT', ':protocol': 'websocket', ':path': path, 'sec-websocket-version': '13' },
      { endStream: false },
    )
  }

  it('is offered', () => assert.equal(session.remoteSettings.enableConnectProtocol, true))

  it('carries a WebSocket to a server of HTTP/1.1', async () => {
    const stream = open('/chat')
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    assert.equal(headers[':status'], 200)
    assert.equal(headers['sec-websocket-accept'], undefined)
    assert.equal(seen[0]?.url, '/chat')
    assert.equal(seen[0]?.key?.length, 24)
    assert.equal(rig.exchanges[0]?.method, 'GET')
    // A masked text frame "hi", with a mask of zeros; the server's echo is not masked.
    stream.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
    const [echoed] = (await once(stream, 'data')) as [Buffer]
    assert.deepEqual([...echoed], [0x81, 2, 0x68, 0x69])
    // A close frame is answered in kind, and ends the stream.
    stream.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]))
    await once(stream, 'data')
    await once(stream, 'end')
    stream.end()
    await rig.until(() => rig.finished.length === 1)
    assert.equal(rig.finished[0]?.status, 101)
    assert.equal(rig.finished[0]?.responseBytes, 8)
  })

  it('carries much in both directions', async () => {
    const stream = open('/')
    await once(stream, 'response')
    const size = 1_000_000
    const head = Buffer.alloc(14)
    head[0] = 0x82
    head[1] = 0xff
    head.writeBigUInt64BE(BigInt(size), 2)
    stream.write(head)
    stream.write(Buffer.alloc(size, 'w'))
    let bytes = 0
    for await (const chunk of stream) {
      bytes += (chunk as Buffer).length
      if (bytes >= size + 10) break
    }
    assert.equal(bytes, size + 10)
  })

  it('ends the server side when the client resets the stream', async () => {
    const stream = open('/')
    await once(stream, 'response')
    const count = rig.finished.length
    const [client] = [...sockets.clients].slice(-1)
    assert.ok(client !== undefined)
    const closed = once(client, 'close')
    stream.on('error', () => {})
    stream.close(8)
    await closed
    await rig.until(() => rig.finished.length > count)
  })

  it('resets the stream when the server vanishes', async () => {
    const stream = open('/')
    await once(stream, 'response')
    stream.resume()
    const failed = once(stream, 'error')
    const [client] = [...sockets.clients].slice(-1)
    const socket: unknown = client === undefined ? undefined : Reflect.get(client, '_socket')
    ;(socket as Socket).resetAndDestroy()
    await failed
    assert.equal(stream.rstCode, 10)
  })
})
