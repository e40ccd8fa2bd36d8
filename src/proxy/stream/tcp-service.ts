/** Builds the handlers of TCP services. */
import type {
  StreamWeightedPlan,
  TcpLoadBalancerPlan,
  TcpServerPlan,
  TcpServicePlan,
  TcpTransportPlan,
} from '../../generation/stream-plan.ts'
import { type TlsConnectOptions, TlsSettings } from '../../generation/tls-settings.ts'
import type { Balancer, BalancerContext } from '../balancers/balancer.ts'
import type { DialRoute } from '../upstream/dial.ts'
import { relay, type RelayOptions, type RelayServer } from './relay.ts'
import { balancerOf, memberPlan, StreamServer } from './servers.ts'
import type { TcpHandler } from './tcp-connection.ts'
import { Turn, Turns } from './turns.ts'

/** What services are built with. */
export interface TcpServiceContext extends Omit<BalancerContext, 'tell'> {
  /** Transport by qualified name. */
  readonly transport: (name: string) => TcpTransportPlan | undefined
  /** Handler of a service by qualified name. */
  readonly service: (name: string) => TcpHandler
  /** Something that the administrator should know. */
  readonly warn: (message: string, fields: Readonly<Record<string, string>>) => void
}

/** The handler of a service; throws when its plan names a transport that is not there. */
export function buildTcpService(plan: TcpServicePlan, context: TcpServiceContext): TcpHandler {
  return plan.kind === 'weighted' ? buildWeighted(plan, context) : buildLoadBalancer(plan, context)
}

function buildWeighted(plan: StreamWeightedPlan, { board, service }: TcpServiceContext): TcpHandler {
  const turns = new Turns(
    plan.services.map(({ name, weight, stateCells }) => new Turn(name, weight, service(name), stateCells)),
    board,
    plan.sequenceCell,
  )
  return (connection) => {
    const child = turns.next()
    if (child === null) connection.destroy()
    else child(connection)
  }
}

function buildLoadBalancer(plan: TcpLoadBalancerPlan, context: TcpServiceContext): TcpHandler {
  const { board, wheel, warn } = context
  const transport = context.transport(plan.transport)
  if (transport === undefined) throw new Error(`service ${plan.name}: there is no servers transport ${plan.transport}`)
  const servers = plan.servers.map((server) => new TcpServer(server, transport, board))
  const balancer = balancerOf(servers, plan, {
    ...context,
    tell: (message, server) => warn(message, { serviceName: plan.name, serverAddress: server.name }),
  })
  const options: RelayOptions = {
    wheel,
    proxyProtocol: plan.proxyProtocol ?? transport.proxyProtocol,
    halfOpenMs: plan.terminationDelayMs ?? transport.terminationDelayMs,
    onDialError: (address, error) =>
      warn(`cannot connect to the server: ${error.message}`, { serviceName: plan.name, serverAddress: address }),
  }
  return (connection) => {
    const server = balancer.next(connection.facts.remoteIp)
    if (server === null) connection.destroy()
    else relay(connection, plan.triesOthers ? inOrder(server, balancer) : [server], options)
  }
}

/** The servers to try: first who was chosen, then the others. */
function inOrder(chosen: TcpServer, balancer: Balancer<TcpServer>): readonly TcpServer[] {
  const usable = balancer.pool.usable()
  const at = usable.indexOf(chosen)
  return at < 0 ? [chosen] : [...usable.slice(at), ...usable.slice(0, at)]
}

/** A server of a load balancer. */
class TcpServer extends StreamServer implements RelayServer {
  readonly route: Omit<DialRoute, 'preamble'>

  constructor(plan: TcpServerPlan, transport: TcpTransportPlan, board: BalancerContext['board']) {
    super(memberPlan(plan, plan.connections), board)
    this.route = {
      socketPath: '',
      host: plan.host,
      port: plan.port,
      tls: plan.tls ? streamTls(transport) : null,
      proxy: null,
      dialTimeoutMs: transport.dialTimeoutMs,
      keepAliveMs: transport.dialKeepAliveMs,
    }
  }
}

/** TLS to servers whose protocol is not known: none is offered. */
class StreamTls {
  readonly #settings: TlsSettings

  constructor(transport: TcpTransportPlan) {
    this.#settings = new TlsSettings(transport.tls)
  }

  optionsFor(host: string): TlsConnectOptions {
    const { ALPNProtocols: _http, ...options } = this.#settings.optionsFor(host)
    return options
  }
}

/** A transport that did not change is the very same plan: its context is made once. */
const known = new WeakMap<TcpTransportPlan, StreamTls>()

function streamTls(transport: TcpTransportPlan): StreamTls {
  let settings = known.get(transport)
  if (settings === undefined) {
    settings = new StreamTls(transport)
    known.set(transport, settings)
  }
  return settings
}
