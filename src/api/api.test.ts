import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apiParts } from '../../test/support/api-parts.ts'
import { decodeForTest, installForTest } from '../../test/support/config.ts'
import { BoardAllocator } from '../board/allocator.ts'
import { createBoard, serverState } from '../board/board.ts'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import { SharedMemory } from '../runtime/middleware-plans.ts'
import { resolve } from '../runtime/resolve.ts'
import { rememberingRuleCheck } from '../runtime/rule-check.ts'
import type { RuntimeState } from '../runtime/state.ts'
import { TlsMaterial } from '../runtime/tls-material.ts'
import { systemClock } from '../std/clock.ts'
import { silentLogger } from '../std/log.ts'
import { createApi } from './api.ts'

const board = createBoard({ rows: 2, counters: 4096, gauges: 4096, cells: 8192 })
const places = new BoardAllocator(board, () => 0)

const installText = `
entryPoints:
  web: {address: "127.0.0.1:80"}
  alt: {address: "127.0.0.1:81"}
  u: {address: "127.0.0.1:82/udp"}
  traefik: {address: "127.0.0.1:8080"}
api: {insecure: true, dashboard: false}
`

const routingText = `
http:
  routers:
    alpha: {rule: "Host(\`alpha.local\`)", service: s1, priority: 5}
    beta: {rule: "Host(\`beta.local\`)", service: s2, middlewares: [m1, "m2@file"], entryPoints: [web]}
    gamma: {rule: "Host(\`Gamma.LOCAL\`)", service: "s1@file", middlewares: [m2], priority: 9223372036854774807}
    off: {rule: "Host(\`off.local\`)", service: none}
    warn: {rule: "Host(\`warn.local\`)", service: s1, entryPoints: [web, none]}
    "a/b": {rule: "Host(\`slash.local\`)", service: w}
    "ünï": {rule: "Host(\`uni.local\`)", service: s1}
  services:
    s1: {loadBalancer: {servers: [{url: "http://127.0.0.1:1"}]}}
    s2: {loadBalancer: {servers: [{url: "http://127.0.0.1:1"}, {url: "http://127.0.0.1:2"}]}}
    child: {loadBalancer: {servers: [{url: "http://127.0.0.1:3"}], healthCheck: {path: /hc, interval: 10s}}}
    unused: {loadBalancer: {servers: [{url: "http://127.0.0.1:4"}]}}
    w: {weighted: {services: [{name: child, weight: 3}]}}
  middlewares:
    m1: {addPrefix: {prefix: /p}}
    m2: {basicAuth: {users: ["u:$apr1$canary$canary"]}}
tcp:
  routers: {t: {rule: "HostSNI(\`*\`)", service: ts, entryPoints: [web]}}
  services: {ts: {loadBalancer: {servers: [{address: "127.0.0.1:5"}]}}}
udp:
  routers: {ur: {service: us, entryPoints: [u]}}
  services: {us: {loadBalancer: {servers: [{address: "127.0.0.1:6"}]}}}
`

function stateOf(install: string, routing: string): RuntimeState {
  const resolved = resolve(
    {
      generation: 1,
      install: installForTest(install),
      entryPoints: [],
      global: { hostname: 'test', accessLog: null, passRequestTrailers: false, hostResolver: null, lifeCycle: { terminatingStatus: 503 } },
      snapshots: [{ provider: 'file', routing: decodeForTest(routing), locate: () => ({ file: 'routing.yml', line: 1, column: 2 }) }],
      unbuilt: ['providers.nomad: not supported yet'],
      providers: ['File'],
    },
    {
      board,
      places,
      readFile: () => undefined,
      tls: new TlsMaterial(systemClock, silentLogger, () => {}),
      memory: new SharedMemory(),
      readMiddlewareFiles: (_kind, options) => ({ options }),
      checkRule: rememberingRuleCheck(),
    },
  )
  return resolved.state
}

const state = stateOf(installText, routingText)

interface Calls {
  readonly rest: string[]
  reloads: number
}

function api(given: RuntimeState | null = state, problems: readonly string[] = [], calls: Calls = { rest: [], reloads: 0 }) {
  return createApi({
    ...apiParts(),
    state: () => given,
    version: '1.2.3',
    startDate: new Date(0),
    reload: async () => {
      calls.reloads += 1
      return problems
    },
    putRest: (text) => {
      calls.rest.push(text)
      return text.startsWith('{') ? null : 'routing.json:1:1: not JSON'
    },
  })
}

function request(target: string, more: Partial<ControlRequest> = {}): ControlRequest {
  const [path = '', query = ''] = target.split('?')
  return {
    target: 'api',
    method: 'GET',
    path,
    query,
    headers: [],
    host: 'api.local',
    remoteIp: '10.0.0.9',
    user: null,
    body: new Uint8Array(0),
    ...more,
  }
}

function get(target: string): Promise<ControlResponse> {
  return api()(request(target))
}

async function body(target: string): Promise<unknown> {
  return JSON.parse(String((await get(target)).body))
}

async function names(target: string): Promise<unknown> {
  const items = (await body(target)) as { name: string }[]
  return items.map(({ name }) => name.replace('@file', ''))
}

const observability = { accessLogs: true, metrics: true, tracing: true, traceVerbosity: 'minimal' }

describe('POST /api/explain', () => {
  it('asks a worker', async () => {
    const body = Buffer.from('{"url": "http://a.local/x", "client": "10.0.0.7"}')
    const answer = await api()(request('/api/explain', { method: 'POST', body }))
    assert.deepEqual(
      [answer.status, JSON.parse(String(answer.body))],
      [200, { problem: 'GET http://a.local/x of 10.0.0.7', entryPoints: [] }],
    )
  })

  it('says what is wrong with the question', async () => {
    const answer = await api()(request('/api/explain', { method: 'POST', body: Buffer.from('{}') }))
    assert.equal(answer.status, 400)
    assert.equal((await api()(request('/api/explain'))).status, 405)
  })
})

describe('details', () => {
  const cases: { path: string; shown: Record<string, unknown> }[] = [
    {
      path: 'http/routers/alpha@file',
      shown: {
        entryPoints: ['alt', 'web'],
        service: 's1',
        rule: 'Host(`alpha.local`)',
        priority: 5,
        observability,
        status: 'enabled',
        using: ['alt', 'web'],
        name: 'alpha@file',
        provider: 'file',
        priorityStr: '5',
      },
    },
    {
      path: 'http/routers/off@file',
      shown: {
        entryPoints: ['alt', 'web'],
        service: 'none',
        rule: 'Host(`off.local`)',
        priority: 17,
        observability,
        error: ['the service "none@file" does not exist'],
        status: 'disabled',
        using: ['alt', 'web'],
        name: 'off@file',
        provider: 'file',
        priorityStr: '17',
      },
    },
    {
      path: 'http/services/s1%40file',
      shown: {
        loadBalancer: {
          servers: [{ url: 'http://127.0.0.1:1' }],
          strategy: 'wrr',
          passHostHeader: true,
          responseForwarding: { flushInterval: '100ms' },
        },
        status: 'enabled',
        usedBy: ['alpha@file', 'gamma@file', 'warn@file', 'ünï@file'],
        name: 's1@file',
        provider: 'file',
        type: 'loadbalancer',
        serverStatus: { 'http://127.0.0.1:1': 'UP' },
      },
    },
    {
      path: 'http/services/unused@file',
      shown: {
        loadBalancer: {
          servers: [{ url: 'http://127.0.0.1:4' }],
          strategy: 'wrr',
          passHostHeader: true,
          responseForwarding: { flushInterval: '100ms' },
        },
        status: 'enabled',
        name: 'unused@file',
        provider: 'file',
        type: 'loadbalancer',
      },
    },
    {
      path: 'http/middlewares/m1@file',
      shown: {
        addPrefix: { prefix: '/p' },
        status: 'enabled',
        usedBy: ['beta@file'],
        name: 'm1@file',
        provider: 'file',
        type: 'addprefix',
      },
    },
    {
      path: 'entrypoints/web',
      shown: {
        address: '127.0.0.1:80',
        transport: { lifeCycle: { graceTimeOut: '10s' }, respondingTimeouts: { readTimeout: '1m0s', idleTimeout: '3m0s' } },
        forwardedHeaders: {},
        http: { sanitizePath: true, maxHeaderBytes: 1048576, underscoreHeadersStrategy: 'keep' },
        http2: { maxConcurrentStreams: 250, maxDecoderHeaderTableSize: 4096, maxEncoderHeaderTableSize: 4096 },
        udp: { timeout: '3s' },
        name: 'web',
      },
    },
  ]
  for (const { path, shown } of cases) {
    it(path, async () => {
      const response = await get(`/api/${path}`)
      assert.deepEqual([response.status, response.headers], [200, [['Content-Type', 'application/json']]])
      assert.deepEqual(JSON.parse(String(response.body)), shown)
    })
  }

  it('priorities are exact', async () => {
    const response = await get('/api/http/routers/gamma@file')
    assert.match(String(response.body), /"priority":9223372036854774807[,}]/)
    assert.match(String(response.body), /"priorityStr":"9223372036854774807"/)
  })

  it('names may be escaped and hold slashes and other letters', async () => {
    assert.deepEqual(await body('/api/http/routers/a%2Fb@file').then((shown) => (shown as { name: string }).name), 'a/b@file')
    assert.deepEqual(await body('/api/http/routers/%C3%BCn%C3%AF@file').then((shown) => (shown as { name: string }).name), 'ünï@file')
  })

  it('a server that is used through another service tells its health', async () => {
    assert.deepEqual(await body('/api/http/services/child@file').then((shown) => (shown as { serverStatus: unknown }).serverStatus), {
      'http://127.0.0.1:3': 'UP',
    })
    const cell = places.place('cell', 'server:child@file:http://127.0.0.1:3')
    assert.ok(cell > 0)
    Atomics.store(board.cells, cell, serverState.down)
    assert.deepEqual(await body('/api/http/services/child@file').then((shown) => (shown as { serverStatus: unknown }).serverStatus), {
      'http://127.0.0.1:3': 'DOWN',
    })
    Atomics.store(board.cells, cell, serverState.up)
  })

  it('errorDetails come when asked for, with place and nearest name', async () => {
    const shown = (await body('/api/http/routers/off@file?errorDetails=true')) as { errorDetails: unknown[] }
    assert.partialDeepStrictEqual(shown.errorDetails[0], {
      severity: 'error',
      path: 'http.routers.off.service',
      message: 'the service "none@file" does not exist',
      file: 'routing.yml',
      line: 1,
      column: 2,
    })
  })

  it('R45: no secret is shown anywhere', async () => {
    for (const path of ['http/middlewares', 'http/middlewares/m2@file', 'rawdata', 'overview', 'http/routers?errorDetails=true']) {
      const response = await get(`/api/${path}`)
      assert.equal(response.status, 200)
      assert.ok(!String(response.body).includes('canary'), path)
    }
  })
})

describe('what is not there', () => {
  const missing: { path: string; message: string }[] = [
    { path: 'http/routers/nothere@file', message: 'router not found: nothere@file' },
    { path: 'http/routers/alpha', message: 'router not found: alpha' },
    { path: 'http/services/none@file', message: 'service not found: none@file' },
    { path: 'http/middlewares/none@file', message: 'middleware not found: none@file' },
    { path: 'tcp/routers/n@file', message: 'router not found: n@file' },
    { path: 'udp/services/n@file', message: 'service not found: n@file' },
    { path: 'entrypoints/none', message: 'entry point not found: none' },
    { path: 'entrypoints/__proto__', message: 'entry point not found: __proto__' },
    { path: 'http/routers/constructor', message: 'router not found: constructor' },
  ]
  for (const { path, message } of missing) {
    it(path, async () => {
      const response = await get(`/api/${path}`)
      assert.equal(response.status, 404)
      assert.deepEqual(response.headers, [
        ['Content-Type', 'text/plain; charset=utf-8'],
        ['X-Content-Type-Options', 'nosniff'],
      ])
      assert.deepEqual(JSON.parse(String(response.body)), { message })
    })
  }

  for (const path of [
    '/api',
    '/api/',
    '/api/nonsense',
    '/api/http/routers/',
    '/api/HTTP/routers',
    '/api/http/routers/a/b',
    '/api/udp/middlewares',
    '/',
    '/apix',
  ]) {
    it(`${path} is no page`, async () => {
      const response = await get(path)
      assert.deepEqual([response.status, response.body], [404, '404 page not found\n'])
    })
  }

  for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
    it(`${method} gets 405 without a body`, async () => {
      assert.deepEqual(await api()(request('/api/overview', { method })), { status: 405, headers: [], body: '' })
    })
  }

  it('nothing is, before the first generation', async () => {
    assert.equal((await api(null)(request('/api/overview'))).status, 503)
  })
})

describe('lists', () => {
  const cases: { query: string; found: string[]; next?: string }[] = [
    { query: '', found: ['a/b', 'alpha', 'api@internal', 'beta', 'gamma', 'off', 'warn', 'ünï'] },
    { query: '?per_page=3', found: ['a/b', 'alpha', 'api@internal'], next: '2' },
    { query: '?per_page=3&page=2', found: ['beta', 'gamma', 'off'], next: '3' },
    { query: '?per_page=3&page=3', found: ['warn', 'ünï'] },
    { query: '?per_page=8', found: ['a/b', 'alpha', 'api@internal', 'beta', 'gamma', 'off', 'warn', 'ünï'] },
    { query: '?page=&per_page=', found: ['a/b', 'alpha', 'api@internal', 'beta', 'gamma', 'off', 'warn', 'ünï'] },
    { query: '?search=ETA', found: ['beta'] },
    { query: '?search=gamma.lo', found: ['gamma'] },
    { query: '?search=%C3%BC', found: ['ünï'] },
    { query: '?search=nothing', found: [] },
    { query: '?status=disabled', found: ['off'] },
    { query: '?status=WARNING', found: ['warn'] },
    { query: '?status=nonsense', found: [] },
    { query: '?serviceName=s1@file', found: ['alpha', 'gamma', 'warn', 'ünï'] },
    { query: '?middlewareName=m2@file', found: ['beta', 'gamma'] },
    { query: '?middlewareName=m2', found: [] },
    { query: '?sortBy=priority&search=@file&per_page=3', found: ['alpha', 'off', 'ünï'], next: '2' },
    { query: '?sortBy=priority&direction=desc&search=@file&per_page=2', found: ['gamma', 'a/b'], next: '2' },
    { query: '?sortBy=status&search=@file&per_page=1', found: ['off'], next: '2' },
    { query: '?direction=desc&per_page=1', found: ['ünï'], next: '2' },
    { query: '?sortBy=nonsense&per_page=1', found: ['a/b'], next: '2' },
    { query: '?sortBy=entryPoints&search=@file&per_page=1', found: ['a/b'], next: '2' },
  ]
  for (const { query, found, next = '1' } of cases) {
    it(`routers${query}`, async () => {
      assert.deepEqual(await names(`/api/http/routers${query}`), found)
      const response = await get(`/api/http/routers${query}`)
      assert.deepEqual(response.headers, [
        ['Content-Type', 'application/json'],
        ['X-Next-Page', next],
      ])
    })
  }

  it('services by type and by number of servers', async () => {
    assert.deepEqual(await names('/api/http/services?sortBy=servers&direction=desc&search=@file&per_page=2'), ['s2', 'unused'])
    assert.deepEqual(await names('/api/http/services?sortBy=type&direction=desc&search=@file&per_page=1'), ['w'])
    assert.deepEqual(await names('/api/http/services?serviceName=s1&search=s2'), ['s2'])
  })

  it('entry points by name', async () => {
    assert.deepEqual(await names('/api/entrypoints'), ['alt', 'traefik', 'u', 'web'])
  })

  it('TCP and UDP', async () => {
    assert.deepEqual(await names('/api/tcp/routers'), ['t'])
    assert.deepEqual(await names('/api/tcp/services'), ['ts'])
    assert.deepEqual(await names('/api/tcp/middlewares'), [])
    assert.deepEqual(await names('/api/udp/services'), ['us'])
    const [router] = (await body('/api/udp/routers')) as Record<string, unknown>[]
    assert.ok(router !== undefined && !('priority' in router) && !('priorityStr' in router))
  })

  const refused: { path: string; message: string }[] = [
    { path: 'http/routers?per_page=5&page=9', message: 'invalid request: page: 9, per_page: 5' },
    { path: 'http/routers?per_page=-1', message: 'invalid request: per_page: -1' },
    { path: 'http/routers?page=abc', message: 'invalid request: page: 0' },
    { path: 'http/routers?page=0', message: 'invalid request: page: 0' },
    { path: 'udp/routers?page=5', message: 'invalid request: page: 5, per_page: 100' },
    { path: 'entrypoints?page=x', message: 'invalid request: page: 0' },
  ]
  for (const { path, message } of refused) {
    it(`${path} is refused`, async () => {
      const response = await get(`/api/${path}`)
      assert.equal(response.status, 400)
      assert.deepEqual(JSON.parse(String(response.body)), { message })
    })
  }
})

describe('overview, version, raw data', () => {
  it('the overview counts, names features and what is not built', async () => {
    assert.partialDeepStrictEqual(await body('/api/overview'), {
      http: { routers: { total: 8, warnings: 1, errors: 1 }, middlewares: { total: 2, warnings: 0, errors: 0 } },
      features: { tracing: '', metrics: '', accessLog: false },
      providers: ['File'],
      unbuilt: ['providers.nomad: not supported yet'],
    })
    const busy = stateOf(`${installText}accessLog: {}\nmetrics: {datadog: {}, otlp: {}}\ntracing: {}`, routingText)
    const shown = JSON.parse(String((await api(busy)(request('/api/overview'))).body)) as { features: unknown }
    assert.deepEqual(shown.features, { tracing: 'OTLP', metrics: 'Datadog', accessLog: true })
  })

  it('the version names the dashboard as configured, below basePath', async () => {
    const named = stateOf('api: {basePath: /base, dashboardName: Mine, disableDashboardAd: true}', routingText)
    const response = await api(named)(request('/base/api/version'))
    assert.deepEqual(response.headers, [['Content-Type', 'application/json; charset=UTF-8']])
    assert.deepEqual(JSON.parse(String(response.body)), {
      Version: '1.2.3',
      Codename: 'tidegate',
      startDate: '1970-01-01T00:00:00.000Z',
      disableDashboardAd: true,
      dashboardName: 'Mine',
    })
    assert.equal((await api(named)(request('/api/version'))).status, 404)
    assert.equal((await api(named)(request('/basement/api/version'))).status, 404)
  })

  it('raw data holds all objects by name, without what the name tells', async () => {
    const raw = (await body('/api/rawdata')) as Record<string, Record<string, Record<string, unknown>>>
    assert.deepEqual(Object.keys(raw).sort(), [
      'middlewares',
      'routers',
      'services',
      'tcpRouters',
      'tcpServices',
      'udpRouters',
      'udpServices',
    ])
    assert.deepEqual(raw['middlewares']?.['m1@file'], { addPrefix: { prefix: '/p' }, status: 'enabled', usedBy: ['beta@file'] })
    assert.deepEqual(raw['routers']?.['alpha@file'], {
      entryPoints: ['alt', 'web'],
      service: 's1',
      rule: 'Host(`alpha.local`)',
      priority: 5,
      observability,
      status: 'enabled',
      using: ['alt', 'web'],
    })
    assert.deepEqual(raw['services']?.['s2@file']?.['serverStatus'], { 'http://127.0.0.1:1': 'UP', 'http://127.0.0.1:2': 'UP' })
  })
})
