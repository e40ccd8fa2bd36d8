import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, createSecureServer, type ServerHttp2Stream } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { issueCertificate } from '../../test/support/certificates.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { type Board, createBoard, fixedCells, serverState } from '../board/board.ts'
import type { TransportPlan } from '../generation/plan.ts'
import { bareTransport } from '../generation/transport-defaults.ts'
import { createLogger } from '../std/log.ts'
import { type HealthChecker, createHealthChecker, runningChecksMax } from './checker.ts'
import { decodeServingStatus } from './grpc-check.ts'
import type { HealthCheck, HttpHealthTarget } from './targets.ts'

const authority = issueCertificate({ commonName: 'Test CA', authority: true })
const identity = issueCertificate({ commonName: 'localhost', names: ['localhost', '127.0.0.1'], issuer: authority })
const tlsOptions = { cert: identity.certificate, key: identity.key }

const closing: (() => void)[] = []
after(() => {
  for (const close of closing) close()
})

/** Listens on a free port of 127.0.0.1 and returns `host:port`; everything is closed at the end. */
async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('secureConnection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function http(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return listen(createHttpServer(answer))
}

function status(code: number, headers: Record<string, string> = {}): (request: IncomingMessage, response: ServerResponse) => void {
  return (_request, response) => void response.writeHead(code, headers).end()
}

const plainTransport: TransportPlan = { ...bareTransport, maxIdlePerServer: 200, dialTimeoutMs: 30_000, idleTimeoutMs: 90_000 }

const plainCheck: HealthCheck = {
  mode: 'http',
  scheme: '',
  path: '/hc',
  method: 'GET',
  status: 0,
  port: 0,
  intervalMs: 1000,
  unhealthyIntervalMs: 300,
  timeoutMs: 5000,
  hostname: '',
  followRedirects: true,
  headers: {},
  statuses: [],
  body: '',
  service: '',
}

class Bench {
  readonly board: Board = createBoard({ rows: 1, counters: 8, gauges: 8, cells: fixedCells.count + 600 })
  readonly clock = new ManualClock()
  readonly log: string[] = []
  readonly checker: HealthChecker
  random = 0.5

  constructor() {
    const logger = createLogger({ level: 'DEBUG', noColor: true }, { write: (line) => void this.log.push(line), now: () => 0 })
    this.checker = createHealthChecker({ board: this.board, clock: this.clock, logger, random: () => this.random, processMs: () => 1 })
  }

  target(url: string, check: Partial<HealthCheck> = {}, more: Partial<HttpHealthTarget> = {}): HttpHealthTarget {
    return {
      key: `s ${url} 0`,
      service: 's@file',
      url,
      stateCell: fixedCells.count,
      historyCell: 0,
      rise: 1,
      fall: 1,
      jitterPercent: 0,
      check: { ...plainCheck, ...check },
      transport: plainTransport,
      remarks: [],
      ...more,
    }
  }

  /** Turns the clock and waits for the checks that became due. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms)
    await this.checker.settled()
  }

  get down(): boolean {
    return Atomics.load(this.board.cells, fixedCells.count) === serverState.down
  }

  get epoch(): number {
    return Atomics.load(this.board.cells, fixedCells.serverEpoch)
  }
}

/** Runs one check and tells whether the server is down, and why. */
async function checkOnce(url: string, check: Partial<HealthCheck> = {}, transport: Partial<TransportPlan> = {}): Promise<string | null> {
  const bench = new Bench()
  bench.checker.update([bench.target(url, check, { transport: { ...plainTransport, ...transport } })])
  await bench.advance(1000)
  bench.checker.close()
  const line = bench.log.find((text) => text.includes('health check failed'))
  return line === undefined ? null : line.trim()
}

describe('what counts as healthy', () => {
  const statuses: { code: number; wanted?: number; up: boolean }[] = [
    { code: 200, up: true },
    { code: 399, up: true },
    { code: 204, wanted: 204, up: true },
    { code: 503, wanted: 503, up: true },
    { code: 400, up: false },
    { code: 500, up: false },
    { code: 204, wanted: 200, up: false },
  ]
  for (const { code, wanted = 0, up } of statuses) {
    it(`${code} when ${wanted === 0 ? '200 to 399' : wanted} is wanted: ${up ? 'up' : 'down'}`, async () => {
      const problem = await checkOnce(`http://${await http(status(code))}`, { status: wanted })
      assert.equal(problem === null, up)
      if (!up) assert.match(problem ?? '', new RegExp(`status ${code}, expected`))
    })
  }

  it('a server that refuses, closes, or answers garbage is down', async () => {
    const gone = createTcpServer()
    const address = await listen(gone)
    gone.close()
    await once(gone, 'close')
    assert.match((await checkOnce(`http://${address}`)) ?? '', /ECONNREFUSED/)
    assert.match(
      (await checkOnce(`http://${await listen(createTcpServer((socket) => socket.destroy()))}`)) ?? '',
      /ECONNRESET|socket hang up|closed/,
    )
    assert.match(
      (await checkOnce(`http://${await listen(createTcpServer((socket) => void socket.end('nonsense\r\n\r\n')))}`)) ?? '',
      /Parse Error/,
    )
  })

  it('R57: an absolute URL for a path makes the server down without a connection', async () => {
    let asked = 0
    const address = await http((request, response) => {
      asked += 1
      status(200)(request, response)
    })
    assert.match((await checkOnce('http://127.0.0.1:1', { path: `http://${address}/hc` })) ?? '', /must be relative/)
    assert.equal(asked, 0)
  })

  it('a method that is no token makes the server down', async () => {
    assert.match((await checkOnce(`http://${await http(status(200))}`, { method: 'BAD METHOD' })) ?? '', /is no method/)
  })
})

describe('what a check sends', () => {
  async function seen(check: Partial<HealthCheck>, path = ''): Promise<IncomingMessage> {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
    const address = await http((request, response) => {
      resolve(request)
      status(200)(request, response)
    })
    assert.equal(await checkOnce(`http://${address}${path}`, check), null)
    return promise
  }

  it('a GET of the path with its query, to the address as Host', async () => {
    const request = await seen({ path: '/health?deep=1&x=%2F' })
    assert.equal(request.method, 'GET')
    assert.equal(request.url, '/health?deep=1&x=%2F')
    assert.match(request.headers.host ?? '', /^127\.0\.0\.1:\d+$/)
  })

  it('hostname, headers and method as configured; a Host among headers changes nothing', async () => {
    const request = await seen({
      hostname: 'health.example:81',
      method: 'HEAD',
      headers: { 'X-Check': 'yes', 'Host': 'other', 'user-agent': 'probe/1' },
    })
    assert.equal(request.headers.host, 'health.example:81')
    assert.equal(request.method, 'HEAD')
    assert.equal(request.headers['x-check'], 'yes')
    assert.equal(request.headers['user-agent'], 'probe/1')
    assert.match((await seen({ headers: { Host: 'other' } })).headers.host ?? '', /^127/)
  })

  it('a method in lower case as it is', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const address = await listen(
      createTcpServer((socket) =>
        socket.once('data', (bytes) => {
          resolve(bytes.toString().split('\r\n')[0] ?? '')
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
        }),
      ),
    )
    assert.equal(await checkOnce(`http://${address}`, { method: 'options' }), null)
    assert.equal(await promise, 'options /hc HTTP/1.1')
  })

  it('to another port when one is given', async () => {
    const sick = await http(status(500))
    const well = await http(status(200))
    assert.equal(await checkOnce(`http://${sick}`, { port: Number(well.split(':')[1]) }), null)
  })

  it('to a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'health-'))
    const server = createHttpServer(status(200)).listen(join(folder, 's'))
    await once(server, 'listening')
    assert.equal(await checkOnce(`unix://${join(folder, 's')}`), null)
    server.close()
    rmSync(folder, { recursive: true })
  })
})

describe('redirects', () => {
  it('are followed, to other servers too', async () => {
    const sick = await http(status(500))
    const well = await http(status(200))
    assert.equal(await checkOnce(`http://${await http(status(302, { Location: `http://${well}/x` }))}`), null)
    assert.match((await checkOnce(`http://${await http(status(302, { Location: `http://${sick}/` }))}`)) ?? '', /status 500/)
  })

  it('end after ten', async () => {
    let asked = 0
    const address = await http((request, response) => {
      asked += 1
      status(302, { Location: '/loop' })(request, response)
    })
    assert.match((await checkOnce(`http://${address}`)) ?? '', /10 redirects/)
    assert.equal(asked, 11)
  })

  it('take no credentials to another server', async () => {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
    const other = await http((request, response) => {
      resolve(request)
      status(200)(request, response)
    })
    const first = await http(status(307, { Location: `http://${other}/` }))
    assert.equal(
      await checkOnce(`http://${first}`, { method: 'POST', hostname: 'h', headers: { 'authorization': 'Basic x', 'X-Other': 'y' } }),
      null,
    )
    const request = await promise
    assert.equal(request.method, 'POST')
    assert.equal(request.headers.authorization, undefined)
    assert.equal(request.headers['x-other'], 'y')
    assert.equal(request.headers.host, other)
  })

  it('are the answer when they are not to be followed', async () => {
    const address = await http(status(302, { Location: '/x' }))
    assert.equal(await checkOnce(`http://${address}`, { followRedirects: false }), null)
    assert.match((await checkOnce(`http://${address}`, { followRedirects: false, status: 200 })) ?? '', /status 302/)
  })
})

describe('TLS', () => {
  it('is verified by the transport of the service', async () => {
    const address = await listen(createHttpsServer(tlsOptions, status(200)))
    assert.match((await checkOnce(`https://${address}`)) ?? '', /certificate/)
    assert.equal(await checkOnce(`https://${address}`, {}, { insecureSkipVerify: true }), null)
    assert.equal(await checkOnce(`https://${address}`, {}, { rootCas: [authority.certificate] }), null)
    assert.notEqual(await checkOnce(`https://${address}`, {}, { rootCas: [authority.certificate], serverName: 'other.local' }), null)
  })

  it('to a plain server makes it down', async () => {
    assert.notEqual(await checkOnce(`http://${await http(status(200))}`, { scheme: 'https' }), null)
  })
})

describe('HTTP/2 without TLS', () => {
  it('is spoken to h2c servers', async () => {
    const server = createHttp2Server(
      (request, response) => void response.writeHead(request.url === '/hc?x' && request.method === 'HEAD' ? 200 : 500).end(),
    )
    assert.equal(await checkOnce(`h2c://${await listen(server)}`, { path: '/hc?x', method: 'HEAD' }), null)
  })
})

describe('grpc', () => {
  function grpc(message: string, trailers: Record<string, string>, seen: (stream: ServerHttp2Stream, path: string) => void = () => {}) {
    return (stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>): void => {
      seen(stream, String(headers[':path']))
      stream.on('error', () => {})
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers(trailers))
      stream.end(Buffer.from(message, 'hex'))
    }
  }

  const answers: { name: string; message: string; trailers: Record<string, string>; problem: RegExp | null }[] = [
    { name: 'SERVING is up', message: '00000000020801', trailers: { 'grpc-status': '0' }, problem: null },
    { name: 'NOT_SERVING is down', message: '00000000020802', trailers: { 'grpc-status': '0' }, problem: /NOT_SERVING/ },
    { name: 'no status is UNKNOWN', message: '0000000000', trailers: { 'grpc-status': '0' }, problem: /UNKNOWN/ },
    {
      name: 'unimplemented is down',
      message: '',
      trailers: { 'grpc-status': '12', 'grpc-message': 'no such method' },
      problem: /gRPC status 12 .*no such method/,
    },
    { name: 'no grpc-status is down', message: '00000000020801', trailers: {}, problem: /gRPC status missing/ },
    { name: 'a cut message is down', message: '000000000408', trailers: { 'grpc-status': '0' }, problem: /no single plain message/ },
  ]
  for (const { name, message, trailers, problem } of answers) {
    it(name, async () => {
      const server = createHttp2Server().on('stream', grpc(message, trailers))
      const found = await checkOnce(`http://${await listen(server)}`, { mode: 'grpc' })
      if (problem === null) assert.equal(found, null)
      else assert.match(found ?? '', problem)
    })
  }

  it('asks Health/Check, over TLS for https', async () => {
    const paths: string[] = []
    const server = createSecureServer(tlsOptions).on(
      'stream',
      grpc('00000000020801', { 'grpc-status': '0' }, (_stream, path) => void paths.push(path)),
    )
    const address = await listen(server)
    assert.equal(await checkOnce(`https://${address}`, { mode: 'grpc', path: '/ignored' }, { rootCas: [authority.certificate] }), null)
    assert.deepEqual(paths, ['/grpc.health.v1.Health/Check'])
    assert.notEqual(await checkOnce(`https://${address}`, { mode: 'grpc' }), null)
  })

  it('makes a server that speaks HTTP/1.1 down', async () => {
    assert.notEqual(await checkOnce(`http://${await http(status(200))}`, { mode: 'grpc' }), null)
  })

  const messages: { hex: string; status: number | null }[] = [
    { hex: '0000000000', status: 0 },
    { hex: '00000000020801', status: 1 },
    { hex: '0000000009120361626308021a00', status: 2 },
    { hex: '000000000b0d00000000110000000000', status: null },
    { hex: '0000000001ff', status: null },
    { hex: '00000000030a05ff', status: null },
    { hex: '0100000000', status: null },
    { hex: '00', status: null },
  ]
  for (const { hex, status: expected } of messages) {
    it(`message ${hex} ${expected === null ? 'is refused' : `has status ${expected}`}`, () => {
      const decode = (): number => decodeServingStatus(Buffer.from(hex, 'hex'))
      if (expected === null) assert.throws(decode)
      else assert.equal(decode(), expected)
    })
  }
})

describe('when checks run', () => {
  it('first after one interval, then by whether the server is well; the epoch tells of changes only', async () => {
    const bench = new Bench()
    let code = 500
    let asked = 0
    const address = await http((request, response) => {
      asked += 1
      status(code)(request, response)
    })
    bench.checker.update([bench.target(`http://${address}`)])
    await bench.advance(999)
    assert.deepEqual([asked, bench.down, bench.epoch], [0, false, 0])
    await bench.advance(1)
    assert.deepEqual([asked, bench.down, bench.epoch], [1, true, 1])
    await bench.advance(299)
    assert.equal(asked, 1)
    await bench.advance(1)
    assert.deepEqual([asked, bench.down, bench.epoch], [2, true, 1])
    code = 200
    await bench.advance(300)
    assert.deepEqual([asked, bench.down, bench.epoch], [3, false, 2])
    await bench.advance(300)
    assert.equal(asked, 3)
    await bench.advance(700)
    assert.equal(asked, 4)
    assert.deepEqual(
      bench.log.filter((line) => line.includes('WRN')).map((line) => / WRN (.*?) (?:error|serviceName|serverUrl)=/.exec(line)?.[1]),
      ['health check failed, the server is not used', 'health check passed, the server is used again'],
    )
    bench.checker.close()
    assert.equal(bench.clock.pending, 0)
  })

  it('a check that is not answered in time fails', async () => {
    const bench = new Bench()
    const { promise, resolve } = Promise.withResolvers<void>()
    const address = await http(() => resolve())
    bench.checker.update([bench.target(`http://${address}`, { timeoutMs: 150 })])
    bench.clock.advance(1000)
    await promise
    await bench.advance(150)
    assert.equal(bench.down, true)
    assert.match(bench.log.join(''), /no answer within 0\.15s/)
    bench.checker.close()
  })

  it('a generation that changes nothing about a server leaves its state and its next check alone', async () => {
    const bench = new Bench()
    let asked = 0
    const address = await http((request, response) => {
      asked += 1
      status(500)(request, response)
    })
    bench.checker.update([bench.target(`http://${address}`)])
    await bench.advance(1000)
    bench.clock.advance(200)
    bench.checker.update([bench.target(`http://${address}`)])
    assert.equal(bench.down, true)
    await bench.advance(100)
    assert.equal(asked, 2)
    bench.checker.close()
  })

  it('a server whose check is gone or changed is up, and a running check is given up', async () => {
    const bench = new Bench()
    const { promise, resolve } = Promise.withResolvers<void>()
    let asked = 0
    const address = await http((request, response) => {
      asked += 1
      if (asked === 1) status(500)(request, response)
      else resolve()
    })
    bench.checker.update([bench.target(`http://${address}`)])
    await bench.advance(1000)
    assert.equal(bench.down, true)
    bench.clock.advance(300)
    await promise
    bench.checker.update([bench.target(`http://${address}`, { path: '/other' })])
    assert.deepEqual([bench.down, bench.epoch], [false, 2])
    await bench.checker.settled()
    bench.checker.update([])
    assert.equal(bench.clock.pending, 0)
    assert.equal(bench.down, false)
  })

  it('at most so many run at once', async () => {
    const bench = new Bench()
    let [open, most] = [0, 0]
    const address = await http((_request, response) => {
      open += 1
      most = Math.max(most, open)
      setImmediate(() => {
        open -= 1
        response.end()
      })
    })
    const at = (index: number): object => ({ key: String(index), stateCell: fixedCells.count + index })
    bench.checker.update(Array.from({ length: runningChecksMax + 20 }, (_, index) => bench.target(`http://${address}`, {}, at(index))))
    await bench.advance(1000)
    assert.ok(most <= runningChecksMax)
    assert.equal(bench.clock.pending, runningChecksMax + 20)
    bench.checker.close()
  })

  it('says once per service what is wrong with its options, and shows no password', async () => {
    const bench = new Bench()
    const remarks = ['healthCheck.interval must be greater than zero, 30s is used']
    const target = bench.target('http://u:canary@127.0.0.1:1', {}, { remarks })
    bench.checker.update([target, bench.target('http://b', {}, { key: 'b', stateCell: fixedCells.count + 1, remarks })])
    assert.equal(bench.log.filter((line) => line.includes(' ERR ')).length, 1)
    bench.checker.update([target])
    await bench.advance(1000)
    assert.equal(bench.down, true)
    assert.ok(!bench.log.join('').includes('canary'))
    bench.checker.close()
  })
})
