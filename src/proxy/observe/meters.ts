/** A worker's metrics from one generation to the next: there is a recorder while an exporter is on, and nothing otherwise. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { loopNumbers } from '../../board/series-kinds.ts'
import { SeriesWriter, type SeriesWriterInput } from '../../board/series.ts'
import type { MetricsPlan } from '../../generation/metrics-plan.ts'
import type { CancelTimer, Clock } from '../../std/clock.ts'
import { type MeasuredPlans, Recorder } from './recorder.ts'

/** Time between two looks at the state of a worker, in milliseconds. */
const lookMs = 1000
/** How often the event loop is probed, in milliseconds; what Node measures includes this time. */
const probeMs = 10

/** Delays of the event loop in nanoseconds, as Node measures them. */
export interface LoopDelay {
  readonly mean: number
  readonly max: number
  percentile(percentile: number): number
  reset(): void
  /** Stops measuring. */
  disable(): unknown
}

/** What meters need of their worker. */
export interface MetersInput {
  /** Number of the worker. */
  readonly worker: string
  readonly clock: Clock
  readonly post: SeriesWriterInput['post']
  readonly soon: SeriesWriterInput['soon']
  /** Tells the number of open and idle connections to each server. */
  readonly poolSizes: (tell: (server: string, open: number, idle: number) => void) => void
  /** Starts measuring the event loop. */
  readonly watchLoop?: () => LoopDelay
}

/** Keeps the recorder. */
export class Meters {
  readonly #input: MetersInput
  readonly #writer: SeriesWriter
  #recorder: Recorder | null = null
  #key = ''
  #loop: LoopDelay | null = null
  #cancel: CancelTimer | null = null

  constructor(input: MetersInput) {
    this.#input = input
    this.#writer = new SeriesWriter({ post: input.post, soon: input.soon, monotonicMs: () => input.clock.monotonicMs() })
  }

  /** Measures; null while nobody wants numbers. */
  get recorder(): Recorder | null {
    return this.#recorder
  }

  /** Takes the plan of a generation that is being built; equal plans go on with their series. */
  use(plan: MetricsPlan | null): Recorder | null {
    const key = plan === null ? '' : JSON.stringify(plan)
    if (key === this.#key) return this.#recorder
    this.#key = key
    this.#recorder?.close()
    this.#recorder = plan === null ? null : new Recorder(plan, this.#writer)
    if (plan === null) this.#stop()
    else this.#start()
    return this.#recorder
  }

  /** Another generation is in force. */
  serve(plans: MeasuredPlans): void {
    this.#recorder?.serve(plans)
  }

  /** Tells what is left to be told, and measures nothing more. */
  close(): void {
    this.#stop()
    this.#writer.flush()
  }

  #start(): void {
    this.#loop ??= (this.#input.watchLoop ?? watchLoop)()
    if (this.#cancel === null) this.#look()
  }

  #stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#loop?.disable()
    this.#loop = null
  }

  #look(): void {
    const { clock, worker, poolSizes } = this.#input
    this.#cancel = clock.after(lookMs, () => this.#look())
    const recorder = this.#recorder
    const loop = this.#loop
    if (recorder === null || loop === null) return
    const delays = recorder.gauge('loop', [worker], loopNumbers.count)
    delays[loopNumbers.mean] = delaySeconds(loop.mean)
    delays[loopNumbers.p50] = delaySeconds(loop.percentile(50))
    delays[loopNumbers.p99] = delaySeconds(loop.percentile(99))
    delays[loopNumbers.max] = delaySeconds(loop.max)
    loop.reset()
    recorder.gauge('heap', [worker], 1)[0] = getHeapStatistics().used_heap_size
    const sizes = new Map<string, number>()
    poolSizes((server, open, idle) => {
      add(sizes, `${server}\nidle`, idle)
      add(sizes, `${server}\nactive`, open - idle)
    })
    for (const [key, size] of sizes) recorder.gauge('upstreams', key.split('\n'), 1)[0] = size
    recorder.keepGauges('upstreams', new Set(sizes.keys()))
  }
}

function add(sizes: Map<string, number>, key: string, size: number): void {
  sizes.set(key, (sizes.get(key) ?? 0) + size)
}

function watchLoop(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: probeMs })
  histogram.enable()
  return histogram
}

/** Without the time between two probes; 0 before the first one. */
function delaySeconds(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - probeMs / 1e3) : 0
}
