/** Runs providers: starts, restarts and stops them by difference as the install configuration changes. */
import type { InstallConfiguration } from '../config/install/install.ts'
import { formatProblem } from '../config/schema/problem.ts'
import type { Clock } from '../std/clock.ts'
import type { Logger } from '../std/log.ts'
import { sameData } from '../std/same-data.ts'
import type { AnyProviderModule, Provider, ProviderSnapshot } from './provider.ts'
import { providerModules } from './providers.ts'
import { RestProvider } from './rest/rest.ts'

/** What providers are run with. */
export interface ProviderHostContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly env: Readonly<Record<string, string | undefined>>
  readonly publish: (snapshot: ProviderSnapshot & { readonly provider: string }) => void
  /** A provider was taken out of the configuration: its objects go. */
  remove(provider: string): void
}

interface Running {
  readonly module: AnyProviderModule
  readonly options: unknown
  readonly provider: Provider | null
}

/** The running providers. */
export class ProviderHost {
  readonly #context: ProviderHostContext
  readonly #running = new Map<string, Running>()

  constructor(context: ProviderHostContext) {
    this.#context = context
  }

  /** Titles of the providers that a configuration turns on. */
  static namesOf(install: InstallConfiguration): string[] {
    return providerModules.filter((module) => optionsOf(install, module) !== undefined).map((module) => module.title)
  }

  /** Brings the running providers in line with the configuration. One whose options did not change goes on undisturbed. */
  async update(install: InstallConfiguration): Promise<void> {
    for (const module of providerModules) {
      const options = optionsOf(install, module)
      const running = this.#running.get(module.key)
      if (running !== undefined && sameData(running.options, options)) continue
      if (running !== undefined) {
        this.#running.delete(module.key)
        await running.provider?.close()
      }
      if (options !== undefined) this.#running.set(module.key, { module, options, provider: this.#start(module, options) })
      else if (running !== undefined) this.#context.remove(module.name)
    }
  }

  /** Makes every provider look again (SIGHUP). */
  reload(): void {
    for (const { provider } of this.#running.values()) provider?.reload?.()
  }

  /** Hands a text to the REST provider; returns what is wrong with it, or null. */
  putRest(text: string): string | null {
    const provider = this.#running.get('rest')?.provider
    return provider instanceof RestProvider ? provider.put(text) : 'providers.rest is not enabled'
  }

  /** Stops all. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map(async ({ provider }) => provider?.close()))
    this.#running.clear()
  }

  #start(module: AnyProviderModule, options: unknown): Provider | null {
    const { clock, env, publish } = this.#context
    const logger = this.#context.logger.with({ providerName: module.name })
    try {
      return module.create(options, {
        clock,
        env,
        logger,
        publish: (snapshot) => publish({ ...snapshot, provider: module.name }),
        report(problems) {
          for (const problem of problems) logger[problem.severity === 'error' ? 'error' : 'warn'](formatProblem(problem))
        },
      })
    } catch (cause) {
      logger.error(`cannot start provider: ${cause instanceof Error ? cause.message : String(cause)}`)
      return null
    }
  }
}

function optionsOf(install: InstallConfiguration, module: AnyProviderModule): unknown {
  const options: Readonly<Record<string, unknown>> = install.providers
  return options[module.key]
}
