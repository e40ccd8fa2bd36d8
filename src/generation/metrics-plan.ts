/** What a worker measures. Plain data that both planes share. */

/** Settings of measuring; the same for all exporters, so each series is counted once. */
export interface MetricsPlan {
  /** Upper bounds of the buckets of durations in seconds, ascending: the union of what the exporters show. */
  readonly bounds: readonly number[]
  /** Names of request headers in lower case whose values are labels of the counts of requests. */
  readonly headers: readonly string[]
  readonly entryPoints: boolean
  readonly routers: boolean
  readonly services: boolean
}
