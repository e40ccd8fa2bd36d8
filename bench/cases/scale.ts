/** 10,000 routers with 10,000 services: the time from start to the first answer of the last, and how soon one changed server is seen. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchCase, Context } from '../lib/context.ts'
import { Client, until } from '../lib/http.ts'
import { median } from '../lib/load.ts'
import type { Peer } from '../lib/peers.ts'
import { atMost } from '../lib/report.ts'
import type { Bar, Row } from '../lib/report.ts'
import { routingData } from '../lib/routing.ts'

const count = 10_000
const last = `h${count - 1}.bench.test`
const attempts = 5

async function coldStart(context: Context, peer: Peer): Promise<Row> {
  const times: number[] = []
  let resident = 0
  for (let i = 0; i < attempts; i++) {
    const scenario = context.scenario({ routers: count, services: count })
    const started = performance.now()
    const process = await context.launch(peer, scenario)
    times.push((await until(scenario.port, last, '/', (answer) => answer.status === 200)) - started)
    resident = process.residentBytes()
    await context.endCase()
  }
  return {
    case: 'cold start, 10,000 routers',
    subject: peer.name,
    value: median(times),
    unit: 'ms',
    details: { MiB: resident / 1024 / 1024 },
  }
}

/** Several connections, so that every worker is asked. */
async function untilAllSee(port: number, connections: number, body: string): Promise<number> {
  const times = await Promise.all(
    Array.from({ length: connections }, () =>
      until(port, last, '/which', (answer) => answer.status === 200 && answer.body.trim() === body),
    ),
  )
  return Math.max(...times)
}

/** The changed file replaces the old one in one go; the time starts there, so reading and decoding 10,000 routers is in it. */
async function fileChange(context: Context, peer: Peer): Promise<Row> {
  const scenario = context.scenario({ routers: count, services: count })
  await context.start(peer, scenario)
  const file = join(scenario.folder, 'routing.yml')
  const text = readFileSync(file, 'utf8')
  const at = text.lastIndexOf(context.backend.address)
  const times: number[] = []
  await until(scenario.port, last, '/which', (answer) => answer.status === 200)
  for (let i = 0; i < attempts; i++) {
    const address = i % 2 === 0 ? context.backend.second : context.backend.address
    writeFileSync(`${file}.next`, text.slice(0, at) + address + text.slice(at + address.length))
    const started = performance.now()
    renameSync(`${file}.next`, file)
    times.push((await untilAllSee(scenario.port, 4, address.split(':')[1] ?? '')) - started)
  }
  await context.endCase()
  return {
    case: 'one server of 10,000, by file',
    subject: peer.name,
    value: median(times),
    unit: 'ms',
    details: { most: Math.max(...times) },
  }
}

/** By the REST provider: `value` counts from the moment the provider has taken the snapshot over. */
async function restChange(context: Context, peer: Peer): Promise<Row> {
  const apiPort = context.scenario().port
  const scenario = context.scenario({ apiPort })
  await context.start(peer, scenario)
  const client = new Client(apiPort)
  const times: number[] = []
  const totals: number[] = []
  for (let i = 0; i <= attempts; i++) {
    const address = i % 2 === 0 ? context.backend.second : context.backend.address
    const shape = { routers: count, services: count, middlewares: false, backend: context.backend.address }
    const body = JSON.stringify(routingData(shape, { service: count - 1, backend: address }))
    const started = performance.now()
    const taken = client.send({ method: 'PUT', path: '/api/providers/rest', body }).then((answer) => {
      if (answer.status !== 200) throw new Error(`PUT /api/providers/rest: ${answer.status} ${answer.body.slice(0, 200)}`)
      return performance.now()
    })
    const [takenAt, seenAt] = await Promise.all([taken, untilAllSee(scenario.port, 4, address.split(':')[1] ?? '')])
    if (i === 0) continue // The first one brings all routers.
    times.push(Math.max(0, seenAt - takenAt))
    totals.push(seenAt - started)
  }
  client.close()
  await context.endCase()
  return {
    case: 'one server of 10,000, by REST',
    subject: peer.name,
    value: median(times),
    unit: 'ms',
    details: { 'from PUT': median(totals) },
  }
}

/** The case. */
export const scale: BenchCase = {
  name: 'scale',
  async run(context) {
    const rows: Row[] = []
    const bars: Bar[] = []
    for (const peer of context.peers.filter((each) => ['tidegate', 'traefik'].includes(each.name))) {
      const start = await coldStart(context, peer)
      const file = await fileChange(context, peer)
      const rest = await restChange(context, peer)
      rows.push(start, file, rest)
      if (peer.name !== 'tidegate') continue
      bars.push(atMost(start.case, 'ms from start to answer', start.value, 2000))
      bars.push(atMost(rest.case, 'ms from snapshot to answer', rest.value, 100))
    }
    return { rows, bars }
  },
}
