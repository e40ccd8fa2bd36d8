import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { credentials, Metadata, status } from '@grpc/grpc-js'
import { EchoClient, type EchoServer, startEchoServer } from '../../../test/support/grpc-rig.ts'
import { Http2Rig } from '../../../test/support/http2-rig.ts'
import { NotingListener, testBoard, testTransport } from '../../../test/support/upstream-rig.ts'
import { systemClock } from '../../std/clock.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import { Upstreams } from './upstreams.ts'

describe('gRPC from client to server and back', () => {
  let server: EchoServer
  let front: Http2Rig
  let client: EchoClient
  let upstreams: Upstreams

  before(async () => {
    server = await startEchoServer()
    const listener = new NotingListener()
    upstreams = new Upstreams({ board: testBoard(), wheel: new TimerWheel(systemClock), env: {} })
    const target = upstreams.target(`h2c://127.0.0.1:${server.port}`, {
      preservePath: false,
      passHostHeader: true,
      transport: testTransport(),
    })
    front = await Http2Rig.listen((exchange) => upstreams.forward(exchange, target, listener), { clock: systemClock })
    client = new EchoClient(`127.0.0.1:${front.port}`, credentials.createInsecure())
  })
  after(() => {
    client.close()
    front.close()
    upstreams.close()
    server.close()
  })

  it('passes unary calls with metadata, head and trailers', async () => {
    const metadata = new Metadata()
    metadata.add('x-ask', 'one')
    metadata.add('x-ask', 'two')
    metadata.set('x-raw-bin', Buffer.from([0, 1, 255]))
    const { error, reply, head, trailers } = await client.unary('hello', metadata)
    assert.equal(error, null)
    assert.equal(reply, 'echo hello')
    assert.deepEqual(head.get('x-answer'), ['one, two'])
    assert.deepEqual(trailers.get('x-trailer'), ['end'])
  })

  it('passes every error with its message and trailers', async () => {
    for (const code of [status.INVALID_ARGUMENT, status.NOT_FOUND, status.RESOURCE_EXHAUSTED, status.UNAVAILABLE, status.UNAUTHENTICATED]) {
      const { error, trailers } = await client.unary(`error ${code}`)
      assert.equal(error?.code, code)
      assert.equal(error.details, 'as asked: ü')
      assert.deepEqual(trailers.get('x-trailer'), ['end'])
    }
  })

  it('answers many calls at a time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 300 }, (_, index) => client.unary(`n${index}`)))
    assert.deepEqual(
      outcomes.map(({ reply }) => reply),
      outcomes.map((_, index) => `echo n${index}`),
    )
    assert.ok(upstreams.connectionCount >= 1 && upstreams.connectionCount <= 4)
  })

  it('passes messages both ways as they come', async () => {
    const call = client.talk()
    for (let round = 0; round < 50; round += 1) {
      call.write(Buffer.from(`m${round}`))
      const [reply] = (await once(call, 'data')) as [Buffer]
      assert.equal(reply.toString(), `re: m${round}`)
    }
    call.end()
    const [ended] = (await once(call, 'status')) as [{ code: number }]
    assert.equal(ended.code, status.OK)
  })

  it('carries 100 MB up', async () => {
    const done = Promise.withResolvers<string>()
    const call = client.upload((error, reply) => (error === null ? done.resolve(reply?.toString() ?? '') : done.reject(error)))
    const message = Buffer.alloc(1024 * 1024, 'u')
    for (let count = 0; count < 100; count += 1) if (!call.write(message)) await once(call, 'drain')
    call.end()
    assert.equal(await done.promise, String(100 * 1024 * 1024))
  })

  it('carries 100 MB down', async () => {
    const call = client.download(100 * 1024 * 1024)
    let bytes = 0
    call.on('data', (chunk: Buffer) => (bytes += chunk.length))
    const [ended] = (await once(call, 'status')) as [{ code: number }]
    assert.equal(ended.code, status.OK)
    assert.equal(bytes, 100 * 1024 * 1024)
  })

  it('passes deadlines on, and ends calls that miss theirs', async () => {
    server.deadlines.length = 0
    const { error } = await client.unary('never', new Metadata(), 300)
    assert.equal(error?.code, status.DEADLINE_EXCEEDED)
    assert.ok(server.deadlines[0] !== undefined && server.deadlines[0] !== Number.POSITIVE_INFINITY)
  })

  it('passes cancellation on', async () => {
    server.cancelled.length = 0
    const call = client.talk()
    call.write(Buffer.from('x'))
    await once(call, 'data')
    call.cancel()
    const [ended] = (await once(call, 'error')) as [{ code: number }]
    assert.equal(ended.code, status.CANCELLED)
    await server.whenCancelled
    assert.ok(server.cancelled.length > 0)
  })

  it('answers gRPC when no server can be reached', async () => {
    const target = upstreams.target('h2c://127.0.0.1:1', { preservePath: false, passHostHeader: true, transport: testTransport() })
    const broken = await Http2Rig.listen((exchange) => upstreams.forward(exchange, target, new NotingListener()), { clock: systemClock })
    const caller = new EchoClient(`127.0.0.1:${broken.port}`, credentials.createInsecure())
    const { error } = await caller.unary('x')
    assert.equal(error?.code, status.UNAVAILABLE)
    caller.close()
    broken.close()
  })
})
