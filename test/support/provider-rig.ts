/** Runs one provider and collects what it says, in order. */
import type { RoutingConfiguration } from '../../src/config/routing/routing.ts'
import { formatProblem } from '../../src/config/schema/problem.ts'
import type { AnyProviderModule, Provider, ProviderContext, ProviderSnapshot } from '../../src/providers/provider.ts'
import { type Clock, systemClock } from '../../src/std/clock.ts'
import { silentLogger } from '../../src/std/log.ts'

/** Something that a provider said. */
export type ProviderEvent =
  | { readonly kind: 'publish'; readonly snapshot: ProviderSnapshot }
  | { readonly kind: 'report'; readonly lines: readonly string[] }
  | { readonly kind: 'error'; readonly message: string }

/** A provider under test. */
export class ProviderRig {
  readonly #clock: Clock
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #events: ProviderEvent[] = []
  #wake: (() => void) | null = null
  #provider: Provider | null = null

  constructor(clock: Clock = systemClock, env: Readonly<Record<string, string | undefined>> = {}) {
    this.#clock = clock
    this.#env = env
  }

  /** Starts a provider; options are as decoded. */
  start(module: AnyProviderModule, options: unknown): Provider {
    this.#provider = module.create(options, this.#context())
    return this.#provider
  }

  /** Events that nobody asked for yet. */
  get waiting(): readonly ProviderEvent[] {
    return this.#events
  }

  /** The next event, whatever it is. */
  async next(): Promise<ProviderEvent> {
    // Timers of the clock do not keep the process alive; waiting for an event must.
    const alive = setInterval(() => {}, 1000)
    try {
      for (;;) {
        const event = this.#events.shift()
        if (event !== undefined) return event
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      clearInterval(alive)
    }
  }

  /** The next snapshot; reports without a finding are passed over, anything else is an error. */
  async published(): Promise<ProviderSnapshot> {
    for (;;) {
      const event = await this.next()
      if (event.kind === 'publish') return event.snapshot
      throw new Error(`expected a snapshot, got ${JSON.stringify(event)}`)
    }
  }

  /** The next complaint: the lines of a report, or an error of the log. */
  async complained(): Promise<readonly string[]> {
    const event = await this.next()
    if (event.kind === 'report') return event.lines
    if (event.kind === 'error') return [event.message]
    throw new Error('expected a complaint, got a snapshot')
  }

  async close(): Promise<void> {
    await this.#provider?.close()
  }

  #context(): ProviderContext {
    return {
      clock: this.#clock,
      env: this.#env,
      logger: { ...silentLogger, error: (message) => this.#push({ kind: 'error', message }) },
      publish: (snapshot) => this.#push({ kind: 'publish', snapshot }),
      report: (problems) => {
        if (problems.length > 0) this.#push({ kind: 'report', lines: problems.map(formatProblem) })
      },
    }
  }

  #push(event: ProviderEvent): void {
    this.#events.push(event)
    this.#wake?.()
    this.#wake = null
  }
}

/** Rules of the HTTP routers of a configuration by name. */
export function rulesOf(routing: RoutingConfiguration): Record<string, string> {
  return Object.fromEntries(Object.entries(routing.http?.routers ?? {}).map(([name, router]) => [name, router.rule]))
}
