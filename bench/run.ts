/**
 * The benchmark: Tidegate beside the proxies found on this machine, in interleaved runs, one core for what is measured and one for load and
 * backend. Prints a table and the bars, and writes both as JSON under bench/results.
 *
 *     npm run bench -- [--cases=small,hosts] [--peers=nginx,tidegate] [--rounds=5] [--seconds=3]
 *
 * TRAEFIK_BINARY names a Traefik to compare with. Build first (`npm run build`): what users run is compiled.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { largeBodies } from './cases/large-bodies.ts'
import { manyHosts } from './cases/many-hosts.ts'
import { memory } from './cases/memory.ts'
import { middlewares } from './cases/middlewares.ts'
import { scale } from './cases/scale.ts'
import { smallGet } from './cases/small-get.ts'
import { tcp } from './cases/tcp.ts'
import { tlsHandshakes, tlsHttp1, tlsHttp2 } from './cases/tls.ts'
import { udp } from './cases/udp.ts'
import { startBackend } from './lib/backend.ts'
import { Context } from './lib/context.ts'
import type { BenchCase } from './lib/context.ts'
import { peers, repositoryRoot, tidegateCommand } from './lib/peers.ts'
import { findProgram } from './lib/processes.ts'
import { barLines, table } from './lib/report.ts'
import type { CaseReport } from './lib/report.ts'

const cases: Readonly<Record<string, BenchCase>> = {
  small: smallGet,
  middlewares,
  hosts: manyHosts,
  bodies: largeBodies,
  memory,
  scale,
  tls: tlsHttp1,
  http2: tlsHttp2,
  handshakes: tlsHandshakes,
  tcp,
  udp,
}

const firstPort = 21_000

function machine(): Record<string, string> {
  const [cpu] = cpus()
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: repositoryRoot, encoding: 'utf8' }).trim()
  return {
    commit,
    node: process.version,
    kernel: release(),
    cpu: `${cpus().length} × ${cpu?.model ?? 'unknown'}`,
    command: tidegateCommand().join(' '),
  }
}

function chosen<T>(names: string | undefined, all: Readonly<Record<string, T>>): T[] {
  if (names === undefined) return Object.values(all)
  return names.split(',').map((name) => {
    const found = all[name]
    if (found === undefined) throw new Error(`${name}: not known, there are ${Object.keys(all).join(', ')}`)
    return found
  })
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
    },
  })
  for (const tool of ['wrk', 'h2load', 'curl', 'taskset', 'nginx'])
    if (findProgram(tool) === undefined) throw new Error(`the benchmark needs ${tool}`)
  const taking = chosen(values.peers, Object.fromEntries(peers.map((peer) => [peer.name, peer]))).filter((peer) => {
    const missing = peer.missing()
    if (missing !== undefined) console.log(`without ${peer.name}: ${missing}`)
    return missing === undefined
  })
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  chmodSync(folder, 0o755) // nginx's workers run as another user.
  const backend = await startBackend(join(folder, 'backend'), firstPort)
  const rounds = { rounds: Number(values.rounds), seconds: Number(values.seconds) }
  const context = new Context({ folder, backend, peers: taking, rounds, firstPort: firstPort + 10 })
  const reports: CaseReport[] = []
  let failed = false
  for (const benchCase of chosen(values.cases, cases)) {
    try {
      const report = await benchCase.run(context)
      reports.push(report)
      console.log(`\n${table(report.rows)}\n${barLines(report.bars)}`)
    } catch (error) {
      failed = true
      console.log(`\n${benchCase.name} is void: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      await context.endCase()
    }
  }
  await backend.process.end()
  rmSync(folder, { recursive: true, force: true })
  const bars = reports.flatMap((report) => report.bars)
  save({ machine: machine(), rounds, rows: reports.flatMap((report) => report.rows), bars })
  return failed || bars.some((bar) => !bar.met) ? 1 : 0
}

function save(result: object): void {
  const results = join(import.meta.dirname, 'results')
  mkdirSync(results, { recursive: true })
  const file = join(results, `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`)
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
  console.log(`\nwritten to ${file}`)
}

process.exitCode = await main()
