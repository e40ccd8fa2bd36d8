import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { it, type TestContext } from 'node:test'
import { Client } from '../support/http-client.ts'
import { TestRouter } from '../support/test-router.ts'

const program = `
const server = require('node:http').createServer((request, response) => response.end(String(process.pid)))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

/** A server in a process of its own, which can be killed. */
async function startServer(t: TestContext): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [port] = await once(createInterface({ input: child.stdout }), 'line')
  return { process: child, url: `http://127.0.0.1:${port}` }
}

it('no request fails when one of three servers is killed under load', async (t) => {
  const servers = await Promise.all([startServer(t), startServer(t), startServer(t)])
  const list = servers.map(({ url }) => `{url: "${url}"}`).join(', ')
  const router = await TestRouter.start(t, {
    install: 'workers: 2\nentryPoints: {web: {address: "127.0.0.1:0"}}',
    routing: `http: {routers: {r: {rule: "PathPrefix(\`/\`)", service: s}}, services: {s: {loadBalancer: {servers: [${list}]}}}}`,
  })
  const clients = Array.from({ length: 8 }, () => new Client(router.port('web')))
  t.after(() => {
    for (const client of clients) client.close()
  })
  const killed = servers[1]?.process
  assert.ok(killed !== undefined)
  let asked = 0
  const lastAnswers = new Set<string>()
  await Promise.all(
    clients.map(async (client) => {
      for (let turn = 0; turn < 300; turn += 1) {
        const answer = await client.ask('/')
        assert.equal(answer.status, 200)
        asked += 1
        // Connections to all three are warm by now, and in use.
        if (asked === 600) killed.kill('SIGKILL')
        if (asked > 1800) lastAnswers.add(answer.body)
      }
    }),
  )
  assert.equal(asked, 2400)
  assert.ok(!lastAnswers.has(String(killed.pid)))
  assert.equal(lastAnswers.size, 2)
})
