import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { installForTest } from '../../test/support/config.ts'
import { healthcheck, sendHeadOverHttp } from './healthcheck.ts'
import { versionText } from './version.ts'

describe('healthcheck', () => {
  const urls: { install: string; url: string }[] = [
    { install: 'ping: {}\nentryPoints: {traefik: {address: ":8080"}}', url: 'http://127.0.0.1:8080/ping' },
    { install: 'ping: {entryPoint: web}\nentryPoints: {web: {address: "10.0.0.1:81/tcp"}}', url: 'http://10.0.0.1:81/ping' },
    { install: 'ping: {entryPoint: web}\nentryPoints: {web: {address: "[::]:81"}}', url: 'http://[::1]:81/ping' },
    { install: 'ping: {entryPoint: web}\nentryPoints: {web: {address: "0.0.0.0:81"}}', url: 'http://127.0.0.1:81/ping' },
    { install: 'ping: {entryPoint: web}\nentryPoints: {web: {address: "[fe80::1]:81"}}', url: 'http://[fe80::1]:81/ping' },
  ]
  for (const { install, url } of urls) {
    it(`asks ${url}`, async () => {
      const asked: [string, number][] = []
      const result = await healthcheck(installForTest(install), async (to, timeoutMs) => {
        asked.push([to, timeoutMs])
        return 200
      })
      assert.deepEqual(asked, [[url, 5000]])
      assert.deepEqual(result, { exitCode: 0, text: `OK: ${url}` })
    })
  }

  const well = 'ping: {}\nentryPoints: {traefik: {address: ":8080"}}'
  const failures: { name: string; install: string; answer: () => Promise<number>; text: RegExp }[] = [
    { name: 'ping is off', install: 'entryPoints: {traefik: {address: ":8080"}}', answer: async () => 200, text: /please enable `ping`/ },
    { name: 'its entry point is missing', install: 'ping: {entryPoint: web}', answer: async () => 200, text: /missing "web" entry point/ },
    {
      name: 'its address is broken',
      install: 'ping: {}\nentryPoints: {traefik: {address: "8080"}}',
      answer: async () => 200,
      text: /missing port/,
    },
    { name: 'the router is going down', install: well, answer: async () => 503, text: /^Bad healthcheck status: 503$/ },
    {
      name: 'nobody answers',
      install: well,
      answer: () => Promise.reject(new Error('refused')),
      text: /^Error calling healthcheck: refused$/,
    },
  ]
  for (const { name, install, answer, text } of failures) {
    it(`fails when ${name}`, async () => {
      const result = await healthcheck(installForTest(install), answer)
      assert.equal(result.exitCode, 1)
      assert.match(result.text, text)
    })
  }

  it('sends HEAD and takes the status', async () => {
    const methods: (string | undefined)[] = []
    const server = createServer((request, response) => {
      methods.push(request.method)
      response.writeHead(request.url === '/ping' ? 200 : 404).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    assert.equal(await sendHeadOverHttp(`${address}/ping`, 5000), 200)
    assert.equal(await sendHeadOverHttp(`${address}/other`, 5000), 404)
    server.close()
    await once(server, 'close')
    await assert.rejects(sendHeadOverHttp(`${address}/ping`, 5000), /ECONNREFUSED/)
    assert.deepEqual(methods, ['HEAD', 'HEAD'])
  })
})

describe('version', () => {
  it('names version, runtime and platform', () => {
    assert.match(versionText(), /^Version: {6}\d+\.\d+\.\d+\nCodename: {5}tidegate\nNode version: v\d+\S*\nOS\/Arch: {6}\w+\/\w+$/)
  })
})
