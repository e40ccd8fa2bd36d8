import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { startDemo } from './demo.ts'
import { startExampleServers } from './services.ts'

test('the demo writes configuration that names its servers, and takes it away again', async () => {
  const demo = await startDemo({ web: '127.0.0.1:8001', api: '127.0.0.1:8081' })
  const file = demo.arguments[0]?.slice('--configFile='.length) ?? ''
  const install: unknown = load(readFileSync(file, 'utf8'))
  const routingFile = file.replace('tidegate.yml', 'routing.yml')
  const routing: unknown = load(readFileSync(routingFile, 'utf8'))
  demo.close()
  assert.deepEqual(install, {
    entryPoints: { web: { address: '127.0.0.1:8001' }, traefik: { address: '127.0.0.1:8081' } },
    api: { insecure: true },
    ping: {},
    providers: { file: { filename: routingFile, watch: true } },
  })
  assert.match(JSON.stringify(routing), /"whoami":\{"rule":"Host\(`whoami.localhost`\)","service":"whoami"\}/)
  assert.ok(demo.message.includes(routingFile))
  assert.ok(!existsSync(file))
})

test('whoami echoes the request, body included', async (t) => {
  const servers = await startExampleServers()
  t.after(() => {
    for (const server of Object.values(servers)) server.close()
  })
  const response = await fetch(`${servers.whoami.url}/a?b=c`, { method: 'POST', headers: { 'X-One': '1' }, body: 'the body' })
  const text = await response.text()
  assert.match(text, /^Name: whoami\n/)
  assert.match(text, /\nPOST \/a\?b=c HTTP\/1.1\n/)
  assert.match(text, /\nx-one: 1\n/i)
  assert.ok(text.endsWith('\nthe body'))
})

test('the flaky server fails two requests in five', async (t) => {
  const servers = await startExampleServers()
  t.after(() => {
    for (const server of Object.values(servers)) server.close()
  })
  const statuses: number[] = []
  for (let i = 0; i < 5; i++) {
    const response = await fetch(servers.flaky.url)
    await response.text()
    statuses.push(response.status)
  }
  assert.deepEqual(statuses, [200, 503, 200, 503, 200])
})
