/**
 * What each middleware and each way of balancing adds to a request: the way through a worker with it and without it, in turns in one process, on
 * connections that make no system call. A new one is a line of the table.
 *
 *     node bench/middlewares.ts [--only=compress,p2c] [--rounds=10]
 *
 * `more` is processor time in user mode beside that of the bare route, on whatever thread. Half a microsecond is about 5% of a small request.
 */
import process from 'node:process'
import { setImmediate as turn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { getHeapStatistics } from 'node:v8'
import { strategies } from '../src/proxy/balancers/strategies.ts'
import { httpMiddlewares } from '../src/proxy/middlewares/http/middlewares.ts'
import { type PathLoad, WorkerPath } from './lib/worker-path.ts'

const connections = 64
const warmExchanges = 50_000
const turnExchanges = 5_000

const request =
  'GET /shop/items?page=2 HTTP/1.1\r\nHost: bench.test\r\nAccept-Encoding: gzip, br\r\nAuthorization: Basic dGVzdDp0ZXN0\r\n\r\n'
const answer = answerOf('text/plain', 'the answer of the backend: 33 B\n\n')
const bare: PathLoad = { requests: [request], answer, rules: ['PathPrefix(`/`)'], middlewares: [] }

function answerOf(type: string, body: string): string {
  return `HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

function withMiddleware(middleware: Readonly<Record<string, unknown>>, more: Partial<PathLoad> = {}): PathLoad {
  return { ...bare, ...more, middlewares: [middleware] }
}

function withPost(middleware: Readonly<Record<string, unknown>>): PathLoad {
  return withMiddleware(middleware, {
    requests: [`POST /in HTTP/1.1\r\nHost: bench.test\r\nContent-Length: 256\r\n\r\n${'x'.repeat(256)}`],
  })
}

const threeServers = [{ url: 'http://server0' }, { url: 'http://server1' }, { url: 'http://server2' }]
const others = {
  a: { loadBalancer: { servers: [threeServers[0]], healthCheck: { path: '/' } } },
  b: { loadBalancer: { servers: [threeServers[1]] } },
}

function withBalancer(options: Readonly<Record<string, unknown>>): PathLoad {
  return { ...bare, services: { main: { loadBalancer: { servers: threeServers, ...options } } } }
}

function withService(main: Readonly<Record<string, unknown>>): PathLoad {
  return { ...bare, services: { main, ...others } }
}

/** By kind; what stands behind a blank tells several lines of a kind apart. */
const lines: Readonly<Record<string, PathLoad>> = {
  'addPrefix': withMiddleware({ addPrefix: { prefix: '/added' } }),
  'apiKey': withMiddleware(
    { apiKey: { keys: ['bench:test'] } },
    { requests: ['GET /in HTTP/1.1\r\nHost: bench.test\r\nX-Api-Key: test\r\n\r\n'] },
  ),
  'bandwidth': withMiddleware({ bandwidth: { download: 100_000_000_000, burst: 100_000_000 } }),
  'basicAuth': withMiddleware({ basicAuth: { users: ['test:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M='] } }),
  'buffering': withPost({ buffering: { maxRequestBodyBytes: 65_536 } }),
  'chain': withMiddleware({ chain: { middlewares: ['one'] } }, { otherMiddlewares: { one: { addPrefix: { prefix: '/added' } } } }),
  'circuitBreaker': withMiddleware({ circuitBreaker: { expression: 'NetworkErrorRatio() > 0.5' } }),
  'compress small': withMiddleware({ compress: {} }),
  'compress 8 KiB': withMiddleware({ compress: {} }, { answer: answerOf('text/html', '<p>0123456789abc'.repeat(512)) }),
  'contentType': withMiddleware({ contentType: {} }),
  'digestAuth refused': withMiddleware({ digestAuth: { users: ['test:traefik:a2688e031edb4be6a3797f3882655c05'] } }, { status: 401 }),
  'directResponse': withMiddleware({ directResponse: { body: 'here' } }),
  'encodedCharacters': withMiddleware({ encodedCharacters: { allowEncodedSlash: true } }),
  'errors': withMiddleware({ errors: { status: ['500-599'], service: 'main', query: '/{status}' } }, withBalancer({})),
  'forwardAuth': withMiddleware({ forwardAuth: { address: 'http://server1/auth' } }),
  'grpcWeb': withMiddleware({ grpcWeb: { allowOrigins: ['*'] } }),
  'hmac refused': withMiddleware({ hmac: { keys: [`bench:${'k'.repeat(32)}`] } }, { status: 401 }),
  'headers': withMiddleware({ headers: { customRequestHeaders: { 'X-In': 'a' }, customResponseHeaders: { 'X-Out': 'b' } } }),
  'headers cors': withMiddleware({ headers: { accessControlAllowOriginList: ['*'], addVaryHeader: true } }),
  'inFlightReq': withMiddleware({ inFlightReq: { amount: 1000 } }),
  'ipWhiteList': withMiddleware({ ipWhiteList: { sourceRange: ['10.0.0.0/8', '127.0.0.0/8'] } }),
  'ipAllowList': withMiddleware({ ipAllowList: { sourceRange: ['10.0.0.0/8', '127.0.0.0/8'] } }),
  'maintenance off': withMiddleware({ maintenance: { enabled: false } }),
  'maintenance on': withMiddleware({ maintenance: {} }, { status: 503 }),
  'passTLSClientCert': withMiddleware({ passTLSClientCert: { pem: true } }),
  'rateLimit': withMiddleware({ rateLimit: { average: 100_000_000, burst: 100_000_000 } }),
  'redirectRegex': withMiddleware({ redirectRegex: { regex: '^http://(.*)$', replacement: 'https://$1' } }, { status: 302 }),
  'redirectScheme': withMiddleware({ redirectScheme: { scheme: 'https' } }, { status: 302 }),
  'replacePath': withMiddleware({ replacePath: { path: '/elsewhere' } }),
  'replacePathRegex': withMiddleware({ replacePathRegex: { regex: '^/shop/(.*)', replacement: '/$1' } }),
  'retry': withMiddleware({ retry: { attempts: 3 } }),
  'staticFiles passed': withMiddleware({ staticFiles: { root: import.meta.dirname, passThrough: true } }),
  'stripPrefix': withMiddleware({ stripPrefix: { prefixes: ['/shop'] } }),
  'stripPrefixRegex': withMiddleware({ stripPrefixRegex: { regex: ['/sh[a-z]+'] } }),
  'three servers': withBalancer({}),
  ...Object.fromEntries(strategies.map(({ key }) => [`strategy ${key}`, withBalancer({ strategy: key })])),
  'sticky cookie': withBalancer({ sticky: { cookie: { name: 'at' } } }),
  'weighted': withService({
    weighted: {
      services: [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 3 },
      ],
    },
  }),
  'highestRandomWeight': withService({ highestRandomWeight: { services: [{ name: 'a' }, { name: 'b' }] } }),
  'failover': withService({ failover: { service: 'a', fallback: 'b' } }),
  'mirroring': withService({ mirroring: { service: 'a', mirrors: [{ name: 'b', percent: 10 }] } }),
  'access log': { ...bare, install: 'accessLog: {filePath: /dev/null}\n' },
  'metrics': { ...bare, install: 'metrics: {prometheus: {addRoutersLabels: true, manualRouting: true}}\n' },
}

interface Cost {
  /** Processor time in user mode a request, in microseconds. */
  readonly micros: number
  /** Bytes allocated on the heap a request. */
  readonly bytes: number
}

async function exchange(path: WorkerPath, count: number): Promise<number> {
  let done = 0
  for (; done < count; done += path.size) {
    await path.round()
    await turn()
  }
  return done
}

async function take(path: WorkerPath): Promise<Cost> {
  const { total_allocated_bytes: bytes } = getHeapStatistics()
  const { user } = process.cpuUsage()
  const count = await exchange(path, turnExchanges)
  const micros = (process.cpuUsage().user - user) / count
  return { micros, bytes: (getHeapStatistics().total_allocated_bytes - bytes) / count }
}

/** The cost that a quarter of the turns kept below: neighbours on the machine only add to it. */
function quickQuarter(costs: readonly Cost[], part: (cost: Cost) => number): number {
  return costs.map(part).toSorted((a, b) => a - b)[costs.length >> 2] ?? Number.NaN
}

async function measure(load: PathLoad, base: WorkerPath, rounds: number): Promise<{ readonly without: Cost; readonly full: Cost }> {
  const path = await WorkerPath.open(load, connections)
  await exchange(path, warmExchanges)
  const taken: [Cost[], Cost[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    taken[0].push(await take(base))
    taken[1].push(await take(path))
  }
  const cost = (costs: readonly Cost[]): Cost => ({
    micros: quickQuarter(costs, (each) => each.micros),
    bytes: quickQuarter(costs, (each) => each.bytes),
  })
  return { without: cost(taken[0]), full: cost(taken[1]) }
}

const { values } = parseArgs({ options: { only: { type: 'string' }, rounds: { type: 'string', default: '10' } } })
const only = values.only?.split(',')
const base = await WorkerPath.open(bare, connections)
await exchange(base, 200_000)
console.log(`${''.padEnd(24)}   bare µs   with µs      more   bytes more`)
for (const [name, load] of Object.entries(lines)) {
  if (only !== undefined && !only.some((text) => name.includes(text))) continue
  try {
    const { without, full } = await measure(load, base, Number(values.rounds))
    const micros = [without.micros, full.micros, full.micros - without.micros].map((each) => each.toFixed(2).padStart(10)).join('')
    console.log(`${name.padEnd(24)}${micros}${String(Math.round(full.bytes - without.bytes)).padStart(13)}`)
  } catch (cause) {
    process.exitCode = 1
    console.log(`${name.padEnd(24)} ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
const named = new Set(Object.keys(lines).map((name) => name.split(' ', 1)[0]))
const missing = httpMiddlewares.map(({ key }) => key).filter((key) => !named.has(key))
if (missing.length > 0) console.log(`without a line: ${missing.join(', ')}`)
process.exit()
