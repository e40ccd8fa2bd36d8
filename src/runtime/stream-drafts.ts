/** TCP and UDP objects while they are resolved. */
import { type Board, serverState } from '../board/board.ts'
import type { TcpMiddleware, TcpRouter, TcpService, UdpRouter, UdpService } from '../config/routing/routing.ts'
import type { TcpMiddlewarePlan, TcpServerPlan, TcpServicePlan, UdpServicePlan } from '../generation/stream-plan.ts'
import { Draft, type Origin } from './draft.ts'
import { qualify } from './names.ts'
import type { MiddlewareInfo, RouterInfo, ServiceInfo } from './state.ts'

/** A TCP router. */
export class TcpRouterDraft extends Draft<TcpRouter> implements RouterInfo<TcpRouter> {
  /** As asked for; `using` are those that there are. */
  readonly entryPoints: readonly string[]
  using: string[] = []
  priority = 0n
  syntax: 'v2' | 'v3' = 'v3'
  /** Qualified. */
  middlewares: readonly string[] = []
  /** Qualified; '' when there is none. */
  service = ''
  /** Qualified. */
  tlsOptions = ''

  constructor(name: string, source: TcpRouter, origin: Origin, entryPoints: readonly string[]) {
    super(name, source, origin)
    this.entryPoints = entryPoints
  }

  override get config(): TcpRouter {
    const { source } = this
    const filled: TcpRouter = {
      ...source,
      entryPoints: [...this.entryPoints],
      middlewares: source.middlewares.map((name) => qualify(name, this.provider)),
      priority: this.priority,
    }
    if (source.tls !== undefined) filled.tls = { ...source.tls, options: source.tls.options === '' ? 'default' : source.tls.options }
    return filled
  }
}

/** A UDP router. */
export class UdpRouterDraft extends Draft<UdpRouter> implements RouterInfo<UdpRouter> {
  readonly entryPoints: readonly string[]
  using: string[] = []
  readonly priority = 0n
  service = ''

  constructor(name: string, source: UdpRouter, origin: Origin, entryPoints: readonly string[]) {
    super(name, source, origin)
    this.entryPoints = entryPoints
  }

  override get config(): UdpRouter {
    return { ...this.source, entryPoints: [...this.entryPoints] }
  }
}

/** A TCP service. */
export class TcpServiceDraft extends Draft<TcpService> implements ServiceInfo<TcpService> {
  type = ''
  readonly usedBy: string[] = []
  plan: TcpServicePlan | null = null
  servers: readonly TcpServerPlan[] = []
  readonly #board: Board

  constructor(name: string, source: TcpService, origin: Origin, board: Board) {
    super(name, source, origin)
    this.#board = board
  }

  serverStatus(): Record<string, 'UP' | 'DOWN'> {
    const status: Record<string, 'UP' | 'DOWN'> = Object.create(null)
    for (const { address, stateCell } of this.servers)
      status[address] = stateCell !== 0 && Atomics.load(this.#board.cells, stateCell) === serverState.down ? 'DOWN' : 'UP'
    return status
  }
}

/** A UDP service; its servers have no state. */
export class UdpServiceDraft extends Draft<UdpService> implements ServiceInfo<UdpService> {
  type = ''
  readonly usedBy: string[] = []
  plan: UdpServicePlan | null = null

  serverStatus(): Record<string, 'UP' | 'DOWN'> {
    return {}
  }
}

/** A TCP middleware. */
export class TcpMiddlewareDraft extends Draft<TcpMiddleware> implements MiddlewareInfo<TcpMiddleware> {
  type = ''
  /** As recorded of Traefik, TCP middlewares do not tell who uses them. */
  readonly usedBy: string[] = []
  plan: TcpMiddlewarePlan | null = null
}
