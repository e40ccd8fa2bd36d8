/** Configuration without a running router: read, resolved, and asked what it would do. */
import { readFileSync } from 'node:fs'
import { BoardAllocator } from '../board/allocator.ts'
import { type Board, createBoard, defaultBoardSize } from '../board/board.ts'
import { parseEntryPointAddress } from '../config/install/address.ts'
import type { InstallConfiguration } from '../config/install/install.ts'
import type { ConfigProblem } from '../config/schema/problem.ts'
import { examineInstall } from '../config/sources/load-install.ts'
import type { ExplainRequest, Explanation } from '../generation/explanation.ts'
import type { EntryPointPlan } from '../generation/plan.ts'
import { readRoutingFiles } from '../providers/file/read-files.ts'
import { ProviderHost } from '../providers/host.ts'
import { globalPlan } from '../runtime/global.ts'
import type { Snapshot } from '../runtime/merge.ts'
import { readMiddlewareFiles } from '../runtime/middleware-files.ts'
import { SharedMemory } from '../runtime/middleware-plans.ts'
import { type Resolved, resolve } from '../runtime/resolve.ts'
import { rememberingRuleCheck } from '../runtime/rule-check.ts'
import type { ObjectInfo, RuntimeState } from '../runtime/state.ts'
import { TlsMaterial } from '../runtime/tls-material.ts'
import { Workers } from '../runtime/workers.ts'
import { systemClock } from '../std/clock.ts'
import { silentLogger } from '../std/log.ts'

/** Configuration as a router that starts now would have it. */
export interface Offline {
  /** All that is wrong or doubtful, each with its place. */
  readonly findings: readonly ConfigProblem[]
  readonly board: Board
  /** Null when there is nothing to resolve, since something could not be read. */
  readonly resolved: Resolved | null
}

/** Reads install configuration by flags, environment and files, and the routing files that it names, or those that are given instead. */
export function readOffline(flags: readonly string[], files: readonly string[]): Offline {
  const read = examineInstall({ args: flags, env: process.env, cwd: process.cwd() })
  const findings: ConfigProblem[] = [...read.problems]
  for (const message of [...read.warnings, ...read.unbuilt]) findings.push({ severity: 'warning', path: '', message })
  const board = createBoard({ ...defaultBoardSize, rows: 2 })
  if (read.install === undefined) return { findings, board, resolved: null }
  const snapshots = readSnapshots(read.install, files, findings)
  // Without its routing there is nothing to resolve: references would all be missing.
  if (findings.some((finding) => finding.severity === 'error')) return { findings, board, resolved: null }
  const resolved = resolveOffline(read.install, snapshots, board, findings)
  return { findings: [...findings, ...detailsOf(resolved.state)], board, resolved }
}

/** Asks what would become of requests, one after the other. Nothing is listened on. */
export async function explainOffline(offline: Offline, requests: readonly ExplainRequest[]): Promise<Explanation[]> {
  if (offline.resolved === null) return requests.map(() => ({ problem: 'the configuration cannot be read', entryPoints: [] }))
  const workers = new Workers({
    board: offline.board,
    clock: systemClock,
    listens: false,
    ask: () => Promise.resolve({ status: 503, headers: [], body: '' }),
    log: () => {},
    onServed: () => {},
    onDescriptorsLost: () => {},
  })
  await workers.resize(0)
  const { plans } = offline.resolved
  workers.publish(1, plans, [])
  await workers.settled()
  const explanations: Explanation[] = []
  for (const request of requests) explanations.push(await workers.explain(request))
  await workers.shutDown()
  return explanations
}

function readSnapshots(install: InstallConfiguration, files: readonly string[], findings: ConfigProblem[]): Snapshot[] {
  const sources =
    files.length > 0
      ? files.map((filename) => ({ directory: '', filename, watch: false, debugLogGeneratedTemplate: false }))
      : install.providers.file === undefined
        ? []
        : [install.providers.file]
  return sources.flatMap((options) => {
    const { snapshot, problems } = readRoutingFiles(options, process.env)
    findings.push(...problems)
    return snapshot === null ? [] : [{ ...snapshot, provider: 'file' }]
  })
}

function resolveOffline(install: InstallConfiguration, snapshots: readonly Snapshot[], board: Board, findings: ConfigProblem[]): Resolved {
  const problems: string[] = []
  const places = new BoardAllocator(board, () => 0)
  const resolved = resolve(
    {
      generation: 1,
      install,
      entryPoints: entryPointPlans(install),
      global: globalPlan(install, '', problems),
      snapshots,
      unbuilt: [],
      providers: ProviderHost.namesOf(install),
    },
    {
      board,
      places,
      memory: new SharedMemory(),
      readFile,
      tls: new TlsMaterial(systemClock, silentLogger, () => {}),
      readMiddlewareFiles: (kind, options) => readMiddlewareFiles(kind, options, readFile),
      checkRule: rememberingRuleCheck(),
    },
  )
  for (const message of [...problems, ...resolved.warnings]) findings.push({ severity: 'warning', path: '', message })
  return resolved
}

/** Entry points as they are configured: nothing is bound. */
function entryPointPlans(install: InstallConfiguration): EntryPointPlan[] {
  return Object.entries(install.entryPoints).flatMap(([name, config]) => {
    try {
      const address = parseEntryPointAddress(config.address)
      return [{ name, ...address, reusePort: false, descriptors: [], config, counters: 0, connections: 0 }]
    } catch {
      // Reported as a problem of the install configuration.
      return []
    }
  })
}

function detailsOf(state: RuntimeState): ConfigProblem[] {
  const kinds: readonly ReadonlyMap<string, ObjectInfo<unknown>>[] = [
    state.routers,
    state.services,
    state.middlewares,
    state.tcpRouters,
    state.tcpServices,
    state.tcpMiddlewares,
    state.udpRouters,
    state.udpServices,
  ]
  return kinds.flatMap((objects) => [...objects.values()].flatMap((info) => info.details))
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Whoever asked reports what it could not read.
    return undefined
  }
}
