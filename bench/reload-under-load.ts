/**
 * Counts requests that fail while the configuration changes under load, and when a worker is killed.
 *
 *     node bench/reload-under-load.ts [--changes=200] [--workers=2]
 *
 * Changes are of both kinds in turn: routing (a server moves, a router comes or goes) and install (an entry point comes, moves or goes, the
 * log level changes). None may cost a request. A killed worker may cost those that were in flight on it: at most one a connection.
 */
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startBackend } from './lib/backend.ts'
import { Context } from './lib/context.ts'
import { until } from './lib/http.ts'
import { longestStalls, probedTidegate } from './lib/probe.ts'
import { routingYaml } from './lib/routing.ts'
import { runWrk } from './lib/wrk.ts'

const firstPort = 23_000
const pauseMs = 100
const connections = 64

const { values } = parseArgs({ options: { changes: { type: 'string', default: '200' }, workers: { type: 'string', default: '2' } } })
const changes = Number(values.changes)
const folder = mkdtempSync(join(tmpdir(), 'reload-'))
chmodSync(folder, 0o755)
const backend = await startBackend(join(folder, 'backend'), firstPort)
const stallsFile = join(folder, 'stalls.jsonl')
const context = new Context({ folder, backend, peers: [], rounds: { rounds: 0, seconds: 0 }, firstPort: firstPort + 10 })
const shape = { routers: 100, services: 10, middlewares: true }
const scenario = context.scenario(shape)
const router = await context.start(probedTidegate(Number(values.workers), stallsFile), scenario)
const installFile = join(scenario.folder, 'routing-install.yml')
const installText = readFileSync(installFile, 'utf8')
const extraPort = firstPort + 1000

function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.next`, text)
  renameSync(`${path}.next`, path)
}

function changeRouting(i: number): void {
  const text = routingYaml({ ...shape, routers: shape.routers + (i % 7), backend: backend.address })
  replaceFile(join(scenario.folder, 'routing.yml'), i % 4 < 2 ? text : text.replace(backend.address, backend.second))
}

function changeInstall(i: number): void {
  const extra = i % 6 === 1 ? '' : `  extra:\n    address: 127.0.0.1:${extraPort + (i % 3)}\n`
  const level = i % 8 < 4 ? 'ERROR' : 'WARN'
  replaceFile(installFile, installText.replace('entryPoints:\n', `entryPoints:\n${extra}`).replace('level: ERROR', `level: ${level}`))
}

/** Asks the last entry point that the changes opened, so that nobody counts changes that never took effect. */
async function lastChangeTookEffect(): Promise<void> {
  changeInstall(9)
  await until(extraPort, 'h0.bench.test', '/', (answer) => answer.status === 200)
}

const load = {
  url: `http://127.0.0.1:${scenario.port}/`,
  connections,
  script: join(import.meta.dirname, 'load', 'hosts.lua'),
  scriptArguments: ['100', '100'],
}
const seconds = Math.ceil((changes * pauseMs) / 1000) + 4
const underChanges = runWrk({ ...load, seconds })
await sleep(1000)
for (let i = 0; i < changes; i++) {
  if (i % 2 === 0) changeRouting(i / 2)
  else changeInstall((i - 1) / 2)
  await sleep(pauseMs)
}
await lastChangeTookEffect()
const changed = await underChanges
const { byThread } = longestStalls(stallsFile)
console.log(`${changes} changes: ${changed.requests} requests, ${changed.errors} failed (none may)`)
console.log(
  `longest stalls: ${[...byThread].map(([thread, ms]) => `${thread === 0 ? 'control' : `worker ${thread}`} ${ms} ms`).join(', ')}`,
)

const underKill = runWrk({ ...load, seconds: 6 })
await sleep(2000)
router.signal('SIGUSR2')
const killed = await underKill
console.log(`a worker killed: ${killed.requests} requests, ${killed.errors} failed (at most one a connection, ${connections})`)

await context.endCase()
await backend.process.end()
rmSync(folder, { recursive: true, force: true })
process.exitCode = changed.errors === 0 && killed.errors <= connections ? 0 : 1
