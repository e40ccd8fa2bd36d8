/**
 * Publishes generations to the workers: each worker gets the difference to what it has, in pieces that it asks for one after the other, so that
 * taking a large generation never stalls its requests.
 */
import type { ToWorker } from '../generation/messages.ts'
import type { PlanChange, PlanKind, PlanKinds } from '../generation/plan.ts'
import { sameData } from '../std/same-data.ts'

/** The plans of one generation, by kind and qualified name. */
export type PlanSet = { readonly [K in PlanKind]: ReadonlyMap<string, PlanKinds[K]> }

/** All kinds of plans, in the order in which workers are told of them. */
export const planKinds: readonly PlanKind[] = [
  'global',
  'tls',
  'tlsOptions',
  'certificate',
  'entryPoint',
  'transport',
  'middleware',
  'service',
  'router',
  'tcpTransport',
  'tcpMiddleware',
  'tcpService',
  'tcpRouter',
  'udpService',
  'udpRouter',
]

/** Plans in one piece: about a millisecond of cloning on either side. */
const pieceChanges = 200

/** What changed from one set of plans to another. */
export function differenceOf(before: PlanSet | null, after: PlanSet): PlanChange[] {
  const changes: PlanChange[] = []
  for (const kind of planKinds) {
    const old: ReadonlyMap<string, unknown> | undefined = before?.[kind]
    const now: ReadonlyMap<string, unknown> = after[kind]
    for (const [key, plan] of now) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the plan was taken from the map of this very kind.
      if (!sameData(old?.get(key), plan)) changes.push({ kind, key, plan } as PlanChange)
    }
    if (old === undefined) continue
    for (const key of old.keys()) {
      if (!now.has(key)) changes.push({ kind, key, plan: null } as PlanChange)
    }
  }
  return changes
}

/** Feeds one worker. */
export class PlanFeed {
  readonly #post: (message: ToWorker) => void
  /** What the worker has, or will have when all that was started has been sent. */
  #sent: PlanSet | null = null
  #queue: ToWorker[] = []
  #latest: { generation: number; plans: PlanSet } | null = null
  #sending = false

  constructor(post: (message: ToWorker) => void) {
    this.#post = post
  }

  /** Sends a generation, or remembers it as the next while another is on its way; one in between is skipped. */
  publish(generation: number, plans: PlanSet, known?: readonly PlanChange[]): void {
    if (this.#sending) {
      this.#latest = { generation, plans }
      return
    }
    const changes = known ?? differenceOf(this.#sent, plans)
    this.#sent = plans
    this.#queue = piecesOf(generation, changes)
    this.#sending = true
    this.sendNext()
  }

  /** The plans that were sent last; null when none were. */
  get sent(): PlanSet | null {
    return this.#sent
  }

  /** The worker took a piece and asks for more. */
  sendNext(): void {
    const piece = this.#queue.shift()
    if (piece !== undefined) this.#post(piece)
  }

  /** The worker serves what was sent. */
  applied(): void {
    this.#sending = false
    const latest = this.#latest
    if (latest === null) return
    this.#latest = null
    this.publish(latest.generation, latest.plans)
  }
}

function piecesOf(generation: number, changes: readonly PlanChange[]): ToWorker[] {
  const pieces: ToWorker[] = []
  for (let from = 0; from < changes.length || from === 0; from += pieceChanges) {
    const piece = changes.slice(from, from + pieceChanges)
    pieces.push({ type: 'changes', generation, changes: piece, last: from + pieceChanges >= changes.length })
  }
  return pieces
}
