/**
 * Measures what a worker does, by entry point, router, service, server, middleware and reason. It exists only while an exporter of metrics is on. Objects get
 * their series with their first request, and lose them with the generation that does without them.
 */
import { requestNumbers, type SeriesKind } from '../../board/series-kinds.ts'
import type { SeriesRun, SeriesWriter } from '../../board/series.ts'
import type { MetricsPlan } from '../../generation/metrics-plan.ts'
import type { EntryPointPlan, MiddlewarePlan, RouterPlan, ServicePlan } from '../../generation/plan.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Reason } from '../http/reasons.ts'
import { codeOf, isGrpcWeb, kindsMax, requestKind, serverCodeOf } from './request-kind.ts'
import { bucketOf, bump, type Observation, RequestScope, type ScopeKinds, type SeriesMaker } from './request-scope.ts'

/** The plans that a recorder looks objects up in. */
export interface MeasuredPlans {
  readonly entryPoint: ReadonlyMap<string, EntryPointPlan>
  readonly router: ReadonlyMap<string, RouterPlan>
  readonly service: ReadonlyMap<string, ServicePlan>
  readonly middleware: ReadonlyMap<string, MiddlewarePlan>
}

const entryPointKinds: ScopeKinds = {
  requests: 'entryPoint',
  byMethod: true,
  tls: 'entryPointTls',
  headers: 'entryPointHeaders',
  reasons: 'entryPointReason',
}
const routerKinds: ScopeKinds = {
  requests: 'router',
  byMethod: true,
  tls: 'routerTls',
  headers: 'routerHeaders',
  reasons: 'routerReason',
}
const serviceKinds: ScopeKinds = { requests: 'service', byMethod: true, tls: 'serviceTls', headers: 'serviceHeaders', reasons: null }
const serverKinds: ScopeKinds = { requests: 'server', byMethod: false, tls: null, headers: null, reasons: null }

const nothingObserved: Observation = { durationMs: 0, bucket: 0, answerBytes: 0 }

/** The series of a service and of its servers. */
class ServiceScope extends RequestScope {
  readonly name: string
  readonly servers = new Map<string, RequestScope>()
  retries: SeriesRun | null = null
  /** The server that was asked last; next to it nothing is looked up. */
  lastUrl = ''
  lastServer: RequestScope | null = null

  constructor(maker: SeriesMaker, name: string) {
    super(maker, serviceKinds, [name])
    this.name = name
  }
}

/** The series of a middleware. */
export class MiddlewareScope {
  readonly name: string
  readonly passed: Float64Array
  readonly answered: Float64Array
  readonly answers: RequestScope
  readonly runs: readonly SeriesRun[]

  constructor(maker: SeriesMaker, name: string) {
    const length = requestNumbers.buckets + maker.bounds.length + 1
    const passed = maker.define('middleware', [name, 'passed'], length)
    const answered = maker.define('middleware', [name, 'answered'], length)
    this.name = name
    this.runs = [passed, answered]
    this.passed = passed.numbers
    this.answered = answered.numbers
    this.answers = new RequestScope(maker, { requests: 'middlewareAnswers', byMethod: false, tls: null, headers: null, reasons: null }, [
      name,
    ])
  }
}

/** Measures for one plan. */
export class Recorder implements SeriesMaker {
  readonly plan: MetricsPlan
  readonly bounds: readonly number[]
  readonly headers: readonly string[]
  readonly #writer: SeriesWriter
  #plans: MeasuredPlans | null = null
  readonly #entryPoints = new Map<string, RequestScope>()
  readonly #routers = new Map<number, RequestScope>()
  readonly #services = new Map<number, ServiceScope>()
  readonly #internals = new Map<number, string>()
  readonly #middlewares = new Map<string, MiddlewareScope>()
  readonly #handshakes = new Map<string, { readonly ok: SeriesRun; readonly failed: SeriesRun }>()
  readonly #gauges = new Map<string, SeriesRun>()
  #dropped: SeriesRun | null = null
  readonly #observed: Observation = { durationMs: 0, bucket: 0, answerBytes: 0 }
  // Whom the last request went to: often the next one goes there, too.
  #lastRouterPlace = 0
  #lastRouter: RequestScope | null = null
  #lastServicePlace = 0
  #lastService: ServiceScope | null = null

  constructor(plan: MetricsPlan, writer: SeriesWriter) {
    this.plan = plan
    this.bounds = plan.bounds
    this.headers = plan.headers
    this.#writer = writer
  }

  define(kind: SeriesKind, labels: readonly string[], length: number): SeriesRun {
    const run = this.#writer.define(kind, labels, length)
    if (run.id !== 0) return run
    this.#dropped ??= this.#writer.define('dropped', [], 1)
    bump(this.#dropped.numbers)
    return run
  }

  release(run: SeriesRun): void {
    this.#writer.release(run)
  }

  /** The series of an entry point; null when nobody wants them. */
  entryPoint(name: string): RequestScope | null {
    if (!this.plan.entryPoints) return null
    let scope = this.#entryPoints.get(name)
    if (scope === undefined) {
      scope = new RequestScope(this, entryPointKinds, [name])
      this.#entryPoints.set(name, scope)
    }
    return scope
  }

  /** The series of a middleware. */
  middleware(name: string): MiddlewareScope {
    let scope = this.#middlewares.get(name)
    if (scope === undefined) {
      scope = new MiddlewareScope(this, name)
      this.#middlewares.set(name, scope)
    }
    return scope
  }

  /** Makes a service of Tidegate's own known by its place on the board. */
  internal(place: number, name: string): void {
    this.#internals.set(place, name)
  }

  /** Counts a finished exchange for its entry point and router. */
  finish(entryPoint: RequestScope | null, exchange: Exchange, durationMs: number): void {
    const kind = exchange.measuredAs < 0 ? requestKind(exchange) : exchange.measuredAs
    const key = codeOf(exchange, kind) * kindsMax + kind
    const observed = this.#observe(durationMs, exchange.responseBytes)
    const { reason } = exchange
    if (entryPoint !== null) {
      entryPoint.count(exchange, key, observed)
      if (reason !== null) entryPoint.countReason(reason)
    }
    const place = exchange.routerCounters
    if (place !== 0 && this.plan.routers) {
      const router = place === this.#lastRouterPlace ? this.#lastRouter : this.#findRouter(place, exchange)
      if (router !== null) {
        router.count(exchange, key, observed)
        if (reason !== null) router.countReason(reason)
      }
    }
    if (exchange.middleware !== null) this.#answeredBy(exchange.middleware, exchange, key)
    if (exchange.retryAttempts > 0) this.#countRetries(exchange)
    if (this.#internals.size > 0 && this.plan.services) this.#countInternal(exchange, key)
  }

  /** Counts a request that a server is done with, for its service and the server. */
  settled(exchange: Exchange, reason: Reason | null): void {
    if (!exchange.measured || !this.plan.services) return
    const place = exchange.serviceCounters
    const service = place === this.#lastServicePlace ? this.#lastService : this.#findService(place, exchange.serviceName)
    if (service === null) return
    const before = exchange.measuredAs
    const kind = before < 0 || isGrpcWeb(before) ? requestKind(exchange) : before
    const code = serverCodeOf(exchange, kind, reason)
    const observed = this.#observe(exchange.originDurationMs, exchange.originBytes)
    service.count(exchange, code * kindsMax + kind, observed)
    const url = exchange.serverUrl
    if (url !== service.lastUrl) this.#findServer(service, url)
    service.lastServer?.count(exchange, code * kindsMax, observed)
  }

  /** The middleware lets an exchange pass; what follows is not its time. */
  passed(scope: MiddlewareScope, exchange: Exchange): void {
    const nowMs = performance.now()
    this.#keep(scope.passed, exchange, nowMs)
    exchange.middlewareMs = nowMs
    exchange.middleware = null
  }

  /** Counts a TLS handshake of a client. */
  handshake(entryPoint: string, isOk: boolean): void {
    let runs = this.#handshakes.get(entryPoint)
    if (runs === undefined) {
      runs = { ok: this.define('handshakes', [entryPoint, 'ok'], 1), failed: this.define('handshakes', [entryPoint, 'failed'], 1) }
      this.#handshakes.set(entryPoint, runs)
    }
    bump(isOk ? runs.ok.numbers : runs.failed.numbers)
  }

  /** Numbers of a state that is looked at from time to time. */
  gauge(kind: SeriesKind, labels: readonly string[], length: number): Float64Array {
    const key = `${kind}\n${labels.join('\n')}`
    let run = this.#gauges.get(key)
    if (run === undefined) {
      run = this.define(kind, labels, length)
      this.#gauges.set(key, run)
    }
    return run.numbers
  }

  /** Gives the gauges of a kind back whose labels are not among these. */
  keepGauges(kind: SeriesKind, labels: ReadonlySet<string>): void {
    for (const [key, run] of this.#gauges) {
      if (!key.startsWith(`${kind}\n`) || labels.has(key.slice(kind.length + 1))) continue
      this.#gauges.delete(key)
      this.release(run)
    }
  }

  /** Another generation is in force: objects that it does without lose their series. */
  serve(plans: MeasuredPlans): void {
    this.#plans = plans
    this.#lastRouterPlace = 0
    this.#lastRouter = null
    this.#lastServicePlace = 0
    this.#lastService = null
    for (const [name, scope] of this.#entryPoints) if (!plans.entryPoint.has(name)) releaseFrom(this.#entryPoints, name, scope)
    for (const [place, scope] of this.#routers) if (!holdsRouter(plans, place, scope)) releaseFrom(this.#routers, place, scope)
    for (const [place, scope] of this.#services) this.#keepService(plans, place, scope)
    for (const [name, scope] of this.#middlewares) {
      if (plans.middleware.has(name)) continue
      this.#middlewares.delete(name)
      this.#releaseMiddleware(scope)
    }
    for (const [place, name] of this.#internals) if (countersOf(plans.service.get(name)) !== place) this.#internals.delete(place)
    for (const [name, { ok, failed }] of this.#handshakes) {
      if (plans.entryPoint.has(name)) continue
      this.#handshakes.delete(name)
      this.release(ok)
      this.release(failed)
    }
  }

  /** Gives everything back. */
  close(): void {
    for (const scopes of [this.#entryPoints, this.#routers, this.#services]) for (const scope of scopes.values()) scope.release()
    for (const service of this.#services.values()) this.#releaseService(service)
    for (const scope of this.#middlewares.values()) this.#releaseMiddleware(scope)
    for (const { ok, failed } of this.#handshakes.values()) {
      this.release(ok)
      this.release(failed)
    }
    for (const run of this.#gauges.values()) this.release(run)
    if (this.#dropped !== null) this.release(this.#dropped)
  }

  #observe(durationMs: number, answerBytes: number): Observation {
    const observed = this.#observed
    observed.durationMs = durationMs
    observed.bucket = bucketOf(this.bounds, durationMs)
    observed.answerBytes = answerBytes
    return observed
  }

  #keep(numbers: Float64Array, exchange: Exchange, nowMs: number): void {
    const startedMs = exchange.middlewareMs === 0 ? exchange.startedMs : exchange.middlewareMs
    const durationMs = nowMs - startedMs
    const place = requestNumbers.buckets + bucketOf(this.bounds, durationMs)
    numbers[requestNumbers.count] = (numbers[requestNumbers.count] ?? 0) + 1
    numbers[requestNumbers.seconds] = (numbers[requestNumbers.seconds] ?? 0) + durationMs / 1000
    numbers[place] = (numbers[place] ?? 0) + 1
  }

  #answeredBy(middleware: object, exchange: Exchange, key: number): void {
    exchange.middleware = null
    if (!(middleware instanceof MiddlewareScope)) return
    this.#keep(middleware.answered, exchange, performance.now())
    middleware.answers.count(exchange, key - (key % kindsMax), nothingObserved)
  }

  #countRetries(exchange: Exchange): void {
    const service = this.#services.get(exchange.serviceCounters)
    if (service === undefined) return
    service.retries ??= this.define('serviceRetries', service.labels, 1)
    service.retries.numbers[0] = (service.retries.numbers[0] ?? 0) + exchange.retryAttempts
  }

  #countInternal(exchange: Exchange, key: number): void {
    const place = exchange.serviceCounters
    const name = this.#internals.get(place)
    if (name === undefined) return
    const scope = this.#services.get(place) ?? this.#newService(place, name)
    scope?.count(exchange, key, this.#observed)
  }

  #findRouter(place: number, exchange: Exchange): RequestScope | null {
    const scope = this.#routers.get(place) ?? this.#newRouter(place, exchange)
    if (scope !== null) {
      this.#lastRouterPlace = place
      this.#lastRouter = scope
    }
    return scope
  }

  #findService(place: number, name: string): ServiceScope | null {
    const scope = this.#services.get(place) ?? this.#newService(place, name)
    if (scope !== null) {
      this.#lastServicePlace = place
      this.#lastService = scope
    }
    return scope
  }

  #findServer(service: ServiceScope, url: string): void {
    service.lastServer = service.servers.get(url) ?? this.#newServer(service, url)
    service.lastUrl = url
  }

  #newRouter(place: number, exchange: Exchange): RequestScope | null {
    // Of nested routers the innermost is the one that counts.
    const name = exchange.routerName.split(' -> ').at(-1) ?? ''
    const plan = this.#plans?.router.get(name)
    // Of a generation that is not in force any more, or not yet.
    if (plan === undefined || plan.counters !== place) return null
    const scope = new RequestScope(this, routerKinds, [name, plan.service])
    this.#routers.set(place, scope)
    return scope
  }

  #newService(place: number, name: string): ServiceScope | null {
    if (place === 0 || countersOf(this.#plans?.service.get(name)) !== place) return null
    const scope = new ServiceScope(this, name)
    this.#services.set(place, scope)
    return scope
  }

  #newServer(service: ServiceScope, url: string): RequestScope {
    const scope = new RequestScope(this, serverKinds, [service.name, url])
    service.servers.set(url, scope)
    return scope
  }

  #keepService(plans: MeasuredPlans, place: number, scope: ServiceScope): void {
    const plan = plans.service.get(scope.name)
    if (countersOf(plan) !== place) {
      this.#services.delete(place)
      scope.release()
      this.#releaseService(scope)
      return
    }
    scope.lastUrl = ''
    scope.lastServer = null
    const servers: readonly { readonly url: string }[] = plan?.kind === 'loadBalancer' ? plan.servers : []
    for (const [url, server] of scope.servers) {
      if (!servers.some((known) => known.url === url)) releaseFrom(scope.servers, url, server)
    }
  }

  #releaseService(scope: ServiceScope): void {
    for (const server of scope.servers.values()) server.release()
    scope.servers.clear()
    if (scope.retries !== null) this.release(scope.retries)
  }

  #releaseMiddleware(scope: MiddlewareScope): void {
    for (const run of scope.runs) this.release(run)
    scope.answers.release()
  }
}

function releaseFrom<K>(scopes: Map<K, RequestScope>, key: K, scope: RequestScope): void {
  scopes.delete(key)
  scope.release()
}

function holdsRouter(plans: MeasuredPlans, place: number, scope: RequestScope): boolean {
  const [name = '', service] = scope.labels
  const plan = plans.router.get(name)
  return plan !== undefined && plan.counters === place && plan.service === service
}

/** Place of a service on the board; -1 when there is none. */
function countersOf(plan: ServicePlan | undefined): number {
  return plan !== undefined && 'counters' in plan ? (plan.counters ?? -1) : -1
}
