/** Composition root of the control plane: the only file that knows every part of it. */
import { readFileSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { createApi } from './api/api.ts'
import { ChangeFeed } from './api/change-feed.ts'
import { DebugPages } from './api/debug.ts'
import { textError } from './api/responses.ts'
import { BoardAllocator } from './board/allocator.ts'
import { createBoard, defaultBoardSize, fixedCells } from './board/board.ts'
import type { InstallConfiguration } from './config/install/install.ts'
import type { LoadedInstall } from './config/sources/load-install.ts'
import { dashboardAtRoot, dashboardBelow } from './dashboard/dashboard.ts'
import type { ControlRequest, ControlResponse } from './generation/messages.ts'
import { createHealthChecker, type HealthChecker } from './health/checker.ts'
import { healthTargets, tcpHealthTargets, udpHealthTargets } from './health/targets.ts'
import { loadExporters } from './observability/exporters.ts'
import { Metrics } from './observability/metrics.ts'
import { type CountedPlans, StatsRing } from './observability/stats.ts'
import { ProviderHost } from './providers/host.ts'
import { Aggregator } from './runtime/aggregator.ts'
import { Controller, type InstallInForce } from './runtime/controller.ts'
import { globalPlan } from './runtime/global.ts'
import { activatedDescriptors, canReusePort, Listening } from './runtime/listening.ts'
import { readMiddlewareFiles } from './runtime/middleware-files.ts'
import { profiledMain } from './runtime/profiling.ts'
import { TlsMaterial } from './runtime/tls-material.ts'
import { WatchedFiles } from './runtime/watched-files.ts'
import { Workers } from './runtime/workers.ts'
import { type Clock, systemClock } from './std/clock.ts'
import { releaseStartupMemory } from './std/heap.ts'
import { createLogger, type LogOptions, type RootLogger } from './std/log.ts'
import { processMs } from './std/process-clock.ts'
import { version } from './version.ts'

/** What an app is started with. */
export interface AppOptions {
  /** Reads the install configuration anew. */
  load(): LoadedInstall
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock?: Clock
}

/** After this time a process has started up, in milliseconds. */
const startupMs = 1000

/** Most rows of the board: for workers, and for those that a change of their number has retired and that still finish what they do. */
const rowsMax = 257

/** A running router. */
export class App {
  readonly #options: AppOptions
  readonly #clock: Clock
  readonly #logger: RootLogger
  readonly #board = createBoard({ ...defaultBoardSize, rows: Math.min(rowsMax, 2 * availableParallelism() + 33) })
  readonly #places: BoardAllocator
  readonly #workers: Workers
  readonly #listening: Listening
  readonly #aggregator: Aggregator
  readonly #providers: ProviderHost
  readonly #controller: Controller
  readonly #health: HealthChecker
  readonly #files: WatchedFiles
  readonly #tls: TlsMaterial
  readonly #metrics: Metrics
  readonly #stats: StatsRing
  #plans: CountedPlans | null = null
  readonly #changes: ChangeFeed
  readonly #api: (request: ControlRequest) => Promise<ControlResponse>
  readonly #startDate = new Date()
  #reloading: Promise<unknown> = Promise.resolve()
  #stopping = false
  readonly #failed = Promise.withResolvers<void>()
  #workerCount = 0
  /** What was said about the install configuration in force, so that a reload does not say it again. */
  #said = new Set<string>()

  private constructor(options: AppOptions, loaded: LoadedInstall) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#places = new BoardAllocator(this.#board, () => this.#clock.monotonicMs())
    const { install } = loaded
    this.#logger = createLogger(logOptions(install))
    const logger = this.#logger
    this.#workers = new Workers({
      board: this.#board,
      clock: this.#clock,
      ask: (request) => this.#answer(request),
      log: (level, message, fields) => logger[level](message, fields),
      onServed: (generation) => this.#controller.served(generation),
      onSeries: (worker, news) => this.#metrics.takeSeries(worker, news),
      onSeriesEnd: (worker) => this.#metrics.endSeries(worker),
      onDescriptorsLost: (row) => this.#descriptorsLost(row),
    })
    this.#metrics = new Metrics({
      board: this.#board,
      clock: this.#clock,
      logger,
      workers: () => this.#workerCount,
      exporters: (metrics) => loadExporters(metrics, { logger, env: options.env, version, startMs: this.#startDate.getTime() }),
    })
    this.#stats = new StatsRing({
      board: this.#board,
      clock: this.#clock,
      plans: () => this.#plans,
      durations: () => this.#metrics.durations(),
    })
    this.#listening = new Listening(activatedDescriptors(options.env, process.pid))
    this.#aggregator = new Aggregator(this.#clock, install.providers.providersThrottleDuration, () => this.#controller.changed())
    this.#providers = new ProviderHost({
      clock: this.#clock,
      logger,
      env: options.env,
      publish: (snapshot) => this.#aggregator.take(snapshot),
      remove: (provider) => this.#aggregator.remove(provider),
    })
    this.#health = createHealthChecker({
      board: this.#board,
      clock: this.#clock,
      logger,
      proxyEnv: options.env,
      random: Math.random,
      processMs,
    })
    this.#files = new WatchedFiles({ clock: this.#clock, readFile: readFileOrNothing, onChange: () => this.#controller.changed() })
    this.#tls = new TlsMaterial(this.#clock, logger, () => this.#controller.changed())
    const startMs = this.#startDate.getTime()
    this.#changes = new ChangeFeed({
      clock: this.#clock,
      mark: () => `${startMs}-${this.#controller.state?.generation ?? 0}-${Atomics.load(this.#board.cells, fixedCells.serverEpoch)}`,
    })
    this.#controller = this.#createController(loaded)
    this.#api = this.#createApi()
  }

  #createController(loaded: LoadedInstall): Controller {
    return new Controller(
      {
        board: this.#board,
        places: this.#places,
        listening: this.#listening,
        workers: this.#workers,
        logger: this.#logger,
        files: this.#files,
        tls: this.#tls,
        readMiddlewareFiles: (kind, middleware) => readMiddlewareFiles(kind, middleware, this.#files.read),
        snapshots: () => this.#aggregator.snapshots,
        onResolved: (resolved) => {
          this.#health.update([...healthTargets(resolved), ...tcpHealthTargets(resolved), ...udpHealthTargets(resolved)])
          this.#metrics.update(resolved)
          this.#plans = resolved.plans
          this.#changes.check()
        },
      },
      this.#inForce(loaded),
    )
  }

  #createApi(): (request: ControlRequest) => Promise<ControlResponse> {
    return createApi({
      state: () => this.#controller.state,
      version,
      startDate: this.#startDate,
      reload: () => this.reload('API'),
      putRest: (body) => this.#providers.putRest(body),
      explain: (request) => this.#workers.explain(request),
      changes: this.#changes,
      debug: new DebugPages({
        commandLine: process.argv,
        threads: () => [profiledMain(this.#clock), ...this.#workers.threads],
      }),
      now: () => this.#clock.now(),
      stats: () => this.#stats.read(),
    })
  }

  /** Starts a router; throws when its install configuration cannot be used. Resolves when every entry point listens. */
  static async start(options: AppOptions): Promise<App> {
    const loaded = options.load()
    const app = new App(options, loaded)
    await app.#start(loaded)
    return app
  }

  /**
   * Reads the install configuration anew and takes it into force; a bad one leaves everything as it was. Resolves when every worker serves it, with
   * what is wrong with it, if anything.
   */
  reload(origin: string): Promise<readonly string[]> {
    const done = this.#reloading.then(() => this.#reload(origin))
    this.#reloading = done
    return done
  }

  /** Reloads install configuration and providers. */
  async hangUp(): Promise<void> {
    this.#providers.reload()
    await this.reload('SIGHUP')
  }

  /** Opens log files anew after they were moved. */
  reopenLogs(): void {
    this.#logger.reopen()
    this.#workers.reopenLogs()
  }

  /** Goes down gracefully, as the entry points' `lifeCycle` says. */
  async stop(): Promise<void> {
    this.#stopping = true
    Atomics.store(this.#board.cells, fixedCells.terminating, 1)
    this.#changes.close()
    this.#logger.info('shutting down')
    await this.#reloading
    await this.#workers.shutDown()
    this.#stats.close()
    await this.#metrics.close()
    await this.#providers.close()
    this.#health.close()
    this.#files.close()
    this.#tls.close()
    await this.#logger.close()
  }

  /** The addresses that are listened on, ports resolved. */
  get addresses(): readonly { readonly entryPoint: string; readonly host: string; readonly port: number }[] {
    return this.#listening.addresses.map(({ name, host, port }) => ({ entryPoint: name, host, port }))
  }

  /** Resolves when the router cannot go on and should be started anew by whoever started it. */
  get failed(): Promise<void> {
    return this.#failed.promise
  }

  get logger(): RootLogger {
    return this.#logger
  }

  async #start(loaded: LoadedInstall): Promise<void> {
    const { install } = loaded
    this.#report(loaded)
    await this.#listening.reserve(install)
    // They load their code while the configuration is read and resolved.
    this.#workerCount = workerCount(install)
    const started = this.#workers.resize(this.#workerCount)
    await this.#providers.update(install)
    this.#controller.start()
    await started
    await this.#workers.settled()
    this.#clock.after(startupMs, releaseStartupMemory)
    this.#logger.info('started', { version, workers: String(this.#workerCount) })
  }

  async #reload(origin: string): Promise<readonly string[]> {
    if (this.#stopping) return ['the router is shutting down']
    const logger = this.#logger.with({ origin })
    let loaded: LoadedInstall
    try {
      loaded = this.#options.load()
      await this.#listening.reserve(loaded.install)
    } catch (cause) {
      const problems = textOf(cause).split('\n')
      this.#metrics.installReloaded(false)
      for (const problem of problems) logger.error(`install configuration refused, the last one stays in force: ${problem}`)
      return problems
    }
    try {
      await this.#install(loaded)
    } catch (cause) {
      this.#metrics.installReloaded(false)
      logger.error('install configuration is only in force in part', { error: textOf(cause) })
      return [textOf(cause)]
    }
    this.#metrics.installReloaded(true)
    logger.info('install configuration reloaded')
    return this.#workers.listenFailures.map(({ entryPoint, message }) => `entryPoints.${entryPoint}.address: cannot listen: ${message}`)
  }

  /** Takes a configuration into force whose addresses are reserved. */
  async #install(loaded: LoadedInstall): Promise<void> {
    const { install } = loaded
    this.#logger.configure(logOptions(install))
    this.#report(loaded)
    this.#aggregator.throttleMs = install.providers.providersThrottleDuration
    this.#controller.install(this.#inForce(loaded))
    await this.#providers.update(install)
    this.#controller.flush()
    await this.#resize(workerCount(install))
    await this.#workers.settled()
  }

  async #resize(count: number): Promise<void> {
    if (count !== this.#workerCount && this.#listening.pinsWorkers) {
      this.#logger.warn('the number of workers stays as it is until a restart: their sockets cannot be shared')
      return
    }
    this.#workerCount = count
    await this.#workers.resize(count)
  }

  #descriptorsLost(row: number): void {
    const entryPoints = this.#listening.descriptorsOf(row)
    if (entryPoints.length === 0 || this.#stopping) return
    this.#logger.error('sockets that were handed over are lost with their worker, ending so that the router is started anew', {
      entryPointName: entryPoints.join(', '),
    })
    this.#failed.resolve()
  }

  #inForce({ install, unbuilt }: LoadedInstall): InstallInForce {
    const global = globalPlan(install, hostname(), [])
    return { install, global, unbuilt, providers: ProviderHost.namesOf(install) }
  }

  /** Logs what is to be said about an install configuration, unless it was said about the one before. */
  #report({ install, warnings, unbuilt }: LoadedInstall): void {
    const problems: string[] = []
    globalPlan(install, '', problems)
    // Checked here and not in the resolver, since nothing stops for it.
    const pingEntryPoint = install.ping?.manualRouting === false ? install.ping.entryPoint : undefined
    if (pingEntryPoint !== undefined && install.entryPoints[pingEntryPoint] === undefined) {
      problems.push(`ping.entryPoint: entry point "${pingEntryPoint}" does not exist`)
    }
    const said = new Set<string>([...warnings, ...unbuilt, ...problems])
    for (const text of said) if (!this.#said.has(text)) this.#logger[problems.includes(text) ? 'error' : 'warn'](text)
    this.#said = said
  }

  async #answer(request: ControlRequest): Promise<ControlResponse> {
    try {
      if (request.target === 'rest') return await this.#api(request)
      if (request.target === 'prometheus') return await this.#metrics.answer(request)
      const options = this.#controller.inForce.install.api
      if (options === undefined) return textError(404, '404 page not found')
      if (request.target === 'dashboard') return dashboardAtRoot(request, options)
      return dashboardBelow(request, options) ?? (await this.#api(request))
    } catch (cause) {
      this.#logger.error('internal service failed', { target: request.target, error: textOf(cause) })
      return { status: 500, headers: [], body: '' }
    }
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function workerCount(install: InstallConfiguration): number {
  const count = install.workers ?? availableParallelism()
  return canReusePort ? count : Math.min(count, 1)
}

function logOptions(install: InstallConfiguration): LogOptions {
  const log = install.log
  if (log === undefined) return {}
  return {
    level: log.level,
    format: log.format,
    filePath: log.filePath,
    noColor: log.noColor,
    maxSizeMb: log.maxSize,
    maxAgeDays: log.maxAge,
    maxBackups: log.maxBackups,
  }
}

function readFileOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Whoever asked says what it could not read, with the name of its object.
    return undefined
  }
}
