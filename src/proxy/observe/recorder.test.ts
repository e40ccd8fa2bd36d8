import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NotingSink } from '../../../test/support/upstream-rig.ts'
import { requestNumbers, type SeriesDefinition } from '../../board/series-kinds.ts'
import { SeriesWriter } from '../../board/series.ts'
import type { RouterPlan, ServicePlan } from '../../generation/plan.ts'
import { type ConnectionFacts, Exchange } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { type MeasuredPlans, Recorder } from './recorder.ts'
import { requestKind } from './request-kind.ts'
import { bucketOf, familySeriesMax } from './request-scope.ts'

const facts: ConnectionFacts = { remoteIp: '10.0.0.1', remotePort: 1, localIp: '10.0.0.2', localPort: 80, tls: null }
const secure = { ...facts, tls: { version: '1.3', cipher: 'X', serverName: '', clientSubject: '', policy: '', clientCertificate: null } }

function plansOf(routers: readonly string[], services: readonly string[]): MeasuredPlans {
  // Nothing else of a plan is looked at.
  const router = new Map(routers.map((name, index) => [name, { name, service: 's@file', counters: 10 + index } as unknown as RouterPlan]))
  const servers = [{ url: 'http://a' }]
  const service = new Map(
    services.map((name, index) => [name, { kind: 'loadBalancer', name, counters: 50 + index, servers } as unknown as ServicePlan]),
  )
  return { entryPoint: new Map(), router, service, middleware: new Map() }
}

function rig(headers: readonly string[] = []) {
  const chunks: Float64Array[] = []
  const defined = new Map<number, SeriesDefinition>()
  const writer = new SeriesWriter({
    post(news) {
      for (const { buffer } of news.chunks) chunks.push(new Float64Array(buffer))
      for (const definition of news.defined) defined.set(definition.id, definition)
      for (const id of news.gone) defined.delete(id)
    },
    soon() {},
    monotonicMs: () => 0,
  })
  const recorder = new Recorder({ bounds: [0.1, 1], headers, entryPoints: true, routers: true, services: true }, writer)
  recorder.serve(plansOf(['r@file'], ['s@file']))
  /** First number of each series by kind and labels. */
  const counts = (): Record<string, number> => {
    writer.flush()
    const found: Record<string, number> = {}
    for (const { kind, labels, chunk, offset } of defined.values()) found[`${kind} ${labels.join(' ')}`] = chunks[chunk]?.[offset] ?? -1
    return found
  }
  return { recorder, counts, defined, chunks }
}

function exchangeOf(more: Partial<Exchange> = {}, fields: Readonly<Record<string, string>> = {}, connection = facts): Exchange {
  const headers = new HeaderList()
  for (const [name, value] of Object.entries(fields)) headers.add(name, value)
  return Object.assign(new Exchange(connection, 'web', headers, new NotingSink()), { status: 200 }, more)
}

const routed = { routerName: 'r@file', routerCounters: 10, serviceName: 's@file', serviceCounters: 50, serverUrl: 'http://a' }

describe('Recorder', () => {
  it('counts an exchange for entry point and router, and over TLS by version and cipher', () => {
    const { recorder, counts } = rig()
    const web = recorder.entryPoint('web')
    recorder.finish(web, exchangeOf(routed), 5)
    recorder.finish(web, exchangeOf({ ...routed, method: 'FROB' }, {}, secure), 5)
    recorder.finish(web, exchangeOf({ status: 404, reason: 'no_router' }), 5)
    assert.deepEqual(counts(), {
      'entryPoint 200 GET http web': 1,
      'router 200 GET http r@file s@file': 1,
      'entryPoint 200 EXTENSION_METHOD http web': 1,
      'entryPointTls 1.3 X web': 1,
      'router 200 EXTENSION_METHOD http r@file s@file': 1,
      'routerTls 1.3 X r@file s@file': 1,
      'entryPoint 404 GET http web': 1,
      'entryPointReason web no_router': 1,
    })
  })

  it('counts each attempt for service and server, by what became of it', () => {
    const { recorder, counts } = rig()
    recorder.settled(exchangeOf({ ...routed, originStatus: 201 }), null)
    recorder.settled(exchangeOf(routed), 'connect_failed')
    recorder.settled(exchangeOf({ ...routed, originStatus: 200, responseStarted: true }), 'upstream_cut')
    recorder.settled(exchangeOf({ ...routed, measured: false }), null)
    recorder.settled(exchangeOf({ serviceCounters: 0 }), null)
    assert.deepEqual(counts(), {
      'service 201 GET http s@file': 1,
      'server 201 s@file http://a': 1,
      'service 502 GET http s@file': 1,
      'server 502 s@file http://a': 1,
      'service 200 GET http s@file': 1,
      'server 200 s@file http://a': 1,
    })
  })

  it('keeps durations by bucket, and bytes', () => {
    const { recorder, counts, defined, chunks } = rig()
    for (const ms of [100, 101, 5000]) recorder.finish(recorder.entryPoint('web'), exchangeOf({ requestBytes: 3, responseBytes: 4 }), ms)
    counts()
    const [definition] = [...defined.values()]
    const numbers = chunks[0]?.subarray(definition?.offset, (definition?.offset ?? 0) + (definition?.length ?? 0))
    assert.deepEqual([...(numbers?.subarray(requestNumbers.buckets) ?? [])], [1, 1, 1])
    assert.deepEqual([numbers?.[requestNumbers.requestBytes], numbers?.[requestNumbers.responseBytes]], [9, 12])
    assert.ok(Math.abs((numbers?.[requestNumbers.seconds] ?? 0) - 5.201) < 1e-9)
  })

  it('knows protocols by their headers, and the status of gRPC', () => {
    const { recorder, counts } = rig()
    const grpc = exchangeOf({ responseTrailers: new HeaderList() }, { 'Content-Type': 'application/grpc+proto' })
    grpc.responseTrailers?.add('Grpc-Status', '5')
    const all = [
      grpc,
      exchangeOf({}, { 'Content-Type': 'application/grpc-web' }),
      exchangeOf({}, { Accept: 'text/html, Text/Event-Stream' }),
      exchangeOf({}, { Accept: 'text/event-stream;q=1' }),
      exchangeOf({ upgrade: 'websocket', status: 101 }),
      exchangeOf({ status: 0, aborted: 'client_gone' }),
    ]
    for (const exchange of all) recorder.finish(recorder.entryPoint('web'), exchange, 1)
    assert.deepEqual(Object.keys(counts()), [
      'entryPoint 5 GET grpc web',
      'entryPoint 2 GET grpc-web web',
      'entryPoint 200 GET sse web',
      'entryPoint 200 GET http web',
      'entryPoint 101 GET websocket web',
      'entryPoint 499 GET http web',
    ])
  })

  it('bounds what clients can make by headers and codes', () => {
    const { recorder, counts } = rig(['x-team'])
    const web = recorder.entryPoint('web')
    for (let index = 0; index < familySeriesMax + 50; index += 1) {
      recorder.finish(web, exchangeOf({ status: 100 + index }, { 'X-Team': `t${index}` }), 1)
    }
    const found = counts()
    assert.equal(found['entryPoint other other other web'], 50)
    assert.equal(found['entryPointHeaders other other other web other'], 50)
    assert.equal(Object.keys(found).length, 2 * (familySeriesMax + 1))
  })

  it('gives the series of objects back that a generation does without', () => {
    const { recorder, counts } = rig()
    recorder.finish(null, exchangeOf(routed), 5)
    recorder.settled(exchangeOf({ ...routed, originStatus: 200 }), null)
    recorder.serve(plansOf([], ['s@file']))
    assert.deepEqual(Object.keys(counts()), ['service 200 GET http s@file', 'server 200 s@file http://a'])
    // An exchange that began before brings nothing back.
    recorder.finish(null, exchangeOf(routed), 5)
    recorder.serve(plansOf([], []))
    assert.deepEqual(counts(), {})
  })

  it('tells which middleware passed an exchange on, and which answered it', () => {
    const { recorder, counts } = rig()
    const [first, second] = [recorder.middleware('a@file'), recorder.middleware('b@file')]
    const exchange = exchangeOf({ status: 401, middleware: first })
    recorder.passed(first, exchange)
    exchange.middleware = second
    recorder.finish(null, exchange, 5)
    assert.deepEqual(counts(), {
      'middleware a@file passed': 1,
      'middleware a@file answered': 0,
      'middleware b@file passed': 0,
      'middleware b@file answered': 1,
      'middlewareAnswers 401 b@file': 1,
    })
  })
})

it('takes a bound to be part of its bucket', () => {
  assert.deepEqual(
    [0, 99, 100, 101, 1000, 1001].map((ms) => bucketOf([0.1, 1], ms)),
    [0, 0, 0, 1, 1, 2],
  )
  assert.equal(bucketOf([], 5), 0)
  assert.equal(requestKind(exchangeOf()), 0)
})
