/** UDP services: which server a new session goes to. */
import type { Board } from '../../board/board.ts'
import type { UdpServicePlan } from '../../generation/stream-plan.ts'
import { Turn, Turns } from './turns.ts'

/** A server that datagrams are sent to. */
export interface UdpServer {
  /** As configured; tells servers apart. */
  readonly address: string
  readonly host: string
  readonly port: number
}

/** Chooses servers for sessions. */
export interface UdpService {
  /** Server of the next session; null when there is none. */
  next(): UdpServer | null
  /** Whether a session with this server may go on. */
  reaches(address: string): boolean
}

/** Builds a service; `service` finds the children of weighted ones by qualified name. */
export function buildUdpService(plan: UdpServicePlan, board: Board, service: (name: string) => UdpService): UdpService {
  if (plan.kind === 'loadBalancer') {
    const turns = new Turns<UdpServer>(
      plan.servers.map((server) => new Turn(server.address, 1, server, [])),
      board,
      plan.sequenceCell,
    )
    const addresses = new Set(plan.servers.map((server) => server.address))
    return { next: () => turns.next(), reaches: (address) => addresses.has(address) }
  }
  const children = plan.services.map(({ name, weight }) => new Turn(name, weight, service(name), []))
  const turns = new Turns<UdpService>(children, board, plan.sequenceCell)
  return {
    next: () => turns.next()?.next() ?? null,
    reaches: (address) => children.some((child) => child.weight > 0 && child.value.reaches(address)),
  }
}
