/** How a load balancer chooses among its servers: the same for HTTP, TCP and UDP. */

/** Name of a strategy. */
export type StrategyName = 'wrr' | 'p2c' | 'hrw' | 'leasttime' | 'leastConn' | 'random' | 'first' | 'ring' | 'maglev'

/** What the hash of a request is made of. */
export interface HashPlan {
  readonly source: 'clientIp' | 'header' | 'cookie' | 'query' | 'path'
  /** Name of the header, cookie or query parameter. */
  readonly name: string
  /** How the client's address is found; null: the last address that a trusted peer has told, or that of the connection. */
  readonly ipStrategy: { readonly depth: number; readonly excludedIPs: readonly string[]; readonly ipv6Subnet?: number } | null
}

/** When failing answers take a server out. */
export interface PassivePlan {
  /** Time within which failures count, and for which the server is out. */
  readonly windowMs: number
  /** Failures in a row, at least 1. */
  readonly attempts: number
  /** Share of the servers that may be out at a time. */
  readonly ejectedPercentMax: number
  /** Longest time out; each ejection in a row doubles it up to this. 0: it never grows. */
  readonly ejectionMsMax: number
  /** An active check brings servers back, and nothing else does. */
  readonly isChecked: boolean
}

/** The part of a load balancer's plan that the pool and the strategies read. */
export interface BalancingPlan {
  readonly strategy: StrategyName
  /** Null: the strategy's own key, which is the address of the client's connection. */
  readonly hash: HashPlan | null
  /** Most load of a server as a multiple of the mean; 0: no bound. */
  readonly loadFactor: number
  /** Time for which a server that came up gets less than its share; 0: none. */
  readonly slowStartMs: number
  /** Share of servers that are up below which health does not count any more; 0: it always counts. */
  readonly panicPercent: number
  readonly passive: PassivePlan | null
  /** A request or connection whose server cannot be reached goes to another one. */
  readonly triesOthers: boolean
}

/** Where a server's numbers are on the board. */
export interface ServerPlaces {
  /** Cell with the server's state (see `serverState`); 0: it is always up. */
  readonly stateCell: number
  /** First cell of its history (see `historyCells`); 0: nobody asks for it. */
  readonly historyCell: number
  /** First cell of its latest times to answer (see `latencyCells`); 0: nobody asks for them, or the board is full. */
  readonly latencyCell: number
}
