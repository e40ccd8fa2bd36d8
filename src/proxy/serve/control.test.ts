import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NotingSink } from '../../../test/support/upstream-rig.ts'
import type { ControlRequest } from '../../generation/messages.ts'
import type { BodyConsumer, BodySource } from '../http/body.ts'
import { type ConnectionFacts, Exchange } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { ControlPlane } from './control.ts'

const facts: ConnectionFacts = { remoteIp: '10.0.0.1', remotePort: 1, localIp: '10.0.0.2', localPort: 80, tls: null }

class TestBody implements BodySource {
  readonly length = -1
  readonly ended = false
  consumer: BodyConsumer | null = null
  discarded = false

  start(consumer: BodyConsumer): void {
    this.consumer = consumer
  }

  pause(): void {}

  resume(): void {}

  discard(): void {
    this.discarded = true
  }
}

interface Asked {
  readonly id: number
  readonly request: ControlRequest
}

interface Sent {
  readonly exchange: Exchange
  readonly sink: NotingSink
}

function rig(): { control: ControlPlane; asked: Asked[]; ask: (path: string, body?: BodySource | null) => Sent } {
  const asked: Asked[] = []
  const control = new ControlPlane((id, request) => asked.push({ id, request }))
  const ask = (path: string, body: BodySource | null = null): Sent => {
    const sink = new NotingSink()
    const headers = new HeaderList()
    headers.add('X-One', '1')
    const exchange = new Exchange(facts, 'web', headers, sink)
    exchange.path = path
    exchange.rawQuery = 'a=b'
    exchange.hostRaw = 'a.test:80'
    exchange.body = body
    void control.handler('api')(exchange)
    return { exchange, sink }
  }
  return { control, asked, ask }
}

describe('questions to the control plane', () => {
  it('carry the request and bring the answer, whatever the order', () => {
    const { control, asked, ask } = rig()
    const [one, two] = [ask('/one'), ask('/two')]
    assert.deepEqual(asked[0]?.request, {
      target: 'api',
      method: 'GET',
      path: '/one',
      query: 'a=b',
      headers: [['X-One', '1']],
      host: 'a.test:80',
      remoteIp: '10.0.0.1',
      user: null,
      body: new Uint8Array(0),
    })
    control.answer(asked[1]?.id ?? 0, { status: 201, headers: [['X-Two', '2']], body: 'zwölf' })
    control.answer(asked[0]?.id ?? 0, { status: 200, headers: [], body: Uint8Array.of(1, 2, 255) })
    assert.deepEqual([two.sink.status, two.sink.header('x-two'), Buffer.from(two.sink.body, 'latin1').toString()], [201, '2', 'zwölf'])
    assert.deepEqual([one.sink.status, one.sink.length, one.sink.body], [200, 3, '\u0001\u0002\u00FF'])
    control.answer(99, { status: 200, headers: [], body: '' })
    assert.deepEqual(one.sink.calls, ['head', 'write', 'end'])
  })

  it('wait for the whole body', () => {
    const { asked, ask } = rig()
    const body = new TestBody()
    ask('/', body)
    body.consumer?.onBodyChunk(Buffer.from('first '))
    assert.equal(asked.length, 0)
    body.consumer?.onBodyChunk(Buffer.from('second'))
    body.consumer?.onBodyEnd(null)
    assert.equal(Buffer.from(asked[0]?.request.body ?? []).toString(), 'first second')
  })

  it('refuse a body that is too long, once', () => {
    const { asked, ask } = rig()
    const body = new TestBody()
    const { sink, exchange } = ask('/', body)
    const chunk = Buffer.alloc(9 * 1024 * 1024)
    body.consumer?.onBodyChunk(chunk)
    body.consumer?.onBodyChunk(chunk)
    body.consumer?.onBodyChunk(chunk)
    body.consumer?.onBodyEnd(null)
    assert.deepEqual([sink.status, exchange.reason, asked.length, body.discarded], [413, 'body_too_large', 0, true])
  })

  it('end with a body that breaks off', () => {
    const { asked, ask } = rig()
    const body = new TestBody()
    const { sink } = ask('/', body)
    body.consumer?.onBodyError('bad_request')
    assert.deepEqual([sink.status, asked.length], [400, 0])
  })

  it('are forgotten when the client is gone', () => {
    const { control, asked, ask } = rig()
    const { exchange, sink } = ask('/')
    exchange.abort('client_gone')
    control.answer(asked[0]?.id ?? 0, { status: 200, headers: [], body: 'late' })
    assert.deepEqual(sink.calls, [])
  })

  it('are refused when too many wait', () => {
    const { control, asked, ask } = rig()
    for (let count = 0; count < 1024; count += 1) ask('/')
    const { sink, exchange } = ask('/')
    assert.deepEqual([sink.status, exchange.reason, asked.length], [503, 'control_busy', 1024])
    control.answer(asked[0]?.id ?? 0, { status: 200, headers: [], body: '' })
    ask('/')
    assert.equal(asked.length, 1025)
  })
})
