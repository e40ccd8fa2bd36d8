/**
 * The live numbers of the last minutes, for a dashboard: a ring of what the board's counters said from time to time. It needs no exporter; only quantiles do,
 * since durations are kept by bucket for exporters alone.
 */
import type { Board } from '../board/board.ts'
import { type EntryPointPlan, requestCounters, type RouterPlan, type ServicePlan } from '../generation/plan.ts'
import type { CancelTimer, Clock } from '../std/clock.ts'
import { quantileOf } from './deltas.ts'

/** Time between two looks, in milliseconds. */
const lookMs = 5000
/** Looks that are kept: five minutes. */
const looksMax = 60
/** Most objects of a sort; of more, the first ones by name are shown. */
const objectsMax = 2000
/** Without a question for so long nobody looks any more, in milliseconds. */
const idleMs = 10 * 60_000

/** Objects whose counters are looked at. */
export interface CountedPlans {
  readonly entryPoint: ReadonlyMap<string, EntryPointPlan>
  readonly router: ReadonlyMap<string, RouterPlan>
  readonly service: ReadonlyMap<string, ServicePlan>
}

/** Durations of an object by bucket, where metrics are on. */
export interface CountedDurations {
  readonly bounds: readonly number[]
  /** Sums of the buckets since the start by sort and name. */
  readonly buckets: ReadonlyMap<string, Float64Array>
}

/** What the ring leans on. */
export interface StatsContext {
  readonly board: Board
  readonly clock: Clock
  readonly plans: () => CountedPlans | null
  readonly durations: () => CountedDurations
}

/** Numbers of an object over the time between two looks; rates are per second. */
export interface StatsPoint {
  /** Wall time of the later look, in milliseconds. */
  readonly timeMs: number
  readonly requestsPerSecond: number
  /** Share of answers of 500 and above. */
  readonly errorShare: number
  readonly meanMs: number
  /** Null without metrics. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly receivedBytesPerSecond: number
  readonly sentBytesPerSecond: number
}

/** An object with its numbers, the oldest first. */
export interface StatsSeries {
  readonly points: readonly StatsPoint[]
  /** Open connections of an entry point; requests in flight of a server; null for others. */
  readonly open: number | null
}

/** All of them, by sort and name; servers by `service` and URL. */
export interface Stats {
  readonly intervalMs: number
  readonly entryPoints: Readonly<Record<string, StatsSeries>>
  readonly routers: Readonly<Record<string, StatsSeries>>
  readonly services: Readonly<Record<string, StatsSeries>>
  readonly servers: readonly { readonly service: string; readonly url: string; readonly inFlight: number }[]
}

interface Look {
  readonly timeMs: number
  readonly monotonicMs: number
  /** Counters of an object by sort and name. */
  readonly counters: ReadonlyMap<string, Float64Array>
  readonly durations: CountedDurations
}

/** Keeps the ring; looks only while somebody asks. */
export class StatsRing {
  readonly #context: StatsContext
  #looks: Look[] = []
  #cancel: CancelTimer | null = null
  #askedMs = 0

  constructor(context: StatsContext) {
    this.#context = context
  }

  /** The numbers now; the first question begins to look. */
  read(): Stats {
    const { board, plans } = this.#context
    this.#askedMs = this.#context.clock.monotonicMs()
    if (this.#cancel === null) this.#look()
    const now = plans()
    const servers = [...(now?.service.values() ?? [])]
      .flatMap((plan) => (plan.kind === 'loadBalancer' ? plan.servers.map((server) => ({ service: plan.name, server })) : []))
      .slice(0, objectsMax)
    return {
      intervalMs: lookMs,
      entryPoints: this.#series('entryPoint', now?.entryPoint ?? none, ({ connections }) => board.sumGauge(connections)),
      routers: this.#series('router', now?.router ?? none, () => null),
      services: this.#series('service', now?.service ?? none, () => null),
      servers: servers.map(({ service, server: { url, inFlight } }) => ({ service, url, inFlight: board.sumGauge(inFlight) })),
    }
  }

  /** Ends. */
  close(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#looks = []
  }

  #series<P>(sort: string, plans: ReadonlyMap<string, P>, open: (plan: P) => number | null): Record<string, StatsSeries> {
    // Names come from configuration, so that "__proto__" is one like any other.
    const found: Record<string, StatsSeries> = Object.create(null)
    for (const [name, plan] of firstOf(plans)) {
      const points: StatsPoint[] = []
      for (let index = 1; index < this.#looks.length; index += 1) {
        const point = pointOf(`${sort} ${name}`, this.#looks[index - 1]!, this.#looks[index]!)
        if (point !== null) points.push(point)
      }
      found[name] = { points, open: open(plan) }
    }
    return found
  }

  #look(): void {
    const { clock, plans, durations } = this.#context
    const monotonicMs = clock.monotonicMs()
    if (monotonicMs - this.#askedMs > idleMs) {
      this.close()
      return
    }
    this.#cancel = clock.after(lookMs, () => this.#look())
    const counters = new Map<string, Float64Array>()
    const now = plans()
    for (const [name, plan] of firstOf(now?.entryPoint ?? none)) this.#count(`entryPoint ${name}`, plan.counters, counters)
    for (const [name, plan] of firstOf(now?.router ?? none)) this.#count(`router ${name}`, plan.counters, counters)
    for (const [name, plan] of firstOf(now?.service ?? none))
      this.#count(`service ${name}`, 'counters' in plan ? (plan.counters ?? 0) : 0, counters)
    this.#looks.push({ timeMs: clock.now(), monotonicMs, counters, durations: durations() })
    if (this.#looks.length > looksMax) this.#looks.shift()
  }

  #count(key: string, place: number, counters: Map<string, Float64Array>): void {
    if (place === 0) return
    const numbers = new Float64Array(requestCounters.count)
    for (let offset = 0; offset < numbers.length; offset += 1) numbers[offset] = this.#context.board.sumCounter(place + offset)
    counters.set(key, numbers)
  }
}

const none: ReadonlyMap<string, never> = new Map<string, never>()

function firstOf<P>(plans: ReadonlyMap<string, P>): (readonly [string, P])[] {
  if (plans.size <= objectsMax) return [...plans]
  return [...plans].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, objectsMax)
}

function pointOf(key: string, before: Look, after: Look): StatsPoint | null {
  const [old, now] = [before.counters.get(key), after.counters.get(key)]
  if (old === undefined || now === undefined) return null
  const added = (offset: number): number => Math.max(0, (now[offset] ?? 0) - (old[offset] ?? 0))
  const seconds = (after.monotonicMs - before.monotonicMs) / 1000
  const requests = added(requestCounters.requests)
  const buckets = bucketsBetween(key, before.durations, after.durations)
  const quantileMs = (quantile: number): number | null =>
    buckets === null ? null : quantileOf(after.durations.bounds, buckets, quantile) * 1000
  return {
    timeMs: after.timeMs,
    requestsPerSecond: requests / seconds,
    errorShare: requests === 0 ? 0 : added(requestCounters.status5xx) / requests,
    meanMs: requests === 0 ? 0 : added(requestCounters.durationMs) / requests,
    p50Ms: quantileMs(0.5),
    p95Ms: quantileMs(0.95),
    p99Ms: quantileMs(0.99),
    receivedBytesPerSecond: added(requestCounters.requestBytes) / seconds,
    sentBytesPerSecond: added(requestCounters.responseBytes) / seconds,
  }
}

/** Null when nothing was measured in between, or by other bounds. */
function bucketsBetween(key: string, before: CountedDurations, after: CountedDurations): Float64Array | null {
  const now = after.buckets.get(key)
  if (now === undefined || before.bounds.join() !== after.bounds.join()) return null
  const old = before.buckets.get(key)
  const added = now.map((count, index) => Math.max(0, count - (old?.[index] ?? 0)))
  return added.some((count) => count > 0) ? added : null
}
