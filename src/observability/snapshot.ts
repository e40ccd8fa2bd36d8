/** All numbers at one moment, in a form that every exporter can write. */
import { loopNumbers, requestNumbers, type SeriesKind } from '../board/series-kinds.ts'
import { families, type FamilyInfo, type FamilyKey } from './families.ts'
import type { SeriesSum } from './series-store.ts'

/** A label with its value. */
export type Label = readonly [name: string, value: string]

/** One number, or one histogram. */
export interface Sample {
  readonly labels: readonly Label[]
  /** Of a counter or gauge. */
  readonly value: number
  /** Of a histogram: observations by bucket of the plan's bounds, one bucket more than bounds. */
  readonly buckets: Float64Array | null
  /** Of a histogram: the sum in seconds. */
  readonly sum: number
}

/** A metric with its samples. */
export interface Family {
  readonly info: FamilyInfo
  readonly samples: readonly Sample[]
}

/** Numbers at one moment. */
export interface Snapshot {
  /** Wall time in milliseconds. */
  readonly timeMs: number
  /** Bounds of the buckets in seconds. */
  readonly bounds: readonly number[]
  readonly families: readonly Family[]
}

/** Collects samples by metric. */
export class SampleCollector {
  readonly #samples = new Map<FamilyKey, Sample[]>()

  add(key: FamilyKey, labels: readonly Label[], value: number): void {
    this.#list(key).push({ labels, value, buckets: null, sum: 0 })
  }

  addHistogram(key: FamilyKey, labels: readonly Label[], numbers: Float64Array): void {
    // A copy: sums go on while an exporter waits for its collector.
    const buckets = numbers.slice(requestNumbers.buckets)
    this.#list(key).push({ labels, value: numbers[requestNumbers.count] ?? 0, buckets, sum: numbers[requestNumbers.seconds] ?? 0 })
  }

  /** What was collected, sorted by name. */
  families(): Family[] {
    const found = [...this.#samples].map(([key, samples]) => ({ info: families[key], samples }))
    return found.sort((a, b) => (a.info.name < b.info.name ? -1 : 1))
  }

  #list(key: FamilyKey): Sample[] {
    let list = this.#samples.get(key)
    if (list === undefined) this.#samples.set(key, (list = []))
    return list
  }
}

/** Adds the series of workers. `headerLabels` are the names of the labels that request headers make, in the order of the plan. */
export function collectSeries(sums: readonly SeriesSum[], headerLabels: readonly string[], collector: SampleCollector): void {
  for (const sum of sums) collectors[sum.kind](sum, collector, headerLabels)
}

type Collect = (sum: SeriesSum, collector: SampleCollector, headerLabels: readonly string[]) => void

/** How series of each kind become samples. Where headers are labels, requests are counted by the series that have them. */
const collectors: Readonly<Record<SeriesKind, Collect>> = {
  entryPoint: requests('entrypoint'),
  router: requests('router'),
  service: requests('service'),
  entryPointTls: count('entrypointTls'),
  routerTls: count('routerTls'),
  serviceTls: count('serviceTls'),
  entryPointHeaders: withHeaders('entrypointRequests'),
  routerHeaders: withHeaders('routerRequests'),
  serviceHeaders: withHeaders('serviceRequests'),
  entryPointReason: count('entryPointReasons'),
  routerReason: count('routerReasons'),
  serviceRetries(sum, collector) {
    count('retries')(sum, collector, [])
    count('ownRetries')(sum, collector, [])
  },
  server(sum, collector) {
    count('serverRequests')(sum, collector, [])
    collector.addHistogram('serverDuration', labelsOf('serverDuration', sum.labels), sum.numbers)
  },
  middleware(sum, collector) {
    count('middlewareRequests')(sum, collector, [])
    collector.addHistogram('middlewareDuration', labelsOf('middlewareDuration', sum.labels), sum.numbers)
  },
  middlewareAnswers(sum, collector) {
    // Series have the code in front, as those of requests do.
    const [code = '', middleware = ''] = sum.labels
    collector.add('middlewareAnswers', labelsOf('middlewareAnswers', [middleware, code]), sum.numbers[0] ?? 0)
  },
  handshakes: count('handshakes'),
  heap: count('heap'),
  upstreams: count('upstreams'),
  dropped: count('dropped'),
  loop(sum, collector) {
    const [worker = ''] = sum.labels
    for (const [quantile, place] of [
      ['0.5', loopNumbers.p50],
      ['0.99', loopNumbers.p99],
      ['1', loopNumbers.max],
    ] as const)
      collector.add('loopDelay', labelsOf('loopDelay', [worker, quantile]), sum.numbers[place] ?? 0)
  },
}

/** Requests are counted apart where headers are labels of the count. */
function requests(prefix: 'entrypoint' | 'router' | 'service'): Collect {
  return ({ labels: values, numbers }, collector, headerLabels) => {
    const labels = labelsOf(`${prefix}Requests`, values)
    if (headerLabels.length === 0) collector.add(`${prefix}Requests`, labels, numbers[requestNumbers.count] ?? 0)
    collector.addHistogram(`${prefix}Duration`, labels, numbers)
    collector.add(`${prefix}RequestBytes`, labels, numbers[requestNumbers.requestBytes] ?? 0)
    collector.add(`${prefix}ResponseBytes`, labels, numbers[requestNumbers.responseBytes] ?? 0)
  }
}

function withHeaders(key: FamilyKey): Collect {
  return ({ labels, numbers }, collector, headerLabels) => {
    if (headerLabels.length === 0) return
    const own = families[key].labels.length
    const all = labelsOf(key, labels)
    for (const [index, name] of headerLabels.entries()) all.push([name, labels[own + index] ?? ''])
    collector.add(key, all, numbers[0] ?? 0)
  }
}

function count(key: FamilyKey): Collect {
  return ({ labels, numbers }, collector) => collector.add(key, labelsOf(key, labels), numbers[0] ?? 0)
}

/** Labels of a metric with these values, in the order of its names. */
export function labelsOf(key: FamilyKey, values: readonly string[]): Label[] {
  return families[key].labels.map((name, index) => [name, values[index] ?? ''])
}
