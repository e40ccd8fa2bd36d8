/**
 * What a request costs in a worker before and after the kernel: the whole way of an HTTP/1.1 exchange over client connection, pipeline, routes,
 * middlewares, balancer, connection to the server and back, on handles that make no system call. Two checkouts are compared in turns.
 *
 *     node bench/hot-path.ts [--against=FOLDER] [--loads=small,browser,mixed,middlewares] [--starts=3] [--rounds=20]
 *     node --cpu-prof bench/hot-path.ts run LOAD [SECONDS]      one load alone, for profiles
 *     node --expose-gc bench/hot-path.ts memory                 what idle connections of clients and to servers hold, without Node's sockets
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { setImmediate as turn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { getHeapStatistics } from 'node:v8'
import { median } from './lib/load.ts'
import { cores } from './lib/processes.ts'
import { type PathLoad, WorkerPath } from './lib/worker-path.ts'

const connections = 64
/** Exchanges of one turn: long enough for the clock of processor time, short enough to share the machine's moods. */
const turnExchanges = 10_000
const warmExchanges = 300_000

const answer =
  'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Tue, 25 Nov 2025 02:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 33\r\n' +
  'Connection: keep-alive\r\n\r\nthe answer of the backend: 33 B\n\n'

const browserRequest = [
  'GET /shop/items/42?sort=price&page=3 HTTP/1.1',
  'Host: h7.bench.test',
  'Connection: keep-alive',
  'sec-ch-ua: "Chromium";v="141", "Not?A_Brand";v="8"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
  'Upgrade-Insecure-Requests: 1',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Dest: document',
  'Referer: http://h7.bench.test/shop/items?page=2',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-US,en;q=0.9',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=all',
  '',
  '',
].join('\r\n')

const otherBrowserRequest = [
  'GET /shop/style.css HTTP/1.1',
  'Host: h3.bench.test',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
  'Accept: text/css,*/*;q=0.1',
  'Accept-Language: en-US,en;q=0.5',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Connection: keep-alive',
  'Referer: http://h3.bench.test/shop/items?page=2',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=all',
  'Sec-Fetch-Dest: style',
  'Sec-Fetch-Mode: no-cors',
  'Sec-Fetch-Site: same-origin',
  'Priority: u=2',
  '',
  '',
].join('\r\n')

const programRequest = [
  'GET /api/v1/items/42 HTTP/1.1',
  'host: h5.bench.test',
  'accept: application/json',
  'authorization: Bearer 0123456789abcdef0123456789abcdef',
  'user-agent: client/2.1',
  'x-request-id: 8c5a3b52-0d4e-4a54-9b4e-2f5b8f0c7a11',
  'connection: keep-alive',
  '',
  '',
].join('\r\n')

const everything = 'PathPrefix(`/`)'
const hosts = Array.from({ length: 10 }, (_, index) => `Host(\`h${index}.bench.test\`)`)
const small = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n'
const three = [
  { addPrefix: { prefix: '/added' } },
  { stripPrefix: { prefixes: ['/added'] } },
  { headers: { customRequestHeaders: { 'X-From-Proxy': 'bench' }, customResponseHeaders: { 'X-To-Client': 'bench' } } },
]

const loads: Readonly<Record<string, PathLoad>> = {
  small: { requests: [small], answer, rules: [everything], middlewares: [] },
  browser: { requests: [browserRequest], answer, rules: hosts, middlewares: [] },
  mixed: { requests: [browserRequest, otherBrowserRequest, programRequest], answer, rules: hosts, middlewares: [] },
  middlewares: { requests: [small], answer, rules: [everything], middlewares: three },
}

/** What one turn cost. */
interface Turn {
  /** Processor time in user mode a exchange, all threads of the process, in microseconds. */
  readonly micros: number
  /** Bytes allocated on the heap a exchange. */
  readonly bytes: number
}

function loadOf(name: string): PathLoad {
  const load = loads[name]
  if (load === undefined) throw new Error(`${name}: no such load, there are ${Object.keys(loads).join(', ')}`)
  return load
}

async function openWarm(name: string): Promise<WorkerPath> {
  const path = await WorkerPath.open(loadOf(name), connections)
  await exchange(path, warmExchanges)
  return path
}

/** Lets so many exchanges happen, with turns of the event loop as often as sockets would bring them. */
async function exchange(path: WorkerPath, count: number): Promise<void> {
  for (let done = 0; done < count; done += path.size) {
    await path.round()
    await turn()
  }
}

async function takeTurn(path: WorkerPath): Promise<Turn> {
  const { total_allocated_bytes: bytes } = getHeapStatistics()
  const { user } = process.cpuUsage()
  await exchange(path, turnExchanges)
  const micros = process.cpuUsage().user - user
  const allocated = getHeapStatistics().total_allocated_bytes - bytes
  const count = Math.ceil(turnExchanges / path.size) * path.size
  return { micros: micros / count, bytes: allocated / count }
}

/** A process that takes turns when it is told to. */
async function serveTurns(name: string): Promise<void> {
  const path = await openWarm(name)
  process.on('message', () => void takeTurn(path).then((taken) => process.send?.(taken)))
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

async function startTurns(root: string, name: string): Promise<ChildProcess> {
  // All on one core: the cores of a virtual machine may have very different neighbours.
  const command = ['-c', cores.proxy, process.execPath, join(root, 'bench', 'hot-path.ts'), 'turns', name]
  const child = spawn('taskset', command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await once(child, 'message')
  return child
}

async function nextTurn(child: ChildProcess): Promise<Turn> {
  child.send('turn')
  const [taken]: unknown[] = await once(child, 'message')
  if (!isTurn(taken)) throw new Error(`a turn gave ${JSON.stringify(taken)}`)
  return taken
}

function isTurn(value: unknown): value is Turn {
  return typeof value === 'object' && value !== null && 'micros' in value && 'bytes' in value
}

/** Measures a load in each of the checkouts; several processes each, since compilers decide anew in each. */
async function compare(name: string, roots: readonly string[], starts: number, rounds: number): Promise<void> {
  const turns: Turn[][] = roots.map(() => [])
  const ratios: number[] = []
  for (let start = 0; start < starts; start += 1) {
    const children = await Promise.all(roots.map((root) => startTurns(root, name)))
    for (let round = 0; round < rounds; round += 1) {
      const taken: Turn[] = []
      // In turns forth and back, so that nobody is always the first.
      const order = children.map((_, index) => (round % 2 === 0 ? index : children.length - 1 - index))
      for (const index of order) taken[index] = await nextTurn(children[index]!)
      for (const [index, each] of taken.entries()) turns[index]!.push(each)
      ratios.push(taken[0]!.micros / taken.at(-1)!.micros)
    }
    for (const child of children) child.kill()
  }
  for (const [index, root] of roots.entries()) {
    const bytes = median(turns[index]!.map((each) => each.bytes))
    const figures = `${quickQuarter(turns[index]!).toFixed(3)} µs, ${Math.round(bytes)} bytes`
    console.log(`${name.padEnd(12)} ${figures.padEnd(24)} ${roots.length > 1 ? root : ''}`)
  }
  if (roots.length === 1) return
  const ratio = quickQuarter(turns[0]!) / quickQuarter(turns[1]!)
  console.log(`${''.padEnd(12)} × ${ratio.toFixed(3)} of the time (median of ${ratios.length} pairs: ${median(ratios).toFixed(3)})`)
}

/** The time that a quarter of the turns kept below: neighbours on the machine only add to it. */
function quickQuarter(turns: readonly Turn[]): number {
  return turns.map((each) => each.micros).toSorted((a, b) => a - b)[turns.length >> 2] ?? Number.NaN
}

async function run(name: string, seconds: number): Promise<void> {
  const path = await openWarm(name)
  const end = performance.now() + seconds * 1000
  const turns: Turn[] = []
  while (performance.now() < end) turns.push(await takeTurn(path))
  console.log(`${name}: ${quickQuarter(turns).toFixed(3)} µs, ${Math.round(turns.at(-1)?.bytes ?? 0)} bytes`)
}

/** Bytes on the heap and beside it that connections at rest hold, the fake sockets included. */
async function memory(): Promise<void> {
  const collect = globalThis.gc
  if (collect === undefined) throw new Error('memory: needs --expose-gc')
  const held = (): number => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const path = await openWarm('browser')
  const count = 4000
  const before = held()
  // One after the other they share a connection to the server.
  for (let index = 0; index < count; index += 1) await path.grow(1)
  const between = held()
  await path.grow(count)
  const client = (between - before) / count
  console.log(`an idle connection: ${Math.round(client)} bytes; to a server: ${Math.round((held() - between) / count - client)} bytes`)
}

const [mode, ...parameters] = process.argv.slice(2).filter((text) => !text.startsWith('-'))
if (mode === 'turns') await serveTurns(parameters[0] ?? 'small')
else if (mode === 'run') await run(parameters[0] ?? 'small', Number(parameters[1] ?? 5))
else if (mode === 'memory') await memory()
else {
  const { values } = parseArgs({
    options: {
      against: { type: 'string' },
      loads: { type: 'string', default: Object.keys(loads).join() },
      starts: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '20' },
    },
  })
  const here = resolve(import.meta.dirname, '..')
  const roots = values.against === undefined ? [here] : [here, resolve(values.against)]
  for (const name of values.loads.split(',')) await compare(name, roots, Number(values.starts), Number(values.rounds))
}
