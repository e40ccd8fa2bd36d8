import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { protoBytes, protoText } from '../../test/support/protobuf-reader.ts'
import { temporaryFolder } from '../../test/support/test-router.ts'
import { type Metrics, metrics as metricsSchema } from '../config/install/metrics.ts'
import { decodeTree } from '../config/schema/decode.ts'
import { type Logger, silentLogger } from '../std/log.ts'
import { loadExporters } from './exporters.ts'
import { families } from './families.ts'
import { PushLoop, type PushExporter } from './push-loop.ts'
import type { Snapshot } from './snapshot.ts'
import { datadogTarget } from './statsd.ts'

const timeMs = Date.parse('2026-03-04T05:06:07.000Z')

/** Requests of a service, with their durations by bucket, and a gauge. */
function snapshotOf(count: number, buckets: readonly number[]): Snapshot {
  const labels = [
    ['code', '200'],
    ['service', 'a b@file'],
  ] as const
  const plain = { labels, buckets: null, sum: 0 }
  return {
    timeMs,
    bounds: [0.1, 0.3, 1.2],
    families: [
      { info: families.serviceRequests, samples: [{ ...plain, value: count }] },
      { info: families.serviceDuration, samples: [{ labels, value: count, buckets: Float64Array.from(buckets), sum: 1.5 }] },
      { info: families.serverUp, samples: [{ ...plain, value: 1 }] },
    ],
  }
}

async function make(tree: unknown, env: Readonly<Record<string, string>> = {}, logger: Logger = silentLogger): Promise<PushExporter[]> {
  const options: Metrics = decodeTree(metricsSchema, tree, { source: 'file' }).value
  return [...(await loadExporters(options, { logger, env, version: '1.2.3', startMs: timeMs - 1000 }))]
}

async function makeOne(t: TestContext, tree: unknown, env: Readonly<Record<string, string>> = {}): Promise<PushExporter> {
  const [exporter] = await make(tree, env)
  assert.ok(exporter !== undefined)
  t.after(() => exporter.close())
  return exporter
}

/** A receiver of datagrams, and what it got. */
async function udpReceiver(t: TestContext): Promise<{ readonly port: number; readonly next: () => Promise<string> }> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return {
    port: socket.address().port,
    next: async () => {
      const [message]: unknown[] = await once(socket, 'message')
      return String(message)
    },
  }
}

interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

async function httpReceiver(t: TestContext, status = 204): Promise<{ readonly origin: string; readonly received: Received[] }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
      response.writeHead(status).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, received }
}

describe('StatsD', () => {
  it('gets increments without labels, and durations in milliseconds', async (t) => {
    const receiver = await udpReceiver(t)
    const exporter = await makeOne(t, { statsD: { address: `127.0.0.1:${receiver.port}`, prefix: 'edge' } })
    const first = receiver.next()
    await exporter.push(snapshotOf(3, [2, 1, 0, 0]))
    assert.deepEqual((await first).trim().split('\n'), [
      'edge.service.request.total:3|c',
      'edge.service.request.duration:50|ms',
      'edge.service.request.duration:50|ms',
      'edge.service.request.duration:200|ms',
      'edge.service.server.up:1|g',
    ])
    const second = receiver.next()
    await exporter.push(snapshotOf(4, [2, 1, 0, 1]))
    assert.deepEqual((await second).trim().split('\n'), [
      'edge.service.request.total:1|c',
      'edge.service.request.duration:1200|ms',
      'edge.service.server.up:1|g',
    ])
  })
})

describe('Datadog', () => {
  it('gets tags, and durations weighed by their rate', async (t) => {
    const receiver = await udpReceiver(t)
    const exporter = await makeOne(t, { datadog: {} }, { DD_AGENT_HOST: '127.0.0.1', DD_DOGSTATSD_PORT: String(receiver.port) })
    const message = receiver.next()
    await exporter.push(snapshotOf(5, [4, 1, 0, 0]))
    assert.deepEqual((await message).trim().split('\n'), [
      'traefik.service.request.total:5|c|#code:200,service:a b@file',
      'traefik.service.request.duration:0.05|h|@0.25|#code:200,service:a b@file',
      'traefik.service.request.duration:0.2|h|#code:200,service:a b@file',
      'traefik.service.server.up:1|g|#code:200,service:a b@file',
    ])
  })

  it('is reached over a Unix stream socket, with the length in front', async (t) => {
    const path = join(temporaryFolder(t), 'dsd.sock')
    const server = createNetServer((socket) => socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => socket.end()))
    const chunks: Buffer[] = []
    server.listen(path)
    await once(server, 'listening')
    t.after(() => server.close())
    const exporter = await makeOne(t, { datadog: { address: `unixstream://${path}` } })
    const ended = once(server, 'connection').then(([socket]: unknown[]) => once(socket as NodeJS.EventEmitter, 'close'))
    await exporter.push(snapshotOf(1, [1, 0, 0, 0]))
    await ended
    const bytes = Buffer.concat(chunks)
    assert.equal(bytes.readUInt32LE(), bytes.length - 4)
    assert.match(bytes.subarray(4).toString(), /^traefik\.service\.request\.total:1\|c\|#code:200/)
  })

  it('says which addresses cannot be used', () => {
    assert.throws(() => datadogTarget('unixgram:///x', {}), /Unix datagram sockets are not supported/)
    assert.throws(() => datadogTarget('host', {}), /metrics\.datadog\.address: "host" is not host:port/)
    assert.deepEqual(datadogTarget('unix:///run/dsd', {}), { kind: 'stream', path: '/run/dsd' })
    assert.deepEqual(datadogTarget('', { DD_AGENT_HOST: '::1' }), { kind: 'udp', host: '::1', port: 8125 })
  })
})

it('writes the line protocol of InfluxDB', async (t) => {
  const { origin, received } = await httpReceiver(t)
  const options = { address: origin, token: 'secret', org: 'o', bucket: 'b', additionalLabels: { region: 'eu,1' } }
  const exporter = await makeOne(t, { influxDB2: options })
  await exporter.push(snapshotOf(4, [2, 2, 0, 0]))
  const [request] = received
  assert.equal(request?.path, '/api/v2/write?org=o&bucket=b&precision=ns')
  assert.equal(request.headers['authorization'], 'Token secret')
  const tags = String.raw`code=200,region=eu\,1,service=a\ b@file`
  const at = `${timeMs}000000`
  assert.deepEqual(request.body.toString().trim().split('\n'), [
    `traefik.service.requests.total,${tags} count=4 ${at}`,
    `traefik.service.request.duration,${tags} p50=0.1,p90=0.26,p95=0.28,p99=0.296 ${at}`,
    `traefik.service.server.up,${tags} value=1 ${at}`,
  ])
})

describe('OTLP', () => {
  it('encodes cumulative metrics and the resource, over HTTP', async (t) => {
    const { origin, received } = await httpReceiver(t, 200)
    const options = {
      http: { endpoint: origin, headers: { 'X-Key': 'k' } },
      serviceName: 'edge',
      resourceAttributes: { team: 'a' },
      explicitBoundaries: [0.3],
    }
    const exporter = await makeOne(t, { otlp: options }, { OTEL_RESOURCE_ATTRIBUTES: 'team=b%20c' })
    await exporter.push(snapshotOf(4, [1, 1, 1, 1]))
    const [request] = received
    assert.equal(request?.path, '/v1/metrics')
    assert.equal(request.headers['x-key'], 'k')
    checkMessage(gunzipSync(request.body))
  })

  it('is spoken over gRPC, and its refusals are errors', async (t) => {
    let status = '0'
    const calls: { readonly path: string; readonly body: Buffer }[] = []
    const server = createHttp2Server()
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }))
      stream.on('end', () => {
        calls.push({ path: String(headers[':path']), body: Buffer.concat(chunks) })
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.end(Buffer.alloc(5))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const grpc = { endpoint: `127.0.0.1:${port}`, insecure: true }
    const exporter = await makeOne(t, {
      otlp: { grpc, serviceName: 'edge', resourceAttributes: { team: 'b c' }, explicitBoundaries: [0.3] },
    })
    await exporter.push(snapshotOf(4, [1, 1, 1, 1]))
    assert.equal(calls[0]?.path, '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export')
    assert.equal(calls[0].body[0], 1)
    assert.equal(calls[0].body.readUInt32BE(1), calls[0].body.length - 5)
    checkMessage(gunzipSync(calls[0].body.subarray(5)))
    status = '14'
    await assert.rejects(exporter.push(snapshotOf(4, [1, 1, 1, 1])), /gRPC status 14/)
  })
})

function checkMessage(message: Buffer): void {
  const [resourceMetrics] = protoBytes(message, 1)
  assert.ok(resourceMetrics !== undefined)
  const [resource] = protoBytes(resourceMetrics, 1)
  const attributes = new Map(protoBytes(resource ?? Buffer.alloc(0), 1).map((pair) => [protoText(pair, 1), protoBytes(pair, 2)[0]]))
  assert.equal(protoText(attributes.get('service.name') ?? Buffer.alloc(0), 1), 'edge')
  assert.equal(protoText(attributes.get('team') ?? Buffer.alloc(0), 1), 'b c')
  const [scope] = protoBytes(resourceMetrics, 2)
  const metrics = new Map(protoBytes(scope ?? Buffer.alloc(0), 2).map((metric) => [protoText(metric, 1), metric]))
  assert.deepEqual(
    [...metrics.keys()],
    ['traefik_service_requests_total', 'traefik_service_request_duration_seconds', 'traefik_service_server_up'],
  )
  const [sum] = protoBytes(metrics.get('traefik_service_requests_total') ?? Buffer.alloc(0), 7)
  const [point] = protoBytes(sum ?? Buffer.alloc(0), 1)
  assert.equal(protoBytes(point ?? Buffer.alloc(0), 4)[0]?.readDoubleLE(), 4)
  const [histogram] = protoBytes(metrics.get('traefik_service_request_duration_seconds') ?? Buffer.alloc(0), 9)
  const [observed] = protoBytes(histogram ?? Buffer.alloc(0), 1)
  const [counts] = protoBytes(observed ?? Buffer.alloc(0), 6)
  assert.deepEqual([counts?.readBigUInt64LE(0), counts?.readBigUInt64LE(8)], [2n, 2n])
}

it('goes on with the exporters that can work, and says what is wrong with the others', async () => {
  const errors: string[] = []
  const logger = { ...silentLogger, error: (message: string) => void errors.push(message) }
  const made = await make({ influxDB2: {}, statsD: {}, otlp: { grpc: { endpoint: 'nowhere' } } }, {}, logger)
  assert.deepEqual(
    made.map(({ name }) => name),
    ['metrics.statsD'],
  )
  assert.deepEqual(errors, [
    'cannot export metrics: metrics.influxDB2: token, org or bucket property is missing',
    'cannot export metrics: metrics.otlp.grpc.endpoint: invalid collector endpoint "nowhere": not host:port',
  ])
})

it('warns once of a collector that is away, never has two pushes under way, and pushes a last time', async () => {
  const clock = new ManualClock()
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
  let pushes = 0
  let open = Promise.withResolvers<void>()
  const switches = { addEntryPointsLabels: true, addRoutersLabels: true, addServicesLabels: true }
  const exporter: PushExporter = {
    name: 'metrics.test',
    intervalMs: 1000,
    switches,
    push: () => {
      pushes += 1
      return open.promise
    },
    close() {},
  }
  const loop = new PushLoop(exporter, { clock, logger, snapshot: () => snapshotOf(1, [1, 0, 0, 0]) })
  clock.advance(3000)
  assert.equal(pushes, 1)
  for (let failure = 0; failure < 2; failure += 1) {
    open.reject(new Error('away'))
    await new Promise(setImmediate)
    open = Promise.withResolvers<void>()
    clock.advance(1000)
  }
  assert.equal(pushes, 3)
  assert.deepEqual(warnings, ['metrics.test: cannot send metrics, trying again: away'])
  open.resolve()
  await loop.close()
  assert.equal(pushes, 4)
  assert.equal(clock.pending, 0)
})
