/** What the control plane and a worker say to each other. Everything is structured-clone-able. */
import type { SeriesNews } from '../board/series-kinds.ts'
import type { ExplainRequest, Explanation } from './explanation.ts'
import type { PlanChange } from './plan.ts'

/** A request to a service that the control plane answers (API, REST provider, …). Strings hold bytes as latin1. */
export interface ControlRequest {
  readonly target: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: readonly (readonly [string, string])[]
  /** Host as the client sent it. */
  readonly host: string
  readonly remoteIp: string
  /** Name that a middleware has authenticated; null when none did. */
  readonly user: string | null
  readonly body: Uint8Array
}

/** Its answer. */
export interface ControlResponse {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | Uint8Array
}

/** How a worker starts. */
export interface WorkerStart {
  readonly board: SharedArrayBuffer
  readonly boardSize: { readonly rows: number; readonly counters: number; readonly gauges: number; readonly cells: number }
  /** Row of the board that the worker writes; also its number in logs. */
  readonly row: number
  /** Whether the descriptors of socket activation for this row are the worker's. They end with the first worker that has had them. */
  readonly takesDescriptors: boolean
  /** False for a worker that is only asked what it would do. */
  readonly listens: boolean
}

/** To a worker. */
export type ToWorker =
  /** A piece of a generation; `last` asks for the swap. The worker asks for each further piece with `next`. */
  | { readonly type: 'changes'; readonly generation: number; readonly changes: readonly PlanChange[]; readonly last: boolean }
  | { readonly type: 'answer'; readonly id: number; readonly response: ControlResponse }
  | { readonly type: 'reopenLogs' }
  | { readonly type: 'explain'; readonly id: number; readonly request: ExplainRequest }
  /**
   * Stop accepting, finish what runs within the grace time, say `drained`. Without one each entry point's `lifeCycle` counts. May be said again to
   * shorten the time.
   */
  | { readonly type: 'drain'; readonly graceMs: number | null }

/** An entry point that a worker cannot listen on, and why. */
export interface ListenFailure {
  readonly entryPoint: string
  readonly message: string
}

/** From a worker. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'next' }
  | { readonly type: 'applied'; readonly generation: number; readonly listenFailures: readonly ListenFailure[] }
  | { readonly type: 'ask'; readonly id: number; readonly request: ControlRequest }
  | {
      readonly type: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly message: string
      readonly fields: Readonly<Record<string, string>>
    }
  | { readonly type: 'series'; readonly news: SeriesNews }
  | { readonly type: 'explained'; readonly id: number; readonly explanation: Explanation }
  | { readonly type: 'drained' }

/** Both ends of such a conversation, so that a worker also runs in the main thread. */
export interface Port<In, Out> {
  post(message: Out): void
  onMessage(listener: (message: In) => void): void
  close(): void
}
