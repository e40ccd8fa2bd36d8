import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apiParts } from '../../test/support/api-parts.ts'
import { installForTest } from '../../test/support/config.ts'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import type { RuntimeState } from '../runtime/state.ts'
import { createApi } from './api.ts'

const none: ReadonlyMap<string, never> = new Map<string, never>()
const state: RuntimeState = {
  generation: 1,
  install: installForTest('api: {}'),
  routers: none,
  services: none,
  middlewares: none,
  tcpRouters: none,
  tcpServices: none,
  tcpMiddlewares: none,
  udpRouters: none,
  udpServices: none,
  certificates: none,
  unbuilt: [],
  providers: [],
}

class Bench {
  problems: readonly string[] = []
  reloads = 0
  readonly texts: string[] = []
  readonly #api = createApi({
    ...apiParts(),
    state: () => state,
    version: '1.2.3',
    startDate: new Date(0),
    reload: async () => {
      this.reloads += 1
      return this.problems
    },
    putRest: (text) => {
      this.texts.push(text)
      return text.startsWith('{') ? null : 'not JSON'
    },
  })

  ask(more: Partial<ControlRequest>): Promise<ControlResponse> {
    return this.#api({
      target: 'api',
      method: 'POST',
      path: '/api/reload',
      query: '',
      headers: [],
      host: 'api.local',
      remoteIp: '10.0.0.9',
      user: null,
      body: new Uint8Array(0),
      ...more,
    })
  }
}

describe('R48: POST /api/reload', () => {
  const callers: { name: string; request: Partial<ControlRequest>; status: number }[] = [
    { name: 'from this machine', request: { remoteIp: '127.0.0.1', host: '127.0.0.1:8080' }, status: 200 },
    { name: 'from this machine by IPv6', request: { remoteIp: '::1', host: '[::1]:8080' }, status: 200 },
    { name: 'from this machine by name', request: { remoteIp: '127.9.9.9', host: 'LocalHost:8080' }, status: 200 },
    { name: 'with a user', request: { user: 'admin' }, status: 200 },
    {
      name: 'from its own page',
      request: {
        user: 'admin',
        host: 'a:1',
        headers: [
          ['Origin', 'http://a:1'],
          ['Sec-Fetch-Site', 'same-origin'],
        ],
      },
      status: 200,
    },
    { name: 'from elsewhere', request: {}, status: 403 },
    { name: 'with a login that named nobody', request: { user: '' }, status: 403 },
    { name: 'by a rebound name', request: { remoteIp: '127.0.0.1', host: 'evil.example' }, status: 403 },
    { name: 'by a name that looks like an address', request: { remoteIp: '127.0.0.1', host: '127.0.0.1.evil.example' }, status: 403 },
    { name: 'from a page elsewhere', request: { user: 'admin', headers: [['Sec-Fetch-Site', 'cross-site']] }, status: 403 },
    { name: 'from a sister site', request: { user: 'admin', headers: [['sec-fetch-site', 'same-site']] }, status: 403 },
    { name: 'from another origin', request: { user: 'admin', host: 'a:1', headers: [['Origin', 'http://a:2']] }, status: 403 },
    { name: 'from an unnamed origin', request: { user: 'admin', headers: [['Origin', 'null']] }, status: 403 },
  ]
  for (const { name, request, status } of callers) {
    it(`${name}: ${status}`, async () => {
      const bench = new Bench()
      assert.equal((await bench.ask(request)).status, status)
      assert.equal(bench.reloads, status === 200 ? 1 : 0)
    })
  }

  it('a GET changes nothing', async () => {
    const bench = new Bench()
    assert.equal((await bench.ask({ method: 'GET', remoteIp: '127.0.0.1', host: 'localhost' })).status, 405)
    assert.equal(bench.reloads, 0)
  })

  it('tells what is wrong with the new configuration', async () => {
    const bench = new Bench()
    bench.problems = ['tidegate.yml:3:1: unknown key']
    const response = await bench.ask({ user: 'admin' })
    assert.equal(response.status, 422)
    assert.deepEqual(JSON.parse(String(response.body)), { problems: bench.problems })
  })
})

describe('PUT /api/providers/rest', () => {
  const put = { target: 'rest', method: 'PUT', path: '/api/providers/rest' }

  it('hands the text on and answers with it', async () => {
    const bench = new Bench()
    const text = '{"http": {"routers": {"ü": {"rule": "Host(`a`)", "service": "s", "priority": 9223372036854775807}}}}'
    const response = await bench.ask({ ...put, body: Buffer.from(text) })
    assert.deepEqual([response.status, response.headers], [200, [['Content-Type', 'application/json; charset=UTF-8']]])
    assert.equal(response.body, '{"http":{"routers":{"ü":{"rule":"Host(`a`)","service":"s","priority":9223372036854775807}}}}\n')
    assert.deepEqual(bench.texts, [text])
  })

  const refused: { name: string; request: Partial<ControlRequest>; status: number }[] = [
    { name: 'what the provider refuses', request: { ...put, body: Buffer.from('nonsense') }, status: 400 },
    { name: 'another provider', request: { ...put, path: '/api/providers/file', body: Buffer.from('{}') }, status: 400 },
    { name: 'another method', request: { ...put, method: 'POST', body: Buffer.from('{}') }, status: 405 },
    { name: 'another path', request: { ...put, path: '/api/providers', body: Buffer.from('{}') }, status: 404 },
    {
      name: 'a page of another site',
      request: { ...put, body: Buffer.from('{}'), headers: [['Origin', 'http://evil.example']] },
      status: 403,
    },
  ]
  for (const { name, request, status } of refused) {
    it(`refuses ${name} with ${status}`, async () => {
      assert.equal((await new Bench().ask(request)).status, status)
    })
  }
})
