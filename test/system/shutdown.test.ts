import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { freePort } from '../golden/ports.ts'
import { type Backend, startBackend } from '../support/backend.ts'
import { askOnce, Client } from '../support/http-client.ts'
import { RouterProcess } from '../support/router-process.ts'
import { temporaryFolder } from '../support/test-router.ts'
import { until } from '../support/until.ts'

interface Running {
  readonly router: RouterProcess
  readonly port: number
  readonly ping: number
  readonly folder: string
  /** Requests that wait at the server behind. */
  readonly held: ServerResponse[]
  readonly backend: Backend
}

interface Options {
  readonly workers: number
  readonly lifeCycle?: string
  readonly more?: string
}

/** A router process whose server lets requests below /slow wait until the test ends them. */
async function started(t: TestContext, { workers, lifeCycle = '{graceTimeOut: 10s}', more = '' }: Options): Promise<Running> {
  const folder = temporaryFolder(t)
  const held: ServerResponse[] = []
  const backend = await startBackend(t, (request, response) => {
    if (request.url === '/slow') held.push(response)
    else response.end('served')
  })
  const [port, ping] = [await freePort(), await freePort()]
  const install = join(folder, 'tidegate.yml')
  const routing = join(folder, 'routing.yml')
  writeFileSync(
    routing,
    `http: {routers: {all: {rule: "PathPrefix(\`/\`)", service: all, entryPoints: [web]}}, services: {all: {loadBalancer: {servers: [{url: "${backend.url}"}]}}}}`,
  )
  writeFileSync(
    install,
    `workers: ${workers}
log: {level: INFO, noColor: true}
entryPoints:
  web: {address: "127.0.0.1:${port}", transport: {lifeCycle: ${lifeCycle}}}
  admin: {address: "127.0.0.1:${ping}", transport: {lifeCycle: ${lifeCycle}}}
ping: {entryPoint: admin}
providers: {file: {filename: "${routing}"}}
${more}`,
  )
  const router = RouterProcess.start(t, [`--configFile=${install}`], { cwd: folder })
  await router.says(/ INF started /)
  return { router, port, ping, folder, held, backend }
}

for (const workers of [0, 1]) {
  describe(`going down with workers: ${workers}`, () => {
    it('lets what runs finish, and answers ping with 503 while others may still come', async (t) => {
      const { router, port, ping, held } = await started(t, { workers, lifeCycle: '{requestAcceptGraceTimeout: 1s, graceTimeOut: 20s}' })
      const [busy, idle] = [new Client(port), new Client(port)]
      t.after(() => {
        busy.close()
        idle.close()
      })
      await idle.ask('/')
      const answer = busy.ask('/slow')
      await until('the request is at the server', () => held.length === 1)
      router.signal('SIGTERM')
      await until('ping tells', async () => (await askOnce(ping, '/ping'))?.status === 503)
      assert.equal((await idle.ask('/')).body, 'served')
      assert.equal((await askOnce(port, '/'))?.body, 'served')
      await until('nobody is accepted any more', async () => (await askOnce(port, '/')) === null)
      assert.equal(router.isOver, false)
      held[0]?.end('at last')
      const { body, headers } = await answer
      assert.deepEqual([body, headers.connection], ['at last', 'close'])
      assert.equal(await router.exitCode(), 0)
      assert.doesNotMatch(router.output, / ERR /)
    })

    it('cuts what takes longer than graceTimeOut, and logs it', async (t) => {
      const { router, port, folder, held } = await started(t, {
        workers,
        lifeCycle: '{graceTimeOut: 300ms}',
        more: 'accessLog: {format: json, filePath: "access.log"}',
      })
      const client = new Client(port)
      t.after(() => client.close())
      const cut = client.ask('/slow').then(
        () => 'answered',
        () => 'cut',
      )
      await until('the request is at the server', () => held.length === 1)
      router.signal('SIGINT')
      assert.equal(await router.exitCode(), 0)
      assert.equal(await cut, 'cut')
      assert.match(readFileSync(join(folder, 'access.log'), 'utf8'), /"DownstreamStatus":499.*"RequestPath":"\/slow"/)
    })

    it('ends at once with a second signal', async (t) => {
      const { router, port, held } = await started(t, { workers, lifeCycle: '{graceTimeOut: 60s}' })
      const client = new Client(port)
      t.after(() => client.close())
      const cut = client.ask('/slow').catch(() => null)
      await until('the request is at the server', () => held.length === 1)
      router.signal('SIGTERM')
      await router.says(/ INF shutting down/)
      await until('nobody is accepted any more', async () => (await askOnce(port, '/')) === null)
      router.signal('SIGTERM')
      assert.equal(await router.exitCode(), 1)
      assert.equal(await cut, null)
    })
  })
}

describe('signals', () => {
  it('SIGUSR1 opens the logs anew', async (t) => {
    const { router, port, folder } = await started(t, { workers: 1, more: 'accessLog: {filePath: "access.log"}' })
    const [log, moved] = [join(folder, 'access.log'), join(folder, 'access.log.1')]
    await askOnce(port, '/before')
    await until('it is logged', () => existsSync(log) && readFileSync(log, 'utf8').includes('/before'))
    renameSync(log, moved)
    router.signal('SIGUSR1')
    await until('a new file is there', () => existsSync(log))
    await askOnce(port, '/after')
    await until('it is logged', () => readFileSync(log, 'utf8').includes('/after'))
    assert.doesNotMatch(readFileSync(log, 'utf8'), /before/)
    assert.doesNotMatch(readFileSync(moved, 'utf8'), /after/)
  })

  it('SIGHUP and a change of the file reload the install configuration', async (t) => {
    const { router, port, ping, folder } = await started(t, { workers: 1 })
    const file = join(folder, 'tidegate.yml')
    const before = readFileSync(file, 'utf8')
    router.signal('SIGHUP')
    await router.says(/ INF install configuration reloaded origin=SIGHUP/)
    writeFileSync(file, before.replace('ping: {entryPoint: admin}', 'ping: {entryPoint: admin, manualRouting: true}'))
    await router.says(/ INF install configuration reloaded origin=file/)
    assert.equal((await askOnce(ping, '/ping'))?.status, 404)
    writeFileSync(file, before.replace('manualRouting', 'manual').replace('workers: 1', 'workers: many'))
    await router.says(/ ERR install configuration refused, .*tidegate\.yml:1:\d+: workers: .* origin=file/)
    assert.equal((await askOnce(port, '/'))?.body, 'served')
    writeFileSync(file, `${before}\nwatchInstall: false\n`)
    await until('it is reloaded', async () => (await askOnce(ping, '/ping'))?.status === 200)
    // From now on the file is not watched, but a signal counts.
    writeFileSync(file, before.replace('ping: {entryPoint: admin}', 'ping: {entryPoint: admin, manualRouting: true}'))
    router.signal('SIGHUP')
    await until('it is reloaded', async () => (await askOnce(ping, '/ping'))?.status === 404)
    assert.equal(router.isOver, false)
  })

  it('tunnels end with the grace time', async (t) => {
    const { router, port, backend } = await started(t, { workers: 1, lifeCycle: '{graceTimeOut: 300ms}' })
    const sockets = new WebSocketServer({ server: backend.server })
    sockets.on('connection', (socket) => socket.on('message', (message, binary) => socket.send(message, { binary })))
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
    t.after(() => socket.terminate())
    await once(socket, 'open')
    const closed = once(socket, 'close')
    router.signal('SIGTERM')
    await router.says(/ INF shutting down/)
    const echo = once(socket, 'message')
    socket.send('still')
    assert.equal(String((await echo)[0]), 'still')
    await closed
    assert.equal(await router.exitCode(), 0)
  })

  it('an upload that began before the signal arrives whole', async (t) => {
    const folder = temporaryFolder(t)
    const received: string[] = []
    const backend = await startBackend(t, (request, response) => {
      response.writeHead(200).flushHeaders()
      void text(request).then((body) => {
        received.push(body)
        response.end('got it')
      })
    })
    const port = await freePort()
    writeFileSync(
      join(folder, 'routing.yml'),
      `http: {routers: {all: {rule: "PathPrefix(\`/\`)", service: all}}, services: {all: {loadBalancer: {servers: [{url: "${backend.url}"}]}}}}`,
    )
    writeFileSync(
      join(folder, 'tidegate.yml'),
      `workers: 1\nlog: {level: INFO}\nentryPoints: {web: {address: "127.0.0.1:${port}"}}\nproviders: {file: {filename: "${folder}/routing.yml"}}\n`,
    )
    const router = RouterProcess.start(t, [], { cwd: folder })
    await router.says(/started/)
    const { request } = await import('node:http')
    const asking = request({ port, host: '127.0.0.1', method: 'POST', path: '/' })
    asking.write('first half, ')
    const [response] = await once(asking, 'response')
    router.signal('SIGTERM')
    await router.says(/shutting down/)
    asking.end('second half')
    assert.equal(await text(response), 'got it')
    assert.deepEqual(received, ['first half, second half'])
    assert.equal(await router.exitCode(), 0)
  })
})
