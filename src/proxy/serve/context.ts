/** What generations of a worker are built with: the one place where middlewares, services, pipeline and observers come together. */
import type { Board } from '../../board/board.ts'
import { fixedCells } from '../../board/board.ts'
import { ClientCounts } from '../../board/client-counts.ts'
import type { SeriesNews } from '../../board/series-kinds.ts'
import type { ExplainRequest, Explanation } from '../../generation/explanation.ts'
import type { ControlRequest } from '../../generation/messages.ts'
import type { EntryPointPlan, GlobalPlan, InternalServicePlan, MiddlewarePlan } from '../../generation/plan.ts'
import { systemClock } from '../../std/clock.ts'
import { processMs } from '../../std/process-clock.ts'
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
import { Meters } from '../observe/meters.ts'
import type { Recorder } from '../observe/recorder.ts'
import { createPasswordChecker } from '../passwords/checker.ts'
import { buildTcpService } from '../stream/tcp-service.ts'
import { buildUdpService } from '../stream/udp-service.ts'
import { OutboundClient } from '../upstream/outbound-client.ts'
import { Upstreams } from '../upstream/upstreams.ts'
import type { BuildContext, BuiltMiddleware, Plans, Serving, ServingBuilder } from './build.ts'
import { ControlPlane } from './control.ts'
import { MeasuringCounter, RequestCounter } from './counters.ts'
import { explain } from './explain.ts'
import { measureMiddleware } from './middleware-meter.ts'

/** What the worker gives. */
export interface ServeInput {
  readonly board: Board
  readonly wheel: TimerWheel
  ask(id: number, request: ControlRequest): void
  log(level: 'warn' | 'error', message: string, fields: Readonly<Record<string, string>>): void
  /** Tells the control plane of series of metrics. */
  series?(news: SeriesNews): void
}

/** The context, and what the worker itself needs of it. */
export interface ServeContext extends BuildContext {
  readonly control: ControlPlane
  explain(request: ExplainRequest, serving: Serving, builder: ServingBuilder): Promise<Explanation>
  /** Told after a generation was swapped in. */
  onServing(serving: Serving, plans: Plans): void
  /** A TLS handshake was made on an entry point, or failed. */
  onHandshake(entryPoint: string, isOk: boolean): void
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
  const meters = createMeters(input, upstreams)
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
      const built = buildMiddleware(kind, plan, { board, passwords, wheel, outbound, service, warn })
      return { ...built, middleware: measureMiddleware(plan.name, built.middleware, meters) }
    },
    service(plan, transport, service) {
      if (plan.kind === 'internal') return countInternal(plan, internalHandler(plan, board, control), meters)
      return buildService(plan, { board, wheel, processMs, upstreams, random: Math.random, transport, service, warn })
    },
    pipeline(plan, global, route) {
      return buildEntryPointPipeline(
        plan,
        global,
        observed(plan, measured(plan, route, board, meters.recorder), accessLogs.use(global.accessLog)),
        flatteners.for(global.hostResolver),
      )
    },
    encodedCharacters: encodedCharactersRefusal,
    tcpAdmission: (plan) => tcpKinds.get(plan.kind)?.admits?.(plan.options) ?? null,
    tcpMiddleware(plan) {
      const kind = tcpKinds.get(plan.kind)
      if (kind === undefined) throw new Error(`there is no TCP middleware kind ${plan.kind}`)
      return kind.create(plan.options, { clients: new ClientCounts(board, plan.clientCells, plan.clientGauges) })
    },
    tcpService: (plan, transport, service) =>
      buildTcpService(plan, { board, wheel, processMs, random: Math.random, transport, service, warn }),
    udpService: (plan, service) => buildUdpService(plan, { board, wheel, processMs, random: Math.random, service, warn }),
    begin: (global) => beginMeasuring(global, meters, upstreams),
    onHandshake: (entryPoint, isOk) => meters.recorder?.handshake(entryPoint, isOk),
    onServing(_serving, plans) {
      meters.serve(plans)
      upstreams.configure(plans.global.get('') ?? null)
    },
    explain: (request, serving, builder) =>
      explain(request, serving, builder.inspect(board), {
        pipeline: (plan, global, route) => buildEntryPointPipeline(plan, global, route, flatteners.for(global.hostResolver)),
        isPure: (kind) => kinds.get(kind)?.isPure ?? false,
        nowMs: () => systemClock.now(),
      }),
    reopenLogs: () => accessLogs.reopen(),
    async close() {
      meters.close()
      upstreams.close()
      await passwords.close()
      await accessLogs.close()
    },
  }
}

function createMeters(input: ServeInput, upstreams: Upstreams): Meters {
  return new Meters({
    worker: String(input.board.row),
    clock: systemClock,
    post: (news) => input.series?.(news),
    soon: (call) => void setImmediate(call),
    poolSizes: (tell) => upstreams.poolSizes(tell),
  })
}

/** Measures as a generation asks; true when what measures is another than before. */
function beginMeasuring(global: GlobalPlan | null, meters: Meters, upstreams: Upstreams): boolean {
  const before = meters.recorder
  upstreams.recorder = meters.use(global?.metrics ?? null)
  return upstreams.recorder !== before
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

/** Logs every exchange of an entry point when access logs are on. */
function observed(plan: EntryPointPlan, counted: Handler, log: AccessLog | null): Handler {
  return log === null ? counted : log.observe(plan.config.observability?.accessLogs ?? true, counted)
}

/** Counts every exchange of an entry point, and measures it when metrics are on. */
function measured(plan: EntryPointPlan, route: Handler, board: Board, recorder: Recorder | null): Handler {
  const counter = new RequestCounter(board, plan.counters)
  if (recorder !== null)
    return new MeasuringCounter(counter, recorder, plan.name, plan.config.observability?.metrics ?? true).observe(route)
  return (exchange) => {
    exchange.addObserver(counter)
    return route(exchange)
  }
}

/** Services of Tidegate's own count only where metrics ask for them. */
function countInternal(plan: InternalServicePlan, answer: Handler, meters: Meters): Handler {
  const { name, counters } = plan
  if (counters === undefined) return answer
  return (exchange) => {
    meters.recorder?.internal(counters, name)
    exchange.serviceCounters = counters
    return answer(exchange)
  }
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
