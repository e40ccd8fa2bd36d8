/** UDP services: which server a new session goes to. */
import type { UdpLoadBalancerPlan, UdpServerPlan, UdpServicePlan } from '../../generation/stream-plan.ts'
import type { BalancerContext } from '../balancers/balancer.ts'
import { balancerOf, memberPlan, StreamServer } from './servers.ts'
import { Turn, Turns } from './turns.ts'

/** A server that datagrams are sent to. */
export interface UdpServer {
  /** As configured; tells servers apart. */
  readonly address: string
  readonly host: string
  readonly port: number
  /** A session counts as one of the server's from now on. */
  enter(): void
  leave(): void
  /** The first datagram came back, so many milliseconds after the session began. */
  reached(ms: number): void
  /** The system says that there is nobody. */
  unreached(): void
}

/** Chooses servers for sessions. */
export interface UdpService {
  /** Server of the next session of a client, by its address; null when there is none. */
  next(client: string): UdpServer | null
  /** Whether a session with this server may go on. */
  reaches(address: string): boolean
}

/** What services are built with. */
export interface UdpServiceContext extends Omit<BalancerContext, 'tell'> {
  /** The children of weighted services by qualified name. */
  readonly service: (name: string) => UdpService
  /** Something that the administrator should know. */
  readonly warn: (message: string, fields: Readonly<Record<string, string>>) => void
}

/** Builds a service. */
export function buildUdpService(plan: UdpServicePlan, context: UdpServiceContext): UdpService {
  if (plan.kind === 'loadBalancer') return buildLoadBalancer(plan, context)
  const children = plan.services.map(({ name, weight }) => new Turn(name, weight, context.service(name), []))
  const turns = new Turns<UdpService>(children, context.board, plan.sequenceCell)
  return {
    next: (client) => turns.next()?.next(client) ?? null,
    reaches: (address) => children.some((child) => child.weight > 0 && child.value.reaches(address)),
  }
}

function buildLoadBalancer(plan: UdpLoadBalancerPlan, context: UdpServiceContext): UdpService {
  const servers = plan.servers.map((server) => new Server(server, context.board))
  const balancer = balancerOf(servers, plan, {
    ...context,
    tell: (message, server) => context.warn(message, { serviceName: plan.name, serverAddress: server.name }),
  })
  const addresses = new Set(plan.servers.map((server) => server.address))
  return { next: (client) => balancer.next(client), reaches: (address) => addresses.has(address) }
}

class Server extends StreamServer implements UdpServer {
  readonly address: string
  readonly host: string
  readonly port: number

  constructor(plan: UdpServerPlan, board: BalancerContext['board']) {
    super(memberPlan(plan, plan.sessions), board)
    this.address = plan.address
    this.host = plan.host
    this.port = plan.port
  }
}
