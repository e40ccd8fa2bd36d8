import assert from 'node:assert/strict'
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { freePort } from '../golden/ports.ts'
import { RouterProcess } from '../support/router-process.ts'
import { replaceFile, temporaryFolder } from '../support/test-router.ts'

/** Sockets wanted, and how many are enough where a process may not have descriptors for all of them. */
const wanted = 10_000
const enough = 8000
/** Descriptors of the router besides two for each socket. */
const others = 200

function crowd(t: TestContext, ...parameters: string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, '..', 'support', 'websocket-crowd.ts'), parameters)
  t.after(() => child.kill('SIGKILL'))
  return child
}

/** What a process says next. */
async function told(child: ChildProcess): Promise<Record<string, unknown>> {
  const [message] = await once(child, 'message')
  return message
}

it('WebSockets: thousands are open at once, carry messages through a reload, and end with 1001 when their route does', async (t) => {
  const limit = Number(execFileSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }))
  const count = Number.isNaN(limit) ? wanted : Math.min(wanted, Math.floor((limit - others) / 2))
  t.diagnostic(`${count} WebSockets, with ${limit} descriptors for each process`)
  assert.ok(count >= enough, `at most ${limit} descriptors`)
  const folder = temporaryFolder(t)
  const server = crowd(t, 'serve')
  const { port: serverPort } = await told(server)
  const port = await freePort()
  const routing = (path: string): string =>
    `http: {routers: {r: {rule: "PathPrefix(\`${path}\`)", service: s}}, services: {s: {loadBalancer: {servers: [{url: "http://127.0.0.1:${String(serverPort)}"}]}}}}`
  replaceFile(join(folder, 'routing.yml'), routing('/ws'))
  replaceFile(
    join(folder, 'tidegate.yml'),
    `workers: 2
log: {level: INFO}
entryPoints: {web: {address: "127.0.0.1:${port}", transport: {lifeCycle: {tunnelsOnRemoval: close}}}}
providers: {providersThrottleDuration: 0, file: {filename: "${folder}/routing.yml"}}
`,
  )
  const router = RouterProcess.start(t, [], { cwd: folder })
  await router.says(/started/)
  const clients = crowd(t, 'open', String(port), String(count))
  assert.deepEqual(await told(clients), { open: count })
  replaceFile(join(folder, 'routing.yml'), routing('/w'))
  clients.send('talk')
  assert.deepEqual(await told(clients), { right: count })
  replaceFile(join(folder, 'routing.yml'), '{}')
  assert.deepEqual(await told(clients), { goneAway: count })
})
