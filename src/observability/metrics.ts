/** Metrics of the process: what workers count and what the control plane knows, for all exporters that are on. */
import type { X509Certificate } from 'node:crypto'
import { type Board, serverState } from '../board/board.ts'
import { requestNumbers, type SeriesKind, type SeriesNews } from '../board/series-kinds.ts'
import type { InstallConfiguration } from '../config/install/install.ts'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import type { EntryPointPlan, MiddlewarePlan, RouterPlan, ServicePlan } from '../generation/plan.ts'
import type { Clock } from '../std/clock.ts'
import type { Logger } from '../std/log.ts'
import { boundsOf, metricsPlan } from './metrics-plan.ts'
import { collectProcess } from './process-families.ts'
import { answerScrape } from './prometheus.ts'
import { type PushExporter, PushLoop } from './push-loop.ts'
import { SeriesStore } from './series-store.ts'
import { collectSeries, type Family, labelsOf, SampleCollector, type Snapshot } from './snapshot.ts'
import type { CountedDurations } from './stats.ts'

type Objects = ReadonlyMap<string, { readonly status: string }>

/** A generation as far as metrics show it. */
export interface MeasuredGeneration {
  readonly state: {
    readonly generation: number
    readonly install: InstallConfiguration
    readonly routers: Objects
    readonly middlewares: Objects
    readonly tcpRouters: Objects
    readonly tcpServices: Objects
    readonly tcpMiddlewares: Objects
    readonly udpRouters: Objects
    readonly udpServices: Objects
    readonly services: ReadonlyMap<
      string,
      { readonly status: string; readonly config: { readonly loadBalancer?: { readonly healthCheck?: unknown } } }
    >
    readonly certificates: ReadonlyMap<string, { readonly x509: X509Certificate }>
  }
  readonly plans: {
    readonly entryPoint: ReadonlyMap<string, EntryPointPlan>
    readonly router: ReadonlyMap<string, RouterPlan>
    readonly service: ReadonlyMap<string, ServicePlan>
    readonly middleware: ReadonlyMap<string, MiddlewarePlan>
  }
}

/** What metrics lean on. */
export interface MetricsContext {
  readonly board: Board
  readonly clock: Clock
  readonly logger: Logger
  readonly workers: () => number
  /** Makes the exporters that push; loaded when the first of them is configured. */
  readonly exporters: (metrics: NonNullable<InstallConfiguration['metrics']>) => Promise<readonly PushExporter[]>
}

/** Keeps the numbers of all workers, and the exporters. */
export class Metrics {
  readonly #context: MetricsContext
  readonly #store: SeriesStore
  #generation: MeasuredGeneration | null = null
  #reloads = 0
  #lastReloadMs = 0
  readonly #installs = { success: { count: 0, lastMs: 0 }, failure: { count: 0, lastMs: 0 } }
  #exportersKey = ''
  #pushing: readonly PushLoop[] = []
  #configuring: Promise<void> = Promise.resolve()
  #bounds: readonly number[] = []

  constructor(context: MetricsContext) {
    this.#context = context
    this.#store = new SeriesStore(() => context.clock.monotonicMs())
  }

  /** A generation was resolved and handed to the workers. */
  update(generation: MeasuredGeneration): void {
    this.#generation = generation
    this.#reloads += 1
    this.#lastReloadMs = this.#context.clock.now()
    const { metrics } = generation.state.install
    this.#bounds = metricsPlan(metrics)?.bounds ?? []
    const key = JSON.stringify(metrics ?? null)
    if (key === this.#exportersKey) return
    this.#exportersKey = key
    this.#configuring = this.#configuring.then(() => this.#configure(metrics))
  }

  /** The install configuration was read anew, and could be used or not. */
  installReloaded(isSound: boolean): void {
    const result = isSound ? this.#installs.success : this.#installs.failure
    result.count += 1
    result.lastMs = this.#context.clock.now()
  }

  /** Takes news of a worker's series. */
  takeSeries(worker: object, news: SeriesNews): void {
    this.#store.take(worker, news)
  }

  /** A worker is gone. */
  endSeries(worker: object): void {
    this.#store.end(worker)
  }

  /** Answers a request to `prometheus@internal`. */
  async answer(request: ControlRequest): Promise<ControlResponse> {
    const prometheus = this.#generation?.state.install.metrics?.prometheus
    if (prometheus === undefined) return { status: 404, headers: [], body: '' }
    // What other workers have told before this request was asked for is still to be read.
    await new Promise((resolve) => setImmediate(resolve))
    const headerLabels = Object.keys(prometheus.headerLabels).sort()
    return answerScrape(request, this.snapshot(prometheus, headerLabels, true), boundsOf(prometheus.buckets))
  }

  /** All numbers now, as far as an exporter shows them. */
  snapshot(switches: LabelSwitches, headerLabels: readonly string[], forgets: boolean): Snapshot {
    const collector = new SampleCollector()
    const { clock } = this.#context
    const sums = this.#store.sums((kind, labels) => this.#isThere(kind, labels), forgets)
    collectSeries(sums, headerLabels, collector)
    const measured = new Set(sums.flatMap(({ kind, labels }) => (kind === 'service' ? [labels[3] ?? ''] : [])))
    this.#collectState(collector, measured)
    const families: Family[] = [...collector.families(), ...collectProcess()]
      .filter(({ info: { group } }) => {
        if (group === 'entryPoints') return switches.addEntryPointsLabels
        if (group === 'routers') return switches.addRoutersLabels
        return group === 'services' ? switches.addServicesLabels : true
      })
      .sort((a, b) => (a.info.name < b.info.name ? -1 : 1))
    return { timeMs: clock.now(), bounds: this.#bounds, families }
  }

  /** Durations by bucket of entry points, routers and services, by sort and name. */
  durations(): CountedDurations {
    const buckets = new Map<string, Float64Array>()
    for (const { kind, labels, numbers } of this.#store.sums((known, values) => this.#isThere(known, values), false)) {
      if (kind !== 'entryPoint' && kind !== 'router' && kind !== 'service') continue
      const key = `${kind} ${labels[3] ?? ''}`
      const added = numbers.subarray(requestNumbers.buckets)
      const sum = buckets.get(key)
      if (sum === undefined) buckets.set(key, added.slice())
      else for (let index = 0; index < added.length; index += 1) sum[index]! += added[index] ?? 0
    }
    return { bounds: this.#bounds, buckets }
  }

  /** Resolves when what is configured is in force. */
  settled(): Promise<void> {
    return this.#configuring
  }

  /** Pushes what is left and ends. */
  async close(): Promise<void> {
    await this.#configuring
    await Promise.all(this.#pushing.map((loop) => loop.close()))
    this.#pushing = []
  }

  async #configure(metrics: InstallConfiguration['metrics']): Promise<void> {
    const { exporters, logger, clock } = this.#context
    const before = this.#pushing
    this.#pushing = []
    await Promise.all(before.map((loop) => loop.close()))
    if (metrics === undefined) return
    const isScraped = metrics.prometheus !== undefined
    try {
      const made = await exporters(metrics)
      this.#pushing = made.map(
        (exporter, index) =>
          new PushLoop(exporter, {
            clock,
            logger,
            // Whoever reads last makes series of objects that are gone be forgotten.
            snapshot: () => this.snapshot(exporter.switches, [], !isScraped && index === made.length - 1),
          }),
      )
    } catch (cause) {
      logger.error(`metrics: cannot start exporters: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  }

  /** `measured` are the services that have been asked by a router whose requests count. */
  #collectState(collector: SampleCollector, measured: ReadonlySet<string>): void {
    const { board, workers } = this.#context
    const { success, failure } = this.#installs
    collector.add('reloads', [], this.#reloads)
    collector.add('lastReload', [], this.#lastReloadMs / 1000)
    collector.add('workers', [], workers())
    for (const [result, { count, lastMs }] of [
      ['success', success],
      ['failure', failure],
    ] as const) {
      collector.add('installReloads', labelsOf('installReloads', [result]), count)
      if (lastMs > 0) collector.add('lastInstall', labelsOf('lastInstall', [result]), lastMs / 1000)
    }
    const generation = this.#generation
    if (generation === null) return
    const { state, plans } = generation
    collector.add('generation', [], state.generation)
    for (const { name, protocol, connections } of plans.entryPoint.values()) {
      if (protocol === 'tcp') collector.add('openConnections', labelsOf('openConnections', [name, 'TCP']), board.sumGauge(connections))
    }
    for (const { x509 } of state.certificates.values()) collectCertificate(x509, collector)
    for (const plan of plans.service.values())
      if (plan.kind === 'loadBalancer') this.#collectServers(plan, collector, measured.has(plan.name))
    collectObjects(state, collector)
  }

  #collectServers(plan: Extract<ServicePlan, { kind: 'loadBalancer' }>, collector: SampleCollector, isMeasured: boolean): void {
    const { board } = this.#context
    const isChecked = this.#generation?.state.services.get(plan.name)?.config.loadBalancer?.healthCheck !== undefined
    for (const { url, stateCell, inFlight } of plan.servers) {
      const labels = [plan.name, url]
      if (isChecked)
        collector.add('serverUp', labelsOf('serverUp', labels), Atomics.load(board.cells, stateCell) === serverState.down ? 0 : 1)
      if (isMeasured && inFlight !== 0) collector.add('serverState', labelsOf('serverState', labels), board.sumGauge(inFlight))
    }
  }

  /** Whether the object of a series is there now. */
  #isThere(kind: SeriesKind, labels: readonly string[]): boolean {
    const plans = this.#generation?.plans
    if (plans === undefined) return false
    const at = (index: number): string => labels[index] ?? ''
    switch (kind) {
      case 'entryPoint':
      case 'entryPointHeaders':
        return plans.entryPoint.has(at(3))
      case 'entryPointTls':
        return plans.entryPoint.has(at(2))
      case 'entryPointReason':
      case 'handshakes':
        return plans.entryPoint.has(at(0))
      case 'router':
      case 'routerHeaders':
        return plans.router.get(at(3))?.service === at(4)
      case 'routerTls':
        return plans.router.get(at(2))?.service === at(3)
      case 'routerReason':
        return plans.router.get(at(0))?.service === at(1)
      case 'service':
      case 'serviceHeaders':
        return plans.service.has(at(3))
      case 'serviceTls':
        return plans.service.has(at(2))
      case 'serviceRetries':
        return plans.service.has(at(0))
      case 'server': {
        const plan = plans.service.get(at(1))
        return plan?.kind === 'loadBalancer' && plan.servers.some(({ url }) => url === at(2))
      }
      case 'middleware':
        return plans.middleware.has(at(0))
      case 'middlewareAnswers':
        return plans.middleware.has(at(1))
      default:
        return true
    }
  }
}

/** Which groups of metrics an exporter shows. */
export interface LabelSwitches {
  readonly addEntryPointsLabels: boolean
  readonly addRoutersLabels: boolean
  readonly addServicesLabels: boolean
}

/** Serial in decimal digits, as Traefik has it. */
function collectCertificate(x509: X509Certificate, collector: SampleCollector): void {
  const commonName = /^CN=(.*)$/m.exec(x509.subject)?.[1] ?? ''
  const names = (x509.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice(4))
  const labels = [commonName, BigInt(`0x${x509.serialNumber}`).toString(), names.join(',')]
  collector.add('certificates', labelsOf('certificates', labels), x509.validToDate.getTime() / 1000)
}

function collectObjects(state: MeasuredGeneration['state'], collector: SampleCollector): void {
  const kinds: readonly (readonly [string, Objects])[] = [
    ['http_router', state.routers],
    ['http_service', state.services],
    ['http_middleware', state.middlewares],
    ['tcp_router', state.tcpRouters],
    ['tcp_service', state.tcpServices],
    ['tcp_middleware', state.tcpMiddlewares],
    ['udp_router', state.udpRouters],
    ['udp_service', state.udpServices],
  ]
  for (const [kind, objects] of kinds) {
    const counts = new Map([
      ['enabled', 0],
      ['warning', 0],
      ['disabled', 0],
    ])
    for (const { status } of objects.values()) counts.set(status, (counts.get(status) ?? 0) + 1)
    for (const [status, count] of counts) collector.add('objects', labelsOf('objects', [kind, status]), count)
  }
}
