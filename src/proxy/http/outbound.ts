/** Calls of ours to servers that belong to no service: authorization servers, key sets, token endpoints. */
import type { TransportPlan } from '../../generation/plan.ts'
import type { BodySource } from './body.ts'
import type { CollectedAnswer } from './collected-answer.ts'
import type { Exchange } from './exchange.ts'
import type { HeaderList } from './header-list.ts'

/** A call. */
export interface OutboundRequest {
  readonly method: string
  /** Absolute, http or https. */
  readonly url: string
  readonly headers: HeaderList
  readonly body: BodySource | null
  /** Longest answer that is taken, in bytes; -1: any. */
  readonly bytesMax: number
  readonly timeoutMs: number
  /** How the server is reached; system roots and no client certificate when null. */
  readonly transport: TransportPlan | null
  /** The exchange that waits for it: when its client leaves the call is given up. Null: nobody's. */
  readonly waiting: Exchange | null
}

/** Makes calls; connections are kept as those to any server. */
export interface Outbound {
  /** Resolves with the answer, redirects included, or with the reason why there is none. Throws when the URL is none. */
  call(request: OutboundRequest): Promise<CollectedAnswer>
}
