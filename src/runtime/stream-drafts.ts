/** TCP and UDP objects while they are resolved. */
import type { Board } from '../board/board.ts'
import type { TcpMiddleware, TcpRouter, TcpService, UdpRouter, UdpService } from '../config/routing/routing.ts'
import type { TcpMiddlewarePlan, TcpServerPlan, TcpServicePlan, UdpServerPlan, UdpServicePlan } from '../generation/stream-plan.ts'
import { Draft, type Origin } from './draft.ts'
import { qualify } from './names.ts'
import { statusOf } from './server-status.ts'
import type { MiddlewareInfo, RouterInfo, ServerStatus, ServiceInfo } from './state.ts'

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

  serverStatus(): Record<string, ServerStatus> {
    return statusOf(this.#board, this.servers)
  }
}

/** A UDP service. */
export class UdpServiceDraft extends Draft<UdpService> implements ServiceInfo<UdpService> {
  type = ''
  readonly usedBy: string[] = []
  plan: UdpServicePlan | null = null
  servers: readonly UdpServerPlan[] = []
  readonly #board: Board

  constructor(name: string, source: UdpService, origin: Origin, board: Board) {
    super(name, source, origin)
    this.#board = board
  }

  /** As Traefik's, whose UDP servers have no state, until one of them is not plainly up. */
  serverStatus(): Record<string, ServerStatus> {
    const status = statusOf(this.#board, this.servers)
    return this.source.loadBalancer?.healthCheck === undefined && Object.values(status).every((one) => one === 'UP') ? {} : status
  }
}

/** A TCP middleware. */
export class TcpMiddlewareDraft extends Draft<TcpMiddleware> implements MiddlewareInfo<TcpMiddleware> {
  type = ''
  /** As recorded of Traefik, TCP middlewares do not tell who uses them. */
  readonly usedBy: string[] = []
  plan: TcpMiddlewarePlan | null = null
}
