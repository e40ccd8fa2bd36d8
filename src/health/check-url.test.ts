import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkAddress } from './check-url.ts'
import type { HealthCheck } from './targets.ts'

const check: HealthCheck = {
  mode: 'http',
  scheme: '',
  path: '/hc',
  method: 'GET',
  status: 0,
  port: 0,
  intervalMs: 1000,
  unhealthyIntervalMs: 1000,
  timeoutMs: 1000,
  hostname: '',
  followRedirects: true,
  headers: {},
  statuses: [],
  body: '',
  service: '',
}

describe('checkAddress', () => {
  const cases: { server: string; given: Partial<HealthCheck>; url: string; h2c?: boolean; socketPath?: string }[] = [
    { server: 'http://a:81', given: {}, url: 'http://a:81/hc' },
    { server: 'http://a:81', given: { path: '/hc?deep=1&x=%2F' }, url: 'http://a:81/hc?deep=1&x=%2F' },
    { server: 'http://a:81/base/?q', given: { path: '' }, url: 'http://a:81/base/?q' },
    { server: 'http://a:81', given: { path: '' }, url: 'http://a:81/' },
    { server: 'http://a:81/base/dir/', given: { path: 'hc' }, url: 'http://a:81/base/dir/hc' },
    { server: 'http://a:81/base/dir/', given: { path: '/hc' }, url: 'http://a:81/hc' },
    { server: 'http://a:81/base', given: { path: 'hc' }, url: 'http://a:81/hc' },
    { server: 'http://a:81', given: { port: 9000 }, url: 'http://a:9000/hc' },
    { server: 'http://a:81', given: { scheme: 'https' }, url: 'https://a:81/hc' },
    { server: 'https://a', given: {}, url: 'https://a/hc' },
    { server: 'http://[::1]:81', given: { port: 82 }, url: 'http://[::1]:82/hc' },
    { server: 'h2c://a:81', given: {}, url: 'http://a:81/hc', h2c: true },
    { server: 'http://u:p@a:81', given: {}, url: 'http://a:81/hc' },
    { server: 'unix:///run/app.sock', given: {}, url: 'http://localhost/hc', socketPath: '/run/app.sock' },
  ]
  for (const { server, given, url, h2c = false, socketPath = null } of cases) {
    it(`${server} with ${JSON.stringify(given)} is ${url}`, () => {
      const address = checkAddress(server, { ...check, ...given })
      assert.deepEqual([address.url.href, address.h2c, address.socketPath], [url, h2c, socketPath])
    })
  }

  const refused: { server: string; given: Partial<HealthCheck> }[] = [
    { server: 'http://a', given: { path: 'http://127.0.0.1/hc' } },
    { server: 'http://a', given: { path: 'https:hc' } },
    { server: 'http://a', given: { path: 'file:///etc/passwd' } },
    { server: 'http://a', given: { path: '//evil/hc' } },
    { server: 'http://a', given: { path: '/\\evil/hc' } },
    { server: 'http://a', given: { path: '\\\\evil' } },
    { server: 'http://a', given: { path: '\t//evil/hc' } },
    { server: 'ftp://a', given: {} },
    { server: 'http://a', given: { scheme: 'gopher' } },
    { server: '/a', given: {} },
  ]
  for (const { server, given } of refused) {
    it(`R57: refuses ${server} with ${JSON.stringify(given)}`, () => {
      assert.throws(() => checkAddress(server, { ...check, ...given }), /relative to the server|unsupported scheme|cannot be read/)
    })
  }
})
