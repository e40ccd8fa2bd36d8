import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import type { TransportPlan } from '../generation/plan.ts'
import { checkHttp } from './http-check.ts'
import type { HealthCheck } from './targets.ts'

const check = {
  path: '/hc',
  scheme: '',
  method: 'GET',
  status: 204,
  port: 0,
  hostname: '',
  followRedirects: true,
  headers: {},
  statuses: [],
  body: '',
} as unknown as HealthCheck
const transport = { name: 'default@internal' } as TransportPlan

it('checks go through the proxy of the environment, but not those of this machine', async (t) => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const proxyEnv = { HTTP_PROXY: `http://${address}` }
  const { signal } = new AbortController()
  await checkHttp({ url: 'http://checked.test:81', check, transport, signal, proxyEnv })
  await checkHttp({ url: `http://${address}`, check, transport, signal, proxyEnv })
  assert.deepEqual(asked, ['http://checked.test:81/hc', '/hc'])
})
