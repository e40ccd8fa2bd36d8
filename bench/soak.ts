/**
 * Full load for minutes, with a reload every second: memory must not creep, and no event loop may stall.
 *
 *     node bench/soak.ts [--minutes=10] [--workers=1] [--routers=1000]
 *
 * Memory is compared with what it was after the first minute, the warm-up.
 */
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startBackend } from './lib/backend.ts'
import { Context } from './lib/context.ts'
import type { LoadResult } from './lib/load.ts'
import { longestStalls, probedTidegate } from './lib/probe.ts'
import { routingYaml } from './lib/routing.ts'
import { runWrk } from './lib/wrk.ts'

const firstPort = 22_000
const growthMax = 1.1

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    workers: { type: 'string', default: '1' },
    routers: { type: 'string', default: '1000' },
  },
})
const minutes = Number(values.minutes)
const folder = mkdtempSync(join(tmpdir(), 'soak-'))
chmodSync(folder, 0o755)
const backend = await startBackend(join(folder, 'backend'), firstPort)
const stallsFile = join(folder, 'stalls.jsonl')
const context = new Context({ folder, backend, peers: [], rounds: { rounds: 0, seconds: 0 }, firstPort: firstPort + 10 })
const shape = { routers: Number(values.routers), services: 100, middlewares: true }
const scenario = context.scenario(shape)
const router = await context.start(probedTidegate(Number(values.workers), stallsFile), scenario)

let done = false
let reloads = 0

/** Each reload adds a router and moves one server, so that every generation differs from the one before. */
async function reloadEverySecond(): Promise<void> {
  const file = join(scenario.folder, 'routing.yml')
  while (!done) {
    reloads += 1
    const address = reloads % 2 === 0 ? backend.address : backend.second
    const text = routingYaml({ ...shape, routers: shape.routers + (reloads % 10), backend: backend.address }).replace(
      backend.address,
      address,
    )
    writeFileSync(`${file}.next`, text)
    renameSync(`${file}.next`, file)
    await sleep(1000)
  }
}

const reloading = reloadEverySecond()
const url = `http://127.0.0.1:${scenario.port}/`
const script = join(import.meta.dirname, 'load', 'hosts.lua')
let warm = 0
let resident = 0
let stallLines = 0
const totals: LoadResult = { requests: 0, seconds: 0, errors: 0 }
const sum = { ...totals }
for (let minute = 1; minute <= minutes; minute++) {
  const result = await runWrk({
    url,
    connections: 64,
    seconds: 60,
    script,
    scriptArguments: [String(shape.routers), String(shape.routers)],
  })
  resident = router.residentBytes() / 1024 / 1024
  if (minute === 1) warm = resident
  const stalls = longestStalls(stallsFile, stallLines)
  stallLines = stalls.lines
  sum.requests += result.requests
  sum.errors += result.errors
  const stallText = [...stalls.byThread].map(([thread, ms]) => `${thread === 0 ? 'control' : `worker ${thread}`} ${ms} ms`).join(', ')
  const rate = Math.round(result.requests / result.seconds)
  console.log(
    `minute ${minute}: ${resident.toFixed(1)} MiB, ${rate} requests/s, ${result.errors} failed, ${reloads} reloads, longest stalls: ${stallText}`,
  )
}
done = true
await reloading
await context.endCase()
await backend.process.end()
rmSync(folder, { recursive: true, force: true })
const growth = resident / warm
console.log(
  `${sum.requests} requests, ${sum.errors} failed; memory ${growth.toFixed(3)} × that after the first minute (at most ${growthMax})`,
)
process.exitCode = sum.errors === 0 && growth <= growthMax ? 0 : 1
