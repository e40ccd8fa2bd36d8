import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { SeriesWriter } from '../board/series.ts'
import { metrics as metricsSchema } from '../config/install/metrics.ts'
import { decodeTree } from '../config/schema/decode.ts'
import type { ControlRequest } from '../generation/messages.ts'
import { Deltas, quantileOf } from './deltas.ts'
import { families } from './families.ts'
import { fineBounds, metricsPlan } from './metrics-plan.ts'
import { coarser } from './otlp-metrics.ts'
import { processFamilies } from './process-families.ts'
import { answerScrape, bucketsOf, expose } from './prometheus.ts'
import { SeriesStore } from './series-store.ts'
import { collectSeries, SampleCollector, type Snapshot } from './snapshot.ts'

const clock = new ManualClock()
const seconds = families.serviceDuration

/** A worker's writer that tells a store. */
function writerFor(store: SeriesStore, worker: object): SeriesWriter {
  return new SeriesWriter({ post: (news) => store.take(worker, news), soon() {}, monotonicMs: () => clock.monotonicMs() })
}

describe('SeriesStore', () => {
  it('sums over workers, and keeps what a dead one has counted', () => {
    const store = new SeriesStore(() => 0)
    const [one, two] = [{}, {}]
    const labels = ['web', 'ok']
    const writers = [writerFor(store, one), writerFor(store, two)] as const
    const first = writers[0].define('handshakes', labels, 1)
    const second = writers[1].define('handshakes', labels, 1)
    for (const writer of writers) writer.flush()
    first.numbers[0] = 3
    second.numbers[0] = 4
    const sum = (): number | undefined => store.sums(() => true, true)[0]?.numbers[0]
    assert.equal(sum(), 7)
    store.end(one)
    second.numbers[0] = 5
    assert.equal(sum(), 8)
  })

  it('shows series of objects that are gone once more, and states of workers not at all', () => {
    const store = new SeriesStore(() => 0)
    const worker = {}
    const writer = writerFor(store, worker)
    const run = writer.define('serviceRetries', ['a@file'], 1)
    writer.define('heap', ['1'], 1)
    run.numbers[0] = 2
    writer.flush()
    writer.release(run)
    writer.flush()
    assert.deepEqual(
      store.sums(() => false, false).map(({ kind }) => kind),
      ['serviceRetries', 'heap'],
    )
    store.end(worker)
    assert.deepEqual(
      store.sums(() => false, true).map(({ kind, numbers }) => [kind, numbers[0]]),
      [['serviceRetries', 2]],
    )
    assert.deepEqual(
      store.sums(() => false, true),
      [],
    )
  })

  it('forgets what nobody reads after a while', () => {
    let nowMs = 1
    const store = new SeriesStore(() => nowMs)
    const worker = {}
    const writer = writerFor(store, worker)
    writer.define('serviceRetries', ['a@file'], 1)
    writer.flush()
    store.end(worker)
    assert.equal(store.sums(() => false, false).length, 1)
    nowMs += 16 * 60_000
    store.sums(() => false, false)
    assert.equal(store.sums(() => false, false).length, 0)
  })
})

describe('SeriesWriter', () => {
  it('uses memory of freed runs again once they have rested, and shares one run when there is none left', () => {
    const store = new SeriesStore(() => 0)
    const writer = writerFor(store, {})
    const big = writer.define('router', [], 16_384)
    big.numbers.fill(7)
    writer.release(big)
    assert.notEqual(writer.define('router', ['early'], 16_384).numbers.byteOffset + big.numbers.length, 0)
    clock.advance(16 * 60_000)
    const reused = writer.define('router', ['late'], 16_384)
    assert.equal(reused.numbers.buffer, big.numbers.buffer)
    assert.equal(reused.numbers[5], 0)
    assert.equal(writer.define('router', [], 16_385).id, 0)
  })
})

function snapshotWith(value: number, buckets: readonly number[] | null): Snapshot {
  const sample = {
    labels: [['service', 'a"\\b\n']] as const,
    value,
    buckets: buckets === null ? null : Float64Array.from(buckets),
    sum: 1.5,
  }
  return {
    timeMs: 0,
    bounds: [0.1, 0.3, 5],
    families: [{ info: buckets === null ? families.serviceRequests : seconds, samples: [sample] }],
  }
}

describe('Prometheus', () => {
  it('writes the buckets that are asked for, cumulated, and escapes labels', () => {
    const text = expose(snapshotWith(6, [1, 2, 3, 0]), [0.1, 5], 'text')
    const label = String.raw`service="a\"\\b\n"`
    assert.deepEqual(text.split('\n').slice(1), [
      '# TYPE traefik_service_request_duration_seconds histogram',
      `traefik_service_request_duration_seconds_bucket{${label},le="0.1"} 1`,
      `traefik_service_request_duration_seconds_bucket{${label},le="5"} 6`,
      `traefik_service_request_duration_seconds_bucket{${label},le="+Inf"} 6`,
      `traefik_service_request_duration_seconds_sum{${label}} 1.5`,
      `traefik_service_request_duration_seconds_count{${label}} 6`,
      '',
    ])
  })

  it('names counters without their suffix in OpenMetrics, and ends it', () => {
    const lines = expose(snapshotWith(6, null), [], 'openMetrics').trim().split('\n')
    assert.equal(lines[1], '# TYPE traefik_service_requests counter')
    assert.match(lines[2] ?? '', /^traefik_service_requests_total\{.*\} 6$/)
    assert.equal(lines.at(-1), '# EOF')
  })

  const negotiation: readonly (readonly [accept: string, type: RegExp])[] = [
    ['', /^text\/plain; version=0\.0\.4/],
    ['*/*', /^text\/plain/],
    ['application/openmetrics-text;version=1.0.0,text/plain;q=0.5', /^application\/openmetrics-text; version=1\.0\.0/],
    ['application/openmetrics-text;q=0.2,text/plain;q=0.5', /^text\/plain/],
    ['application/openmetrics-text;q=nonsense', /^text\/plain/],
  ]
  for (const [accept, type] of negotiation) {
    it(`answers "${accept}" in the right format`, async () => {
      const answer = await answerScrape(requestWith([['Accept', accept]]), snapshotWith(1, null), [])
      assert.match(answer.headers.find(([name]) => name === 'Content-Type')?.[1] ?? '', type)
    })
  }

  it('compresses what is worth it', async () => {
    const { families: all, ...rest } = snapshotWith(1, null)
    const long = { ...rest, families: Array.from({ length: 20 }, () => all[0]!) }
    const answer = await answerScrape(requestWith([['accept-encoding', 'br, gzip;q=0.5']]), long, [])
    assert.deepEqual(answer.headers.at(-1), ['Content-Encoding', 'gzip'])
    assert.ok(typeof answer.body !== 'string')
    assert.equal(gunzipSync(answer.body).toString(), expose(long, [], 'text'))
    const refused = await answerScrape(requestWith([['accept-encoding', 'gzip;q=0']]), long, [])
    assert.equal(refused.headers.length, 1)
  })
})

function requestWith(headers: readonly (readonly [string, string])[]): ControlRequest {
  const body = new Uint8Array(0)
  return { target: 'prometheus', method: 'GET', path: '/metrics', query: '', headers, host: 'x', remoteIp: '127.0.0.1', user: null, body }
}

it('measures once for all exporters: the union of their buckets and switches', () => {
  const plan = (tree: unknown) => metricsPlan(decodeTree(metricsSchema, tree, { source: 'file' }).value)
  assert.equal(plan({ addInternals: true }), null)
  const both = plan({
    prometheus: { buckets: [5, 1], headerLabels: { b: 'X-B', a: 'X-A' } },
    otlp: { explicitBoundaries: [2, 1], addRoutersLabels: true },
  })
  assert.deepEqual(both, { bounds: [1, 2, 5], headers: ['x-a', 'x-b'], entryPoints: true, routers: true, services: true })
  assert.deepEqual(plan({ statsD: { addServicesLabels: false } })?.bounds, fineBounds)
})

it('makes coarser buckets of finer ones, wherever bounds lie', () => {
  assert.deepEqual(coarser(Float64Array.of(1, 2, 4, 8), [0.1, 0.3, 5], [0.3]), [3, 12])
  assert.deepEqual(coarser(Float64Array.of(1, 2, 4, 8), [0.1, 0.3, 5], []), [15])
  assert.deepEqual(
    bucketsOf([0.1, 0.3], [0.3, 9]).map(({ le, behind }) => [le, behind]),
    [
      ['0.3', 2],
      ['+Inf', 3],
    ],
  )
})

it('tells increments since what arrived, also after a series began anew', () => {
  const deltas = new Deltas()
  const all = (): boolean => true
  const values = (snapshot: Snapshot): (number | readonly number[])[] =>
    deltas.of(snapshot, all).map(({ value, buckets }) => (buckets === null ? value : [value, ...buckets]))
  assert.deepEqual(values(snapshotWith(3, [1, 2, 0, 0])), [[3, 1, 2, 0, 0]])
  deltas.commit(snapshotWith(3, [1, 2, 0, 0]), all)
  assert.deepEqual(values(snapshotWith(3, [1, 2, 0, 0])), [])
  assert.deepEqual(values(snapshotWith(4, [1, 2, 1, 0])), [[1, 0, 0, 1, 0]])
  assert.deepEqual(values(snapshotWith(1, [1, 0, 0, 0])), [[1, 1, 0, 0, 0]])
})

it('finds quantiles within their bucket', () => {
  const buckets = Float64Array.of(2, 2, 0, 0)
  assert.equal(quantileOf([0.1, 0.3, 5], buckets, 0.5), 0.1)
  assert.equal(quantileOf([0.1, 0.3, 5], buckets, 1), 0.3)
  assert.equal(quantileOf([0.1, 0.3, 5], Float64Array.of(0, 0, 0, 4), 0.5), 5)
})

it('makes requests with header labels a family of their own', () => {
  const collector = new SampleCollector()
  const numbers = Float64Array.of(2, 0.5, 10, 20, 2, 0)
  collectSeries(
    [
      { kind: 'service', labels: ['200', 'GET', 'http', 'a@file'], numbers },
      { kind: 'serviceHeaders', labels: ['200', 'GET', 'http', 'a@file', 'blue'], numbers: Float64Array.of(2) },
    ],
    ['team'],
    collector,
  )
  const requests = collector.families().filter(({ info }) => info === families.serviceRequests)
  assert.deepEqual(
    requests.map(({ samples }) => samples.map(({ labels, value }) => [labels.at(-1), value])),
    [[[['team', 'blue'], 2]]],
  )
})

it('is documented: docs/metrics.md lists every metric with its type and labels', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'metrics.md'), 'utf8')
  const listed = [...text.matchAll(/^\| `([^`]+)` *\| (\w+) *\| ([^|]*)\|/gm)].map(
    ([, name, type, labels]) => `${name} ${type} ${labels?.trim()}`,
  )
  const known = [...Object.values(families), ...processFamilies].map(({ name, type, labels }) => `${name} ${type} ${labels.join(', ')}`)
  assert.deepEqual(listed.toSorted(), known.toSorted())
})
