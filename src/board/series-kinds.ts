/** Which series there are, with their labels and numbers, and how a worker tells of them. */

/** The kinds of series, each with the names of its labels in the order in which definitions hold their values. */
export const seriesLabels = {
  entryPoint: ['code', 'method', 'protocol', 'entrypoint'],
  entryPointTls: ['tls_version', 'tls_cipher', 'entrypoint'],
  /** Values of the headers follow. */
  entryPointHeaders: ['code', 'method', 'protocol', 'entrypoint'],
  entryPointReason: ['entrypoint', 'reason'],
  router: ['code', 'method', 'protocol', 'router', 'service'],
  routerTls: ['tls_version', 'tls_cipher', 'router', 'service'],
  routerHeaders: ['code', 'method', 'protocol', 'router', 'service'],
  routerReason: ['router', 'service', 'reason'],
  service: ['code', 'method', 'protocol', 'service'],
  serviceTls: ['tls_version', 'tls_cipher', 'service'],
  serviceHeaders: ['code', 'method', 'protocol', 'service'],
  serviceRetries: ['service'],
  server: ['code', 'service', 'url'],
  middleware: ['middleware', 'outcome'],
  middlewareAnswers: ['middleware', 'code'],
  handshakes: ['entrypoint', 'result'],
  loop: ['worker'],
  heap: ['worker'],
  upstreams: ['server', 'state'],
  dropped: [],
} as const

/** A kind of series. */
export type SeriesKind = keyof typeof seriesLabels

/** Offsets in the numbers of a series of requests: `entryPoint`, `router`, `service`, `server` and `middleware`. Buckets follow, one more than bounds. */
export const requestNumbers = { count: 0, seconds: 1, requestBytes: 2, responseBytes: 3, buckets: 4 } as const

/** Offsets in the numbers of `loop`: delays of the event loop in seconds over the last second. */
export const loopNumbers = { mean: 0, p50: 1, p99: 2, max: 3, count: 4 } as const

/** A run of numbers that a worker writes and the control plane reads. */
export interface SeriesDefinition {
  /** Unique among the definitions of the worker. */
  readonly id: number
  readonly kind: SeriesKind
  readonly labels: readonly string[]
  /** Number of the chunk that holds the run. */
  readonly chunk: number
  readonly offset: number
  readonly length: number
}

/** News of a worker's series. */
export interface SeriesNews {
  /** Chunks of memory that are new, by number. */
  readonly chunks: readonly { readonly number: number; readonly buffer: SharedArrayBuffer }[]
  readonly defined: readonly SeriesDefinition[]
  /** Identities of series whose object is gone: nothing is added to them any more. */
  readonly gone: readonly number[]
}
