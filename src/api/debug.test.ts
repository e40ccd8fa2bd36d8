import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { getHeapStatistics } from 'node:v8'
import { apiParts } from '../../test/support/api-parts.ts'
import { installForTest } from '../../test/support/config.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import { profiledMain } from '../runtime/profiling.ts'
import type { RuntimeState } from '../runtime/state.ts'
import { systemClock } from '../std/clock.ts'
import { createApi } from './api.ts'
import { ChangeFeed } from './change-feed.ts'
import { DebugPages, maskedCommandLine } from './debug.ts'

const none = new Map<string, never>()
const parts = { generation: 1, routers: none, services: none, middlewares: none, tcpRouters: none, tcpServices: none, tcpMiddlewares: none }

function stateOf(install: string): RuntimeState {
  return { ...parts, install: installForTest(install), udpRouters: none, udpServices: none, certificates: none, unbuilt: [], providers: [] }
}

interface Answers {
  cpuProfile?: () => Promise<string>
}

function api(install: string, answers: Answers = {}): (path: string, more?: Partial<ControlRequest>) => Promise<ControlResponse> {
  const clock = new ManualClock()
  const thread = {
    name: 'main',
    heapStatistics: async () => getHeapStatistics(),
    cpuProfile: answers.cpuProfile ?? (async (ms: number) => `{"ms":${ms}}`),
    heapSnapshot: async () => Buffer.from('{}'),
  }
  const answer = createApi({
    ...apiParts(),
    changes: new ChangeFeed({ clock, mark: () => 'm1' }),
    debug: new DebugPages({ commandLine: ['node', 'main.js', '--token=canary', '--pass', 'canary'], threads: () => [thread] }),
    state: () => stateOf(install),
    version: '1.2.3',
    startDate: new Date(0),
    reload: async () => [],
    putRest: () => null,
  })
  return (path, more = {}) => {
    const [target = '', query = ''] = path.split('?')
    const common = {
      target: 'api',
      method: 'GET',
      headers: [],
      host: 'localhost',
      remoteIp: '127.0.0.1',
      user: null,
      body: new Uint8Array(),
    }
    return answer({ ...common, path: target, query, ...more })
  }
}

describe('/debug', () => {
  it('is there with api.debug only, below basePath', async () => {
    assert.equal((await api('api: {}')('/debug/vars')).status, 404)
    const below = api('api: {debug: true, basePath: /base}')
    assert.equal((await below('/debug/vars')).status, 404)
    assert.equal((await below('/base/debug/none')).status, 404)
    assert.equal((await below('/base/debug/vars', { method: 'POST' })).status, 405)
    const shown = await below('/base/debug/vars')
    assert.deepEqual([shown.status, shown.headers], [200, [['Content-Type', 'application/json; charset=utf-8']]])
    const variables: { memstats: { Sys: number } } = JSON.parse(String(shown.body))
    assert.ok(variables.memstats.Sys > 0)
  })

  it('R45: shows no values of the command line', async () => {
    const ask = api('api: {debug: true}')
    for (const path of ['/debug/vars', '/debug/pprof/', '/debug/pprof/cmdline']) {
      assert.ok(!String((await ask(path)).body).includes('canary'), path)
    }
    assert.deepEqual(maskedCommandLine(['a', '--x=1', '--y', 'z', 'w']), ['a', '--x=xxxx', '--y', 'xxxx', 'w'])
  })

  const profiles: { path: string; more?: Partial<ControlRequest>; status: number }[] = [
    { path: 'profile?seconds=2', status: 200 },
    { path: 'profile?thread=0', status: 200 },
    { path: 'heap', status: 200 },
    { path: 'heap', more: { remoteIp: '10.0.0.9' }, status: 403 },
    { path: 'heap', more: { remoteIp: '10.0.0.9', user: 'admin' }, status: 200 },
    { path: 'profile', more: { host: 'evil.example' }, status: 403 },
    { path: 'profile', more: { headers: [['Sec-Fetch-Site', 'cross-site']] }, status: 403 },
    { path: 'profile?seconds=61', status: 400 },
    { path: 'profile?seconds=x', status: 400 },
    { path: 'profile?thread=1', status: 400 },
  ]
  for (const { path, more, status } of profiles) {
    it(`${path} ${JSON.stringify(more ?? {})} gets ${status}`, async () => {
      assert.equal((await api('api: {debug: true}')(`/debug/pprof/${path}`, more)).status, status)
    })
  }

  it('makes one profile at a time', async () => {
    const first = Promise.withResolvers<string>()
    const ask = api('api: {debug: true}', { cpuProfile: () => first.promise })
    const waiting = ask('/debug/pprof/profile')
    assert.equal((await ask('/debug/pprof/heap')).status, 429)
    first.resolve('{}')
    assert.equal((await waiting).status, 200)
    assert.equal((await ask('/debug/pprof/heap')).status, 200)
  })

  it('the main thread can be profiled', async () => {
    const profile: { nodes: unknown[] } = JSON.parse(await profiledMain(systemClock).cpuProfile(1))
    assert.ok(profile.nodes.length > 0)
  })
})

describe('/api/support-dump', () => {
  it('R45: holds version and configuration, without secrets and addresses', async () => {
    const install = `
entryPoints: {web: {address: "10.9.8.7:80"}}
api: {}
providers: {http: {endpoint: "https://canary.example/config"}}
certificatesResolvers: {le: {acme: {email: canary@example.com, storage: acme.json}}}
`
    const response = await api(install)('/api/support-dump')
    assert.deepEqual(response.headers, [
      ['Content-Disposition', 'attachment; filename=support-dump.tar.gz'],
      ['Content-Type', 'application/gzip'],
    ])
    const unpack = (name: string): string =>
      execFileSync('tar', ['-xzOf', '-', name], { input: Buffer.from(response.body), encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] })
    assert.deepEqual(JSON.parse(unpack('version.json')), { version: '1.2.3', codename: 'tidegate', startDate: '1970-01-01T00:00:00.000Z' })
    const shown = unpack('static-config.json')
    assert.match(shown, /"address":"xxxx"/)
    assert.doesNotMatch(shown, /canary|10\.9\.8\.7/)
    assert.deepEqual(JSON.parse(unpack('runtime-config.json')), {})
  })
})

describe('/api/changes', () => {
  it('tells the mark to who does not know it', async () => {
    const response = await api('api: {}')('/api/changes')
    assert.deepEqual([response.status, JSON.parse(String(response.body))], [200, { mark: 'm1' }])
  })
})
