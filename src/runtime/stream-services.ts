/** Resolves TCP and UDP services, children before parents. */
import type { BoardAllocator } from '../board/allocator.ts'
import type { Board } from '../board/board.ts'
import { tcpServices } from '../config/routing/tcp-services.ts'
import type { TcpLoadBalancerOptions } from '../config/routing/tcp-services/load-balancer.ts'
import { udpServices } from '../config/routing/udp-services.ts'
import type { UdpLoadBalancerOptions } from '../config/routing/udp-services/load-balancer.ts'
import type { BalancingPlan } from '../generation/balancing-plan.ts'
import type { StreamWeightedPlan, TcpServerPlan } from '../generation/stream-plan.ts'
import { type BalancingOptions, isProblem, planBalancing, ServerPlacer } from './balancing.ts'
import { nearestObject } from './draft.ts'
import { parseHostPort } from './host-port.ts'
import type { Merged } from './merge.ts'
import { qualify } from './names.ts'
import { TcpServiceDraft, UdpServiceDraft } from './stream-drafts.ts'
import { defaultTcpTransport, isSentVersion } from './tcp-transports.ts'

/** What stream services are resolved against. */
export interface StreamServicesContext {
  readonly merged: Merged
  readonly board: Board
  readonly places: BoardAllocator
  /** Names of TCP transports, with the error of those that cannot be used. */
  readonly transports: ReadonlyMap<string, string | null>
}

type StreamServiceDraft = TcpServiceDraft | UdpServiceDraft

/** Services while they are resolved. */
interface Walk<D extends StreamServiceDraft> extends StreamServicesContext {
  readonly drafts: ReadonlyMap<string, D>
  readonly done: Set<string>
  readonly kinds: readonly { readonly key: string; readonly built: boolean }[]
  readonly resolveKind: (draft: D, walk: Walk<D>, path: readonly string[]) => void
}

/** Resolves every TCP service. */
export function resolveTcpServices(context: StreamServicesContext): Map<string, TcpServiceDraft> {
  const drafts = new Map<string, TcpServiceDraft>()
  for (const [name, { config, origin }] of context.merged.tcpServices)
    drafts.set(name, new TcpServiceDraft(name, config, origin, context.board))
  resolveAll<TcpServiceDraft>({ ...context, drafts, done: new Set(), kinds: tcpServices, resolveKind: resolveTcpKind })
  return drafts
}

/** Resolves every UDP service. */
export function resolveUdpServices(context: StreamServicesContext): Map<string, UdpServiceDraft> {
  const drafts = new Map<string, UdpServiceDraft>()
  for (const [name, { config, origin }] of context.merged.udpServices)
    drafts.set(name, new UdpServiceDraft(name, config, origin, context.board))
  resolveAll<UdpServiceDraft>({ ...context, drafts, done: new Set(), kinds: udpServices, resolveKind: resolveUdpKind })
  return drafts
}

function resolveAll<D extends StreamServiceDraft>(walk: Walk<D>): void {
  for (const draft of walk.drafts.values()) resolveOne(draft, walk, [])
}

function resolveOne<D extends StreamServiceDraft>(draft: D, walk: Walk<D>, path: readonly string[]): void {
  if (walk.done.has(draft.name)) return
  const config: Readonly<Record<string, unknown>> = draft.source
  const present = walk.kinds.filter((kind) => config[kind.key] !== undefined)
  const kind = present[0]
  draft.type = kind?.key.toLowerCase() ?? ''
  if (kind === undefined) draft.fail(`the service "${draft.name}" does not have any type defined`)
  else if (present.length > 1)
    draft.fail('cannot create service: multi-types service not supported, consider declaring two different pieces of service instead', {
      found: present.map((each) => each.key).join(', '),
    })
  else {
    if (kind.built) walk.resolveKind(draft, walk, [...path, draft.name])
    else draft.fail(`${kind.key}: not supported yet`)
  }
  walk.done.add(draft.name)
}

function resolveTcpKind(draft: TcpServiceDraft, walk: Walk<TcpServiceDraft>, path: readonly string[]): void {
  const { loadBalancer, weighted } = draft.source
  if (loadBalancer !== undefined) {
    resolveTcpLoadBalancer(draft, loadBalancer, walk)
    return
  }
  if (weighted === undefined) return
  const tellsHealth = weighted.healthCheck !== undefined
  draft.plan = resolveWeighted(draft, weighted.services, { ...walk, path }, (child, index) => {
    if (!tellsHealth) return []
    const cells = stateCellsOf(child)
    if (cells === null)
      draft.fail(`child service ${child.name} of ${draft.name} has no health check`, { path: `weighted.services[${index}]` })
    return cells ?? []
  })
}

function resolveTcpLoadBalancer(draft: TcpServiceDraft, options: TcpLoadBalancerOptions, context: StreamServicesContext): void {
  const { places, board, transports } = context
  const names = options.serversTransport !== ''
  const transport = names ? qualify(options.serversTransport, draft.provider) : defaultTcpTransport
  const problem = transports.get(transport)
  if (problem !== null) {
    const nearest = problem === undefined ? nearestObject(transport, transports.keys(), draft.provider) : undefined
    draft.fail(problem ?? `no transport configuration found for "${transport}"`, {
      path: 'loadBalancer.serversTransport',
      ...(nearest === undefined ? {} : { nearest }),
    })
    return
  }
  // The older options count only where no transport is named.
  const version = names ? undefined : options.proxyProtocol?.version
  if (version !== undefined && !isSentVersion(version)) {
    draft.fail(`unknown proxyProtocol version: ${version}`, { path: 'loadBalancer.proxyProtocol.version', found: String(version) })
    return
  }
  const balancing = balancingOf(draft, options)
  if (balancing === null) return
  draft.servers = tcpServerPlans(draft, options, new ServerPlacer(`tcpServer:${draft.name}`, balancing, places, board))
  draft.plan = {
    kind: 'loadBalancer',
    name: draft.name,
    ...balancing,
    servers: draft.servers,
    transport,
    terminationDelayMs: names ? null : (options.terminationDelay ?? null),
    proxyProtocol: version ?? null,
    sequenceCell: places.place('cell', `tcpSequence:${draft.name}`),
  }
}

/** The plan of how servers are chosen; null when the options are at odds, which the draft then says. */
function balancingOf(draft: StreamServiceDraft, options: BalancingOptions): BalancingPlan | null {
  const balancing = planBalancing(options)
  if (!isProblem(balancing)) return balancing
  const { path, message, ...more } = balancing
  draft.fail(message, { path: `loadBalancer.${path}`, ...more })
  return null
}

/** A server whose address can be read. */
interface ReadServer<S> {
  readonly server: S
  readonly host: string
  readonly port: number
  readonly weight: number
}

function readServers<S extends { readonly address: string; readonly weight?: number }>(
  draft: StreamServiceDraft,
  servers: readonly S[],
): ReadServer<S>[] {
  const found: ReadServer<S>[] = []
  for (const server of servers) {
    const parsed = parseHostPort(server.address)
    if (parsed !== null) found.push({ server, ...parsed, weight: server.weight ?? 1 })
    else draft.remark(`loadBalancer.servers: ${JSON.stringify(server.address)} is no address with a port, the server is left out`)
  }
  return found
}

function tcpServerPlans(draft: TcpServiceDraft, options: TcpLoadBalancerOptions, placer: ServerPlacer): TcpServerPlan[] {
  return readServers(draft, options.servers).map(({ server: { address, tls }, host, port, weight }) => {
    const { inFlight, ...places } = placer.place(address)
    return { address, host, port, weight, tls, ...places, connections: inFlight }
  })
}

/** Cells of the servers on which a child's health hangs; null when the child does not tell its health. */
function stateCellsOf(draft: TcpServiceDraft): number[] | null {
  const { plan, source } = draft
  if (plan?.kind === 'loadBalancer')
    return source.loadBalancer?.healthCheck === undefined ? null : plan.servers.map((server) => server.stateCell)
  if (plan?.kind !== 'weighted' || source.weighted?.healthCheck === undefined) return null
  return plan.services.flatMap((child) => [...child.stateCells])
}

function resolveUdpKind(draft: UdpServiceDraft, walk: Walk<UdpServiceDraft>, path: readonly string[]): void {
  const { loadBalancer, weighted } = draft.source
  if (loadBalancer !== undefined) resolveUdpLoadBalancer(draft, loadBalancer, walk)
  else if (weighted !== undefined) draft.plan = resolveWeighted(draft, weighted.services, { ...walk, path }, () => [])
}

function resolveUdpLoadBalancer(draft: UdpServiceDraft, options: UdpLoadBalancerOptions, { places, board }: StreamServicesContext): void {
  const balancing = balancingOf(draft, options)
  if (balancing === null) return
  const placer = new ServerPlacer(`udpServer:${draft.name}`, balancing, places, board)
  draft.servers = readServers(draft, options.servers).map(({ server: { address }, host, port, weight }) => {
    const { inFlight, ...own } = placer.place(address)
    return { address, host, port, weight, ...own, sessions: inFlight }
  })
  const sequenceCell = places.place('cell', `udpSequence:${draft.name}`)
  draft.plan = { kind: 'loadBalancer', name: draft.name, ...balancing, servers: draft.servers, sequenceCell }
}

function resolveWeighted<D extends StreamServiceDraft>(
  draft: D,
  services: readonly { readonly name: string; readonly weight: number }[],
  walk: Walk<D> & { readonly path: readonly string[] },
  cellsOf: (child: D, index: number) => readonly number[],
): StreamWeightedPlan | null {
  const children: StreamWeightedPlan['services'][number][] = []
  for (const [index, { name, weight }] of services.entries()) {
    const qualified = qualify(name, draft.provider)
    const child = walk.drafts.get(qualified)
    const problem = childProblem(qualified, child, walk, walk.path)
    if (problem !== null || child === undefined) {
      const nearest = child === undefined ? nearestObject(qualified, walk.drafts.keys(), draft.provider) : undefined
      draft.fail(problem ?? '', { path: `weighted.services[${index}].name`, found: name, ...(nearest === undefined ? {} : { nearest }) })
      continue
    }
    children.push({ name: qualified, weight, stateCells: cellsOf(child, index) })
  }
  if (draft.status === 'disabled') return null
  const protocol = draft instanceof TcpServiceDraft ? 'tcp' : 'udp'
  return {
    kind: 'weighted',
    name: draft.name,
    services: children,
    sequenceCell: walk.places.place('cell', `${protocol}Sequence:${draft.name}`),
  }
}

/** Why a child cannot be used; null when it can. */
function childProblem<D extends StreamServiceDraft>(
  name: string,
  child: D | undefined,
  walk: Walk<D>,
  path: readonly string[],
): string | null {
  if (child === undefined) return `the service "${name}" does not exist`
  if (path.includes(name)) return `could not instantiate service ${name}: recursion detected in ${[...path, name].join('->')}`
  resolveOne(child, walk, path)
  return child.status === 'disabled' ? (child.errors[0] ?? `the service "${name}" cannot be built`) : null
}
