import { readFileSync } from 'node:fs'
import { BoardAllocator } from '../board/allocator.ts'
import { createBoard, defaultBoardSize } from '../board/board.ts'
import type { InstallConfiguration } from '../config/install/install.ts'
import { type ConfigProblem, formatProblem } from '../config/schema/problem.ts'
import { examineInstall } from '../config/sources/load-install.ts'
import { readRoutingFiles } from '../providers/file/read-files.ts'
import { ProviderHost } from '../providers/host.ts'
import { globalPlan } from '../runtime/global.ts'
import type { Snapshot } from '../runtime/merge.ts'
import { inlineUsersFile } from '../runtime/middleware-files.ts'
/**
 * `tidegate check`: validates install and routing configuration without starting anything. Reads what the router would read (the file provider's
 * files, or the routing files that are named), resolves every reference, and prints each finding with its place.
 */
import { SharedMemory } from '../runtime/middleware-plans.ts'
import { resolve } from '../runtime/resolve.ts'
import { rememberingRuleCheck } from '../runtime/rule-check.ts'
import type { ObjectInfo, RuntimeState } from '../runtime/state.ts'
import { TlsMaterial } from '../runtime/tls-material.ts'
import { systemClock } from '../std/clock.ts'
import { silentLogger } from '../std/log.ts'

/** Runs the check; exit code 1 when there is an error. */
export async function check(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const flags = args.filter((arg) => arg !== '--json')
  const files = flags.filter((arg) => !arg.startsWith('-'))
  const findings = examine(
    flags.filter((arg) => arg.startsWith('-')),
    files,
  )
  const errors = findings.filter((finding) => finding.severity === 'error').length
  if (json) process.stdout.write(`${JSON.stringify({ ok: errors === 0, problems: findings }, null, 2)}\n`)
  else {
    for (const finding of findings) process.stdout.write(`${finding.severity}: ${formatProblem(finding)}\n`)
    process.stdout.write(`${errors === 0 ? 'ok' : 'failed'}: ${errors} errors, ${findings.length - errors} warnings\n`)
  }
  return errors === 0 ? 0 : 1
}

function examine(args: readonly string[], files: readonly string[]): ConfigProblem[] {
  const read = examineInstall({ args, env: process.env, cwd: process.cwd() })
  const findings: ConfigProblem[] = [...read.problems]
  for (const message of [...read.warnings, ...read.unbuilt]) findings.push({ severity: 'warning', path: '', message })
  if (read.install === undefined) return findings
  const snapshots = readSnapshots(read.install, files, findings)
  // Without its routing there is nothing to resolve: references would all be missing.
  if (!findings.some((finding) => finding.severity === 'error')) findings.push(...resolveOffline(read.install, snapshots))
  return findings
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

function resolveOffline(install: InstallConfiguration, snapshots: readonly Snapshot[]): ConfigProblem[] {
  const board = createBoard({ ...defaultBoardSize, rows: 1 })
  const problems: string[] = []
  const { state, warnings } = resolve(
    {
      generation: 0,
      install,
      entryPoints: [],
      global: globalPlan(install, '', problems),
      snapshots,
      unbuilt: [],
      providers: ProviderHost.namesOf(install),
    },
    {
      board,
      places: new BoardAllocator(board, () => 0),
      memory: new SharedMemory(),
      readFile,
      tls: new TlsMaterial(systemClock, silentLogger, () => {}),
      readMiddlewareFiles: (kind, options) => inlineUsersFile(kind, options, readFile),
      checkRule: rememberingRuleCheck(),
    },
  )
  const general = [...problems, ...warnings].map((message): ConfigProblem => ({ severity: 'warning', path: '', message }))
  return [...general, ...detailsOf(state)]
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
