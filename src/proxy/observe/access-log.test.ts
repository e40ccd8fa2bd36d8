import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createBoard } from '../../board/board.ts'
import type { AccessLogPlan } from '../../generation/plan.ts'
import type { Clock } from '../../std/clock.ts'
import { type ConnectionFacts, Exchange, type ResponseSink } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { AccessLogs } from './access-log.ts'

const startMs = Date.parse('2026-03-04T05:06:07.890Z')

let folder = ''
let files = 0
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-'))
})
after(() => rmSync(folder, { recursive: true }))

const sink: ResponseSink = {
  informational: () => {},
  head: () => {},
  write: () => true,
  writeText: () => {},
  end: () => {},
  abort: () => {},
  upgrade: () => {},
}

const connection: ConnectionFacts = { remoteIp: '10.0.0.9', remotePort: 4711, localIp: '10.0.0.1', localPort: 80, tls: null }

class Bench {
  readonly path: string
  readonly logs: AccessLogs
  readonly warnings: string[] = []
  monotonicMs = 1000
  readonly #plan: AccessLogPlan

  constructor(plan: Partial<AccessLogPlan> = {}) {
    files += 1
    this.path = join(folder, `new-${files}`, 'access.log')
    this.#plan = {
      filePath: this.path,
      format: 'json',
      addInternals: false,
      defaultMode: 'keep',
      names: {},
      headersDefaultMode: 'drop',
      headerNames: {},
      queryParametersDefaultMode: 'keep',
      statusCodes: [],
      retryAttempts: false,
      minDurationMs: 0,
      hasFilters: false,
      ...plan,
    }
    const clock: Clock = { now: () => startMs + this.monotonicMs - 1000, monotonicMs: () => this.monotonicMs, after: () => () => {} }
    const board = createBoard({ rows: 1, counters: 8, gauges: 8, cells: 32 })
    this.logs = new AccessLogs({ board, clock, offsetMinutes: () => 60, warn: (message) => void this.warnings.push(message) })
  }

  /** One exchange from its request to its line. `set` plays the router and the service. */
  request(
    request: Partial<Exchange> & { sent?: [string, string][] },
    set: (exchange: Exchange) => void = () => {},
    logsUnrouted = true,
  ): void {
    const headers = new HeaderList()
    for (const [name, value] of request.sent ?? []) headers.add(name, value)
    const exchange = new Exchange(request.connection ?? connection, 'web', headers, sink)
    exchange.startedMs = this.monotonicMs
    exchange.hostRaw = 'r.local'
    const { sent: _sent, connection: _connection, ...rest } = request
    Object.assign(exchange, rest)
    const log = this.logs.use(this.#plan)
    assert.ok(log !== null)
    const handler = log.observe(logsUnrouted, (routed) => {
      set(routed)
      if (!routed.responseStarted) routed.startResponse()
      routed.finish()
    })
    void handler(exchange)
  }

  async lines(): Promise<string[]> {
    await this.logs.flush()
    return readFileSync(this.path, 'utf8').split('\n').slice(0, -1)
  }

  async last(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.lines()).at(-1) ?? '') as Record<string, unknown>
  }
}

function proxied(exchange: Exchange): void {
  exchange.routerName = 'r@file'
  exchange.serviceName = 'a@file'
  exchange.serverUrl = 'http://10.1.1.1:8080'
  exchange.serverAddress = '10.1.1.1:8080'
  exchange.status = 200
  exchange.originStatus = 200
  exchange.originBytes = 2
  exchange.responseBytes = 2
}

describe('access log in JSON', () => {
  it('has sorted keys and every field of a proxied request', async () => {
    const bench = new Bench()
    bench.request({ path: '/x/y', rawQuery: 'q=1', hasQuery: true, hostRaw: 'r.local:8080' }, (exchange) => {
      proxied(exchange)
      exchange.path = '/rewritten'
      exchange.originDurationMs = 2.5
      bench.monotonicMs += 10.25
    })
    const [line = ''] = await bench.lines()
    const expected = {
      ClientAddr: '10.0.0.9:4711',
      ClientHost: '10.0.0.9',
      ClientPort: '4711',
      ClientUsername: '-',
      DownstreamContentSize: 2,
      DownstreamStatus: 200,
      Duration: 10_250_000,
      OriginContentSize: 2,
      OriginDuration: 2_500_000,
      OriginStatus: 200,
      Overhead: 7_750_000,
      RequestAddr: 'r.local:8080',
      RequestContentSize: 0,
      RequestCount: 1,
      RequestHost: 'r.local',
      RequestMethod: 'GET',
      RequestPath: '/x/y?q=1',
      RequestPort: '8080',
      RequestProtocol: 'HTTP/1.1',
      RequestScheme: 'http',
      RetryAttempts: 0,
      RouterName: 'r@file',
      ServiceAddr: '10.1.1.1:8080',
      ServiceName: 'a@file',
      ServiceURL: 'http://10.1.1.1:8080',
      StartLocal: '2026-03-04T06:06:07.89+01:00',
      StartUTC: '2026-03-04T05:06:07.89Z',
      entryPointName: 'web',
      level: 'info',
      msg: '',
      time: '2026-03-04T06:06:07+01:00',
    }
    assert.deepEqual(JSON.parse(line), expected)
    assert.deepEqual(Object.keys(JSON.parse(line) as object), Object.keys(expected))
  })

  it('leaves router and service out when there are none, and says why Tidegate answered', async () => {
    const bench = new Bench()
    bench.request({}, (exchange) => {
      exchange.status = 404
      exchange.responseBytes = 19
      exchange.serviceName = 'a@file'
      exchange.reason = 'no_router'
    })
    const line = await bench.last()
    assert.equal(line['reason'], 'no_router')
    assert.equal(line['OriginStatus'], 0)
    for (const name of ['RouterName', 'ServiceName', 'ServiceURL', 'ServiceAddr', 'GzipRatio', 'TLSVersion'])
      assert.ok(!(name in line), name)
  })

  const hosts: { host: string; name: string; port: string }[] = [
    { host: 'r.local', name: 'r.local', port: '-' },
    { host: 'r.local:81', name: 'r.local', port: '81' },
    { host: '[::1]:8080', name: '::1', port: '8080' },
    { host: '[::1]', name: '[::1]', port: '-' },
    { host: '::1', name: '::1', port: '-' },
  ]
  for (const { host, name, port } of hosts) {
    it(`splits ${host} into ${name} and ${port}`, async () => {
      const bench = new Bench()
      bench.request({ hostRaw: host }, proxied)
      const line = await bench.last()
      assert.deepEqual([line['RequestAddr'], line['RequestHost'], line['RequestPort']], [host, name, port])
    })
  }

  it('tells TLS facts, the user, retries and the change of size', async () => {
    const bench = new Bench()
    const tls = {
      version: '1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      serverName: 's.local',
      policy: '',
      clientCertificate: null,
      clientSubject: 'CN=me',
    }
    bench.request({ connection: { ...connection, remoteIp: '2001:db8::1', tls } }, (exchange) => {
      proxied(exchange)
      exchange.username = ''
      exchange.retryAttempts = 2
      exchange.originBytes = 5000
      exchange.responseBytes = 40
    })
    const line = await bench.last()
    const picked = [
      'ClientAddr',
      'ClientUsername',
      'GzipRatio',
      'RequestScheme',
      'RetryAttempts',
      'TLSCipher',
      'TLSClientSubject',
      'TLSVersion',
    ]
    assert.deepEqual(
      picked.map((name) => line[name]),
      ['[2001:db8::1]:4711', '', 125, 'https', 2, 'TLS_AES_128_GCM_SHA256', 'CN=me', '1.3'],
    )
  })

  it('takes the whole first X-Forwarded-For for the client', async () => {
    const bench = new Bench()
    bench.request({ sent: [['X-Forwarded-For', '9.9.9.9, 8.8.8.8']] }, proxied)
    assert.equal((await bench.last())['ClientHost'], '9.9.9.9, 8.8.8.8')
  })

  it('logs the status of its reason when the client left before the answer', async () => {
    const bench = new Bench()
    bench.request({}, (exchange) => {
      exchange.routerName = 'r@file'
      exchange.responseStarted = true
      exchange.abort('client_gone')
    })
    assert.equal((await bench.last())['DownstreamStatus'], 499)
  })

  it('R55: nothing that a client sends breaks a line', async () => {
    const bench = new Bench({ headersDefaultMode: 'keep' })
    const nasty = 'a"\\\u001B[2J\u0085\u00C2\u009B\r\n'
    bench.request({ path: '/\u00C3\u00BC\u00FF', sent: [['X-Bad', nasty]], hostRaw: 'x"y' }, (exchange) => {
      proxied(exchange)
      exchange.username = 'u\n{"level":"info"}'
    })
    const lines = await bench.lines()
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /^[^\u0000-\u001F\u007F-\u009F]*$/)
    const line = await bench.last()
    assert.equal(line['RequestPath'], '/\u00FC\uFFFD')
    assert.equal(line['request_X-Bad'], 'a"\\\u001B[2J\uFFFD\u009B\r\n')
    assert.equal(line['ClientUsername'], 'u\n{"level":"info"}')
  })

  it('R55: cuts endless values', async () => {
    const bench = new Bench()
    bench.request({ path: `/${'x'.repeat(100_000)}` }, proxied)
    assert.ok(((await bench.lines())[0] ?? '').length < 18_000)
  })
})

describe('access log fields and headers', () => {
  const sent: [string, string][] = [
    ['x-keep', 'one'],
    ['X-KEEP', 'two'],
    ['Authorization', 'Basic x'],
    ['Host', 'r.local'],
  ]
  const answer = (exchange: Exchange): void => {
    proxied(exchange)
    exchange.responseHeaders.add('X-Out', 'o1')
    exchange.addResponseHook({ onResponse: (changed) => changed.responseHeaders.set('X-Added', 'later') })
  }
  const prefixed = (line: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(line).filter(([name]) => /^(request|origin|downstream)_/.test(name)))

  const modes: { name: string; plan: Partial<AccessLogPlan>; shown: Record<string, string> }[] = [
    { name: 'drop by default', plan: {}, shown: {} },
    {
      name: 'single ones kept and masked',
      plan: { headerNames: { 'X-Keep': 'keep', 'x-out': 'redact' } },
      shown: { 'downstream_X-Out': 'REDACTED', 'origin_X-Out': 'REDACTED', 'request_X-Keep': 'one,two' },
    },
    {
      name: 'kept but for some',
      plan: { headersDefaultMode: 'keep', headerNames: { 'authorization': 'redact', 'X-Added': 'drop' } },
      shown: { 'downstream_X-Out': 'o1', 'origin_X-Out': 'o1', 'request_Authorization': 'REDACTED', 'request_X-Keep': 'one,two' },
    },
    {
      name: 'masked by default',
      plan: { headersDefaultMode: 'redact', headerNames: { 'X-Keep': 'keep' } },
      shown: {
        'downstream_X-Added': 'REDACTED',
        'downstream_X-Out': 'REDACTED',
        'origin_X-Out': 'REDACTED',
        'request_Authorization': 'REDACTED',
        'request_X-Keep': 'one,two',
      },
    },
    { name: 'R45: an unreadable default mode shows nothing', plan: { headersDefaultMode: 'kepe' }, shown: {} },
  ]
  for (const { name, plan, shown } of modes) {
    it(`headers: ${name}`, async () => {
      const bench = new Bench(plan)
      bench.request({ sent }, answer)
      const line = prefixed(await bench.last())
      assert.deepEqual(line, shown)
      assert.deepEqual(Object.keys(line), Object.keys(shown))
    })
  }

  it('drops fields but those kept by name, without case', async () => {
    const bench = new Bench({ defaultMode: 'drop', names: { RequestPath: 'keep', downstreamstatus: 'keep', RouterName: 'drop' } })
    bench.request({ path: '/x' }, proxied)
    assert.equal(
      (await bench.lines())[0],
      '{"DownstreamStatus":200,"RequestPath":"/x","level":"info","msg":"","time":"2026-03-04T06:06:07+01:00"}',
    )
  })

  it('keeps fields but those dropped by name', async () => {
    const bench = new Bench({ names: { clientaddr: 'drop', entryPointName: 'drop' } })
    bench.request({}, proxied)
    const line = await bench.last()
    assert.ok(!('ClientAddr' in line) && !('entryPointName' in line) && 'ClientHost' in line)
  })

  it('shows no query when told so', async () => {
    const bench = new Bench({ queryParametersDefaultMode: 'drop' })
    bench.request({ path: '/x', rawQuery: 'token=1', hasQuery: true }, proxied)
    assert.equal((await bench.last())['RequestPath'], '/x')
  })
})

describe('access log in common formats', () => {
  const names = { 'User-Agent': 'keep', 'referer': 'keep' }
  const sent: [string, string][] = [
    ['User-Agent', 't/1 "q"'],
    ['Referer', 'http://ref.local/'],
  ]
  const cases: {
    name: string
    plan: Partial<AccessLogPlan>
    request: Parameters<Bench['request']>[0]
    set: (exchange: Exchange) => void
    line: string
  }[] = [
    {
      name: 'a proxied request',
      plan: { headerNames: names },
      request: { path: '/x', rawQuery: 'q=1', hasQuery: true, sent },
      set: proxied,
      line: String.raw`10.0.0.9 - - [04/Mar/2026:05:06:07 +0000] "GET /x?q=1 HTTP/1.1" 200 2 "http://ref.local/" "t/1 \"q\"" 1 "r@file" "http://10.1.1.1:8080" 0ms`,
    },
    {
      name: 'headers are dropped by default',
      plan: {},
      request: { sent },
      set: proxied,
      line: '10.0.0.9 - - [04/Mar/2026:05:06:07 +0000] "GET / HTTP/1.1" 200 2 "-" "-" 1 "r@file" "http://10.1.1.1:8080" 0ms',
    },
    {
      name: 'no router, a user',
      plan: {},
      request: {},
      set: (exchange) => Object.assign(exchange, { status: 401, username: 'u' }),
      line: '10.0.0.9 - u [04/Mar/2026:05:06:07 +0000] "GET / HTTP/1.1" 401 0 "-" "-" 1 "-" "-" 0ms',
    },
    {
      name: 'genericCLF ends with the user agent',
      plan: { format: 'genericCLF', headerNames: names },
      request: { sent: [['User-Agent', 't']] },
      set: proxied,
      line: '10.0.0.9 - - [04/Mar/2026:05:06:07 +0000] "GET / HTTP/1.1" 200 2 "-" "t"',
    },
    {
      name: 'dropped fields are dashes',
      plan: { defaultMode: 'drop' },
      request: {},
      set: proxied,
      line: '- - - [-] "- - -" - - "-" "-" - "-" "-" 0ms',
    },
    {
      name: 'R55: control characters and quotes',
      plan: { headerNames: names },
      request: { path: '/a"b', sent: [['User-Agent', 'x\\" 200\u001B\u00C2\u0085']], method: 'GE"T' },
      set: (exchange) => Object.assign(exchange, { status: 200, username: 'u\r\n"' }),
      line: String.raw`10.0.0.9 - u\x0d\x0a\" [04/Mar/2026:05:06:07 +0000] "GE\"T /a\"b HTTP/1.1" 200 0 "-" "x\\\" 200\x1b\x85" 1 "-" "-" 0ms`,
    },
  ]
  for (const { name, plan, request, set, line } of cases) {
    it(name, async () => {
      const bench = new Bench({ format: 'common', ...plan })
      bench.request(request, set)
      assert.deepEqual(await bench.lines(), [line])
    })
  }
})

describe('which requests leave a line', () => {
  it('counts those that are logged', async () => {
    const bench = new Bench({ statusCodes: [[500, 599]], hasFilters: true })
    bench.request({}, (exchange) => Object.assign(exchange, { routerName: 'r@file', accessLogged: false }))
    bench.request({}, proxied)
    bench.request({}, (exchange) => Object.assign(exchange, { status: 500 }))
    const lines = await bench.lines()
    assert.equal(lines.length, 1)
    assert.equal((await bench.last())['RequestCount'], 2)
  })

  it('follows the entry point only without a router', async () => {
    const bench = new Bench({ format: 'common' })
    bench.request({ path: '/none' }, () => {}, false)
    bench.request({ path: '/off' }, (exchange) => Object.assign(exchange, { routerName: 'r@file', accessLogged: false }), true)
    bench.request({ path: '/back' }, proxied, false)
    const lines = await bench.lines()
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /"GET \/back /)
  })

  const filters: { name: string; plan: Partial<AccessLogPlan>; statuses: number[]; logged: number[] }[] = [
    {
      name: 'ranges include both ends',
      plan: {
        statusCodes: [
          [418, 418],
          [400, 403],
        ],
      },
      statuses: [399, 400, 403, 404, 418],
      logged: [400, 403, 418],
    },
    { name: 'a duration must be exceeded', plan: { minDurationMs: 400 }, statuses: [200], logged: [] },
  ]
  for (const { name, plan, statuses, logged } of filters) {
    it(name, async () => {
      const bench = new Bench({ ...plan, hasFilters: true })
      for (const status of statuses) {
        bench.request({}, (exchange) => {
          exchange.status = status
          bench.monotonicMs += plan.minDurationMs ?? 0
        })
      }
      assert.deepEqual(
        (await bench.lines()).map((line) => (JSON.parse(line) as Record<string, unknown>)['DownstreamStatus']),
        logged,
      )
    })
  }

  it('one filter is enough', async () => {
    const bench = new Bench({ minDurationMs: 400, retryAttempts: true, hasFilters: true })
    bench.request({ path: '/slow' }, () => void (bench.monotonicMs += 401))
    bench.request({ path: '/retried' }, (exchange) => Object.assign(exchange, { retryAttempts: 1 }))
    bench.request({ path: '/fast' })
    assert.deepEqual(
      (await bench.lines()).map((line) => (JSON.parse(line) as Record<string, unknown>)['RequestPath']),
      ['/slow', '/retried'],
    )
  })
})

describe('the file of an access log', () => {
  it('is opened anew on demand, and lines of requests that began before a change still arrive', async () => {
    const bench = new Bench({ format: 'genericCLF' })
    bench.request({ path: '/one' })
    await bench.lines()
    renameSync(bench.path, `${bench.path}.1`)
    bench.logs.reopen()
    bench.request({ path: '/two' }, () => void bench.logs.use(null))
    await bench.logs.close()
    assert.match(readFileSync(bench.path, 'utf8'), /^[^\n]*\/two [^\n]*\n$/)
    assert.match(readFileSync(`${bench.path}.1`, 'utf8'), /\/one .*\n$/)
    assert.equal(bench.logs.use(null), null)
    assert.deepEqual(bench.warnings, [])
  })

  it('tells once that it cannot be opened, and what was lost', async () => {
    const bench = new Bench({ filePath: join(folder, '\0') })
    bench.request({})
    bench.request({})
    await bench.logs.flush()
    assert.equal(bench.warnings.length, 1)
    assert.match(bench.warnings[0] ?? '', /cannot open access log/)
  })

  it('writes many lines in order', async () => {
    const bench = new Bench({ format: 'genericCLF' })
    for (let index = 0; index < 2000; index += 1) bench.request({ path: `/${index}` })
    const lines = await bench.lines()
    assert.deepEqual(
      lines.map((line) => / "GET \/(\d+) /.exec(line)?.[1]),
      Array.from({ length: 2000 }, (_, index) => String(index)),
    )
  })
})
