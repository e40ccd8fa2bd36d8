/** Makes generations: from the install configuration in force and the newest snapshots, whenever one of them changes. */
import type { BoardAllocator } from '../board/allocator.ts'
import type { Board } from '../board/board.ts'
import type { InstallConfiguration } from '../config/install/install.ts'
import { formatProblem } from '../config/schema/problem.ts'
import type { GlobalPlan, PlanKind } from '../generation/plan.ts'
import type { Logger } from '../std/log.ts'
import type { Listening } from './listening.ts'
import type { Snapshot } from './merge.ts'
import { SharedMemory } from './middleware-plans.ts'
import type { ReadFiles } from './middlewares.ts'
import { placesOf } from './places.ts'
import { differenceOf, type PlanSet } from './publisher.ts'
import { type Resolved, resolve } from './resolve.ts'
import { rememberingRuleCheck } from './rule-check.ts'
import type { ObjectInfo, RuntimeState } from './state.ts'
import type { TlsMaterial } from './tls-material.ts'
import type { WatchedFiles } from './watched-files.ts'
import type { Workers } from './workers.ts'

/** What the controller leans on. */
export interface ControllerContext {
  readonly board: Board
  readonly places: BoardAllocator
  readonly listening: Listening
  readonly workers: Workers
  readonly logger: Logger
  readonly files: WatchedFiles
  readonly tls: TlsMaterial
  readonly readMiddlewareFiles: ReadFiles
  /** Snapshots in force. */
  readonly snapshots: () => readonly Snapshot[]
  /** Told of each new generation, for health checks and whoever shows it. */
  onResolved(resolved: Resolved): void
}

/** The install configuration as far as generations need it. */
export interface InstallInForce {
  readonly install: InstallConfiguration
  readonly global: GlobalPlan
  readonly unbuilt: readonly string[]
  readonly providers: readonly string[]
}

/** Kinds of plans that may let go of places when they change: their servers do. */
const placeHolders: readonly PlanKind[] = ['service', 'tcpService', 'udpService']

/** Resolves and publishes. */
export class Controller {
  readonly #context: ControllerContext
  readonly #checkRule = rememberingRuleCheck()
  readonly #memory = new SharedMemory()
  #inForce: InstallInForce
  #generation = 0
  #state: RuntimeState | null = null
  #plans: PlanSet | null = null
  #drafts: Resolved['drafts'] | null = null
  /** Something may have left the board since places were last given back. */
  #removed = false
  #reported = new Set<string>()
  #scheduled: NodeJS.Immediate | null = null
  #paused = true

  constructor(context: ControllerContext, inForce: InstallInForce) {
    this.#context = context
    this.#inForce = inForce
  }

  /** State of the newest generation; null before the first. */
  get state(): RuntimeState | null {
    return this.#state
  }

  get inForce(): InstallInForce {
    return this.#inForce
  }

  /** Takes another install configuration into force; its addresses have been reserved. */
  install(inForce: InstallInForce): void {
    this.#inForce = inForce
    this.changed()
  }

  /** Makes the first generation; changes before this wait for it. */
  start(): void {
    this.#paused = false
    this.#make()
  }

  /** Something changed: a generation follows, one for all changes of this turn. */
  changed(): void {
    if (this.#paused || this.#scheduled !== null) return
    this.#scheduled = setImmediate(() => this.flush())
  }

  /** Makes the generation that is due now, if one is. */
  flush(): void {
    if (this.#scheduled === null) return
    clearImmediate(this.#scheduled)
    this.#scheduled = null
    try {
      this.#make()
    } catch (cause) {
      // A fault of ours: the last generation stays in force.
      this.#context.logger.error('cannot resolve the configuration, the last one stays in force', {
        error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
      })
    }
  }

  /** Every worker serves a generation: places on the board that only older ones name are given back. */
  served(generation: number): void {
    const { logger, places } = this.#context
    logger.debug('generation served by every worker', { generation: String(generation) })
    if (!this.#removed || generation !== this.#generation || this.#plans === null) return
    this.#removed = false
    places.keepOnly(placesOf(this.#plans))
  }

  #make(): void {
    const { logger, workers, listening, files, tls } = this.#context
    this.#generation += 1
    const resolved = resolve(
      {
        generation: this.#generation,
        ...this.#inForce,
        entryPoints: listening.plans(this.#context.places),
        snapshots: this.#context.snapshots(),
        previous: this.#drafts,
      },
      { ...this.#context, memory: this.#memory, readFile: files.read, checkRule: this.#checkRule },
    )
    this.#checkRule.forgetUnasked()
    tls.settle()
    files.settle()
    this.#state = resolved.state
    this.#report(resolved)
    const changes = differenceOf(this.#plans, resolved.plans)
    if (changes.some((change) => change.plan === null || placeHolders.includes(change.kind))) this.#removed = true
    this.#plans = resolved.plans
    this.#drafts = resolved.drafts
    workers.publish(this.#generation, resolved.plans, changes)
    logger.debug('configuration resolved', { generation: String(this.#generation), changes: String(changes.length) })
    this.#context.onResolved(resolved)
  }

  /** Logs what is wrong, once for as long as it stays so. */
  #report(resolved: Resolved): void {
    const { logger } = this.#context
    const reported = new Set<string>()
    const say = (level: 'warn' | 'error', message: string, fields: Readonly<Record<string, string>>): void => {
      const key = `${JSON.stringify(fields)}${message}`
      if (!this.#reported.has(key)) logger[level](message, fields)
      reported.add(key)
    }
    for (const warning of resolved.warnings) say('warn', warning, {})
    const { state } = resolved
    const kinds: readonly (readonly [string, ReadonlyMap<string, ObjectInfo<unknown>>])[] = [
      ['routerName', state.routers],
      ['serviceName', state.services],
      ['middlewareName', state.middlewares],
      ['routerName', state.tcpRouters],
      ['serviceName', state.tcpServices],
      ['middlewareName', state.tcpMiddlewares],
      ['routerName', state.udpRouters],
      ['serviceName', state.udpServices],
    ]
    for (const [field, objects] of kinds) {
      for (const info of objects.values()) {
        for (const problem of info.details)
          say(problem.severity === 'error' ? 'error' : 'warn', formatProblem(problem), { [field]: info.name })
      }
    }
    this.#reported = reported
  }
}
