import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { freePort } from '../golden/ports.ts'
import { startBackend } from '../support/backend.ts'
import { askOnce, Client } from '../support/http-client.ts'
import { TestRouter } from '../support/test-router.ts'
import { until } from '../support/until.ts'

/** Routing that sends each path to a server of its own. */
function routing(servers: Readonly<Record<string, string>>): string {
  const names = Object.keys(servers)
  const routers = names.map((name) => `${name}: {rule: "PathPrefix(\`/${name}\`)", service: ${name}}`)
  const services = names.map((name) => `${name}: {loadBalancer: {servers: [{url: "${servers[name]}"}]}}`)
  return `http: {routers: {${routers.join(', ')}}, services: {${services.join(', ')}}}`
}

async function webSocketBackend(t: TestContext): Promise<string> {
  const backend = await startBackend(t, 'plain')
  const sockets = new WebSocketServer({ server: backend.server })
  sockets.on('connection', (socket) => socket.on('message', (message, binary) => socket.send(message, { binary })))
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate()
  })
  return backend.url
}

async function say(socket: WebSocket, message: string): Promise<string> {
  const answered = once(socket, 'message')
  socket.send(message)
  return String((await answered)[0])
}

describe('connections', () => {
  it('live through two hundred changes, and no request fails', async (t) => {
    const [one, two] = [await startBackend(t, 'one'), await startBackend(t, 'two')]
    const spare = [await freePort(), await freePort()]
    const install = (i: number): string =>
      `workers: 2\nentryPoints: {web: {address: "127.0.0.1:0"}${i % 3 === 0 ? '' : `, spare: {address: "127.0.0.1:${spare[i % 2]}"}`}}\nlog: {level: ${i % 2 === 0 ? 'ERROR' : 'WARN'}}\nproviders: {providersThrottleDuration: 0, file: {filename: FILE}}`
    const router = await TestRouter.start(t, {
      install: 'workers: 2\nentryPoints: {web: {address: "127.0.0.1:0"}}',
      routing: routing({ a: one.url }),
    })
    const clients = Array.from({ length: 6 }, () => new Client(router.port('web')))
    t.after(() => {
      for (const client of clients) client.close()
    })
    const ports = await Promise.all(clients.map(async (client) => (await client.ask('/a')).localPort))
    let changing = true
    let asked = 0
    const asking = clients.map(async (client, index) => {
      while (changing) {
        const answer = await client.ask('/a')
        asked += 1
        assert.deepEqual([answer.status, answer.localPort], [200, ports[index]])
        assert.match(answer.body, /^(one|two)$/)
      }
    })
    for (let i = 0; i < 100; i += 1) {
      router.route(routing({ a: i % 2 === 0 ? two.url : one.url, [`other${i}`]: one.url }))
      await until('the routing is in force', async () => (await askOnce(router.port('web'), `/other${i}`))?.status === 200)
      await router.reload(install(i).replace('FILE', router.routingFile))
    }
    changing = false
    await Promise.all(asking)
    assert.ok(asked > 200)
    assert.equal((await askOnce(router.port('web'), '/other98'))?.status, 404)
  })

  it('keeps WebSockets through changes that do not concern them', async (t) => {
    const url = await webSocketBackend(t)
    const [plain, extra] = [await startBackend(t, 'plain'), await freePort()]
    const install = 'workers: 1\nentryPoints: {web: {address: "127.0.0.1:0"}}'
    const router = await TestRouter.start(t, { install, routing: routing({ ws: url, a: plain.url }) })
    const socket = new WebSocket(`ws://127.0.0.1:${router.port('web')}/ws`)
    t.after(() => socket.terminate())
    await once(socket, 'open')
    assert.equal(await say(socket, 'one'), 'one')
    router.route(routing({ ws: url, b: plain.url }))
    await until('the routing is in force', async () => (await askOnce(router.port('web'), '/b'))?.status === 200)
    assert.equal(await say(socket, 'two'), 'two')
    await router.reload(`workers: 2\nentryPoints: {web: {address: "127.0.0.1:0"}, extra: {address: "127.0.0.1:${extra}"}}`)
    assert.equal(await say(socket, 'three'), 'three')
    // The worker that holds it is retired, and its entry point removed: it may still go on.
    await router.reload(`workers: 0\nentryPoints: {extra: {address: "127.0.0.1:${extra}"}}`)
    assert.equal(await say(socket, 'four'), 'four')
    socket.close()
    await once(socket, 'close')
  })

  it('finish a request on the generation where it began', async (t) => {
    const held: ServerResponse[] = []
    const slow = await startBackend(t, (_request, response) => {
      response.write('begun ')
      held.push(response)
    })
    const [quick, extra] = [await startBackend(t, 'quick'), await freePort()]
    const both = `entryPoints: {web: {address: "127.0.0.1:0"}, extra: {address: "127.0.0.1:${extra}"}}`
    const router = await TestRouter.start(t, { install: `workers: 1\n${both}`, routing: routing({ a: slow.url }) })
    const clients = [new Client(router.port('web')), new Client(extra)]
    t.after(() => {
      for (const client of clients) client.close()
    })
    const begun = await Promise.all(clients.map((client) => client.begin('/a')))
    router.route(routing({ b: quick.url }))
    await until('the routing is in force', async () => (await askOnce(router.port('web'), '/b'))?.body === 'quick')
    assert.equal((await askOnce(router.port('web'), '/a'))?.status, 404)
    await router.reload('workers: 2\nentryPoints: {web: {address: "127.0.0.1:0"}}')
    await router.reload('workers: 1\nentryPoints: {web: {address: "127.0.0.1:0"}}')
    for (const response of held) response.end('ended')
    assert.deepEqual(await Promise.all(begun.map(({ response }) => text(response))), ['begun ended', 'begun ended'])
    await until('the removed entry point is closed', async () => (await askOnce(extra, '/b')) === null)
  })

  it('carries WebSockets when a worker is added and the address gets wider', async (t) => {
    const port = await freePort()
    const router = await TestRouter.start(t, {
      install: `workers: 1\nentryPoints: {web: {address: "127.0.0.1:${port}"}}`,
      routing: routing({ ws: await webSocketBackend(t) }),
    })
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
    t.after(() => socket.terminate())
    await once(socket, 'open')
    await router.reload(`workers: 1\nentryPoints: {web: {address: ":${port}"}}`)
    assert.equal(await say(socket, 'still'), 'still')
    assert.equal((await askOnce(port, '/ws'))?.body, 'plain')
  })
})
