/** The contract of providers: one folder each under `providers`, plus one line in the list. A provider publishes whole snapshots, never deltas. */
import type { RoutingConfiguration } from '../config/routing/routing.ts'
import type { ConfigProblem, Place } from '../config/schema/problem.ts'
import type { RawPath } from '../config/schema/raw.ts'
import type { Clock } from '../std/clock.ts'
import type { Logger } from '../std/log.ts'

/** The newest that a provider found. */
export interface ProviderSnapshot {
  readonly routing: RoutingConfiguration
  /** Place of an object by its path, such as `['http', 'routers', 'web']`. */
  readonly locate: (path: RawPath) => Place
}

/** What a provider may use besides its options. */
export interface ProviderContext {
  readonly clock: Clock
  /** Adds the provider's name to each line. */
  readonly logger: Logger
  readonly env: Readonly<Record<string, string | undefined>>
  readonly publish: (snapshot: ProviderSnapshot) => void
  /** What is wrong with the configuration that was found; the last good one stays in force when it was refused. */
  report(problems: readonly ConfigProblem[]): void
}

/** A running provider. */
export interface Provider {
  /** Looks again now (SIGHUP). */
  reload?(): void
  close(): void | Promise<void>
}

/** A kind of provider. */
export interface ProviderModule<O = unknown> {
  /** Key under `providers` in the install configuration. */
  readonly key: string
  /** What stands behind the '@' of its objects. */
  readonly name: string
  /** As the API's overview lists it. */
  readonly title: string
  /** Starts it; throws an Error when its options cannot work, which is logged and stops nothing else. */
  create(options: O, context: ProviderContext): Provider
}

/** A provider kind whose options type is hidden, as the list holds it. */
export type AnyProviderModule = ProviderModule

/** Hides the options type; options of this key were decoded with this very schema. */
export function defineProvider<O>(module: ProviderModule<O>): AnyProviderModule {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the options of this key were decoded with the schema that O comes from.
  return { ...module, create: (options, context) => module.create(options as O, context) }
}
