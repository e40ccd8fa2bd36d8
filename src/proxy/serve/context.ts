/** What generations of a worker are built with: the one place where middlewares, services, pipeline and observers come together. */
import type { Board } from '../../board/board.ts'
import { fixedCells } from '../../board/board.ts'
import { ClientCounts } from '../../board/client-counts.ts'
import type { ControlRequest } from '../../generation/messages.ts'
import type { EntryPointPlan, InternalServicePlan, MiddlewarePlan } from '../../generation/plan.ts'
import { systemClock } from '../../std/clock.ts'
import type { TimerWheel } from '../../std/timer-wheel.ts'
import { buildService } from '../balancers/build-service.ts'
import { buildEntryPointPipeline, encodedCharactersRefusal } from '../http/entry-point.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { HostFlatteners } from '../http/host-resolver.ts'
import type { AnyMiddlewareModule, MiddlewareContext } from '../http/middleware.ts'
import { respondText, statusText } from '../http/respond.ts'
import { httpMiddlewares } from '../middlewares/http/middlewares.ts'
import { tcpMiddlewares } from '../middlewares/tcp/middlewares.ts'
import { type AccessLog, AccessLogs } from '../observe/access-log.ts'
import { createPasswordChecker } from '../passwords/checker.ts'
import { buildTcpService } from '../stream/tcp-service.ts'
import { buildUdpService } from '../stream/udp-service.ts'
import { OutboundClient } from '../upstream/outbound-client.ts'
import { Upstreams } from '../upstream/upstreams.ts'
import type { BuildContext, BuiltMiddleware, Plans, Serving } from './build.ts'
import { ControlPlane } from './control.ts'
import { RequestCounter } from './counters.ts'

/** What the worker gives. */
export interface ServeInput {
  readonly board: Board
  readonly wheel: TimerWheel
  ask(id: number, request: ControlRequest): void
  log(level: 'warn' | 'error', message: string, fields: Readonly<Record<string, string>>): void
}

/** The context, and what the worker itself needs of it. */
export interface ServeContext extends BuildContext {
  readonly control: ControlPlane
  /** Told after a generation was swapped in. */
  onServing(serving: Serving, plans: Plans): void
  reopenLogs(): void
  /** Reports a fault of this program that cost one request. */
  fault(error: unknown, fields: Readonly<Record<string, string>>): void
  close(): Promise<void>
}

const noSharedMemory = new SharedArrayBuffer(0)

/** Puts the parts of a worker together. */
export function createServeContext(input: ServeInput): ServeContext {
  const { board, wheel } = input
  const warn: BuildContext['warn'] = (message, fields) => input.log('warn', message, fields)
  const fault: ServeContext['fault'] = (error, fields) =>
    input.log('error', `request failed: ${error instanceof Error ? error.message : String(error)}`, {
      ...fields,
      stack: error instanceof Error ? (error.stack ?? '') : '',
    })
  const control = new ControlPlane((id, request) => input.ask(id, request))
  const passwords = createPasswordChecker()
  const accessLogs = new AccessLogs({ board, clock: systemClock, warn: (message) => warn(message, {}) })
  const upstreams = new Upstreams({ board, wheel, env: process.env, onError: (cause) => fault(cause, {}) })
  const outbound = new OutboundClient(upstreams)
  const flatteners = new HostFlatteners()
  const kinds = new Map(httpMiddlewares.map((module) => [module.key, module]))
  const tcpKinds = new Map(tcpMiddlewares.map((module) => [module.key, module]))
  return {
    control,
    warn,
    fault,
    middleware(plan, service) {
      const kind = kinds.get(plan.kind)
      if (kind === undefined) throw new Error(`there is no middleware kind ${plan.kind}`)
      return buildMiddleware(kind, plan, { board, passwords, wheel, outbound, service, warn })
    },
    service(plan, transport, service) {
      if (plan.kind === 'internal') return internalHandler(plan, board, control)
      return buildService(plan, { board, upstreams, random: Math.random, transport, service })
    },
    pipeline(plan, global, route) {
      return buildEntryPointPipeline(
        plan,
        global,
        observed(plan, route, board, accessLogs.use(global.accessLog)),
        flatteners.for(global.hostResolver),
      )
    },
    encodedCharacters: encodedCharactersRefusal,
    tcpMiddleware(plan) {
      const kind = tcpKinds.get(plan.kind)
      if (kind === undefined) throw new Error(`there is no TCP middleware kind ${plan.kind}`)
      return kind.create(plan.options, { clients: new ClientCounts(board, plan.clientCells, plan.clientGauges) })
    },
    tcpService: (plan, transport, service) => buildTcpService(plan, { board, wheel, transport, service, warn }),
    udpService: (plan, service) => buildUdpService(plan, board, service),
    onServing(_serving, plans) {
      upstreams.configure(plans.global.get('') ?? null)
    },
    reopenLogs: () => accessLogs.reopen(),
    async close() {
      upstreams.close()
      await passwords.close()
      await accessLogs.close()
    },
  }
}

/** Makes a middleware with all that it may use. */
function buildMiddleware(
  kind: AnyMiddlewareModule,
  plan: MiddlewarePlan,
  context: Pick<MiddlewareContext, 'board' | 'passwords' | 'wheel' | 'outbound' | 'service'> & Pick<BuildContext, 'warn'>,
): BuiltMiddleware {
  const { board, passwords, wheel, outbound, service, warn } = context
  const closing: (() => void)[] = []
  const middleware = kind.create(plan.options, {
    name: plan.name,
    board,
    passwords,
    random: Math.random,
    service: (name) => service(plan.services[name] ?? name),
    wheel,
    outbound,
    clients: new ClientCounts(board, plan.clientCells, plan.clientGauges),
    shared: plan.shared ?? noSharedMemory,
    warn: (message, fields) => warn(message, { middlewareName: plan.name, ...fields }),
    onClose: (call) => closing.push(call),
  })
  return {
    middleware,
    close() {
      for (const call of closing) call()
    },
  }
}

/** Counts every exchange of an entry point, and logs it when access logs are on. */
function observed(plan: EntryPointPlan, route: Handler, board: Board, log: AccessLog | null): Handler {
  const counter = new RequestCounter(board, plan.counters)
  const counted: Handler = (exchange) => {
    exchange.addObserver(counter)
    return route(exchange)
  }
  return log === null ? counted : log.observe(plan.config.observability?.accessLogs ?? true, counted)
}

function internalHandler(plan: InternalServicePlan, board: Board, control: ControlPlane): Handler {
  if (plan.target === 'noop') return (exchange) => respondText(exchange, 418, '', null)
  if (plan.target === 'ping') return (exchange) => ping(exchange, board, plan.terminatingStatus)
  return control.handler(plan.target)
}

function ping(exchange: Exchange, board: Board, terminatingStatus: number): void {
  const terminating = Atomics.load(board.cells, fixedCells.terminating) === 1
  const status = terminating ? terminatingStatus : 200
  respondText(exchange, status, statusText(status), terminating ? 'shutting_down' : null)
}
