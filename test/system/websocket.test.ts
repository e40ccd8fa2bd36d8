import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { WebSocket } from 'ws'
import { freePort } from '../golden/ports.ts'
import { askOnce } from '../support/http-client.ts'
import { RouterProcess } from '../support/router-process.ts'
import { replaceFile, temporaryFolder, TestRouter } from '../support/test-router.ts'
import { until } from '../support/until.ts'
import { openers, WebSocketBackend } from '../support/websocket-rig.ts'

interface Options {
  readonly lifeCycle?: string
  readonly workers?: number
}

function install({ lifeCycle = '{graceTimeOut: 3s}', workers = 1 }: Options = {}): string {
  return `workers: ${workers}\nentryPoints: {web: {address: "127.0.0.1:0", http2: {extendedConnect: true}, transport: {lifeCycle: ${lifeCycle}}}}`
}

/** Routers by path prefix; each leads to the service of its name, which has the servers. */
function routing(services: Readonly<Record<string, readonly string[]>>): string {
  const names = Object.keys(services)
  const routers = names.map((name) => `${name}: {rule: "PathPrefix(\`/${name}\`)", service: ${name}}`)
  const list = names.map((name) => {
    const servers = (services[name] ?? []).map((url) => `{url: "${url}"}`)
    return `${name}: {loadBalancer: {servers: [${servers.join(', ')}]}}`
  })
  return names.length === 0 ? '{}' : `http: {routers: {${routers.join(', ')}}, services: {${list.join(', ')}}}`
}

async function say(socket: WebSocket, message: string | Buffer): Promise<Buffer> {
  const answered = once(socket, 'message')
  socket.send(message)
  const [data] = await answered
  return Buffer.from(data)
}

/** How a socket's end heard of the end: the code of the close frame, 1005 for a frame without one, 1006 for no frame at all. */
function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve))
}

/** Waits until a path is answered with a status. */
async function untilStatus(port: number, path: string, status: number): Promise<void> {
  await until(`${path} is answered with ${status}`, async () => (await askOnce(port, path))?.status === status)
}

async function started(t: TestContext, options: Options = {}): Promise<{ router: TestRouter; backend: WebSocketBackend; port: number }> {
  const backend = await WebSocketBackend.start(t)
  const router = await TestRouter.start(t, { install: install(options), routing: routing({ ws: [backend.url] }) })
  return { router, backend, port: router.port('web') }
}

for (const [protocol, open] of Object.entries(openers)) {
  describe(`WebSockets over ${protocol}`, () => {
    it('carry texts, binary messages of all sizes, and fragments', async (t) => {
      const { port } = await started(t)
      const socket = await open(t, port, '/ws')
      assert.equal(String(await say(socket, 'text')), 'text')
      for (const size of [0, 1, 125, 126, 65_535, 65_536, 3_000_000]) {
        const message = Buffer.alloc(size, size % 251)
        assert.equal(message.equals(await say(socket, message)), true, `${size} bytes`)
      }
      const answered = once(socket, 'message')
      socket.send('one, ', { fin: false })
      socket.ping()
      socket.send('two, ', { fin: false })
      socket.send('three', { fin: true })
      assert.equal(String((await answered)[0]), 'one, two, three')
    })

    it('carry pings and pongs both ways', async (t) => {
      const { port, backend } = await started(t)
      const socket = await open(t, port, '/ws')
      const server = await backend.end(0)
      for (const [from, text] of [
        [socket, 'up'],
        [server, 'down'],
      ] as const) {
        const answered = once(from, 'pong')
        from.ping(text)
        assert.equal(String((await answered)[0]), text)
      }
    })

    it('carry close codes and reasons both ways', async (t) => {
      const { port, backend } = await started(t)
      for (const [index, closer] of (['client', 'server', 'client', 'server'] as const).entries()) {
        const socket = await open(t, port, '/ws')
        const server = await backend.end(index)
        const [from, to] = closer === 'client' ? [socket, server] : [server, socket]
        const heard = once(to, 'close')
        const own = closeCode(from)
        from.close(4000 + index, `because ${index}`)
        const [code, reason] = await heard
        assert.deepEqual([code, String(reason), await own], [4000 + index, `because ${index}`, 4000 + index])
      }
    })

    it('hold the sender back while the other end reads nothing', async (t) => {
      const { port, backend } = await started(t)
      const socket = await open(t, port, '/ws')
      const server = await backend.end(0)
      server.pause()
      const message = Buffer.alloc(1_000_000, 'm')
      // As much as buffers of the system and windows take, and more.
      for (let count = 0; count < 40; count += 1) socket.send(message, { compress: false })
      const other = await open(t, port, '/ws')
      for (let round = 0; round < 20; round += 1) assert.equal(String(await say(other, 'meanwhile')), 'meanwhile')
      assert.ok(socket.bufferedAmount > 0, 'what the server does not read stays with the client')
      let bytes = 0
      const all = new Promise<void>((resolve) =>
        socket.on('message', (data: Buffer) => {
          bytes += data.length
          if (bytes === 40 * message.length) resolve()
        }),
      )
      server.resume()
      await all
      assert.equal(socket.bufferedAmount, 0)
    })

    it('break when the server vanishes', async (t) => {
      const { port, backend } = await started(t)
      const socket = await open(t, port, '/ws')
      await backend.end(0)
      const closed = closeCode(socket)
      const [below] = backend.sockets
      below?.resetAndDestroy()
      assert.equal(await closed, 1006)
    })

    it('go on through reloads that do not concern them, whatever becomes of removed routes', async (t) => {
      for (const tunnelsOnRemoval of ['keep', 'drain', 'close']) {
        const { router, backend, port } = await started(t, {
          lifeCycle: `{tunnelsOnRemoval: ${tunnelsOnRemoval}, tunnelDrainTimeOut: 1ms}`,
        })
        const socket = await open(t, port, '/ws')
        // In the middle of a message, whose first half has come.
        const answered = once(socket, 'message')
        socket.send('first half, ', { fin: false })
        router.route(routing({ ws: [backend.url, 'http://127.0.0.1:9'], other: [backend.url] }))
        await untilStatus(port, '/other', 200)
        await router.reload(install({ lifeCycle: `{tunnelsOnRemoval: ${tunnelsOnRemoval}, graceTimeOut: 3s}`, workers: 2 }))
        socket.send('second half', { fin: true })
        assert.equal(String((await answered)[0]), 'first half, second half')
        socket.close()
        await closeCode(socket)
      }
    })

    it('go on when their route is removed, unless the entry point says otherwise', async (t) => {
      const { router, port } = await started(t)
      const socket = await open(t, port, '/ws')
      router.route(routing({}))
      await untilStatus(port, '/ws', 404)
      assert.equal(String(await say(socket, 'still here')), 'still here')
    })

    const removals: Readonly<Record<string, (own: string, other: string) => Readonly<Record<string, readonly string[]>>>> = {
      router: () => ({}),
      server: (_own, other) => ({ ws: [other] }),
    }
    for (const [what, after] of Object.entries(removals)) {
      for (const policy of ['drain', 'close']) {
        it(`end with 1001 on both sides when their ${what} is removed and the entry point says ${policy}`, async (t) => {
          const { router, backend, port } = await started(t, { lifeCycle: `{tunnelsOnRemoval: ${policy}, tunnelDrainTimeOut: 100ms}` })
          const other = await WebSocketBackend.start(t)
          const socket = await open(t, port, '/ws')
          const server = await backend.end(0)
          assert.equal(String(await say(socket, 'before')), 'before')
          const codes = Promise.all([closeCode(socket), closeCode(server)])
          router.route(routing(after(backend.url, other.url)))
          assert.deepEqual(await codes, [1001, 1001])
        })
      }
    }

    it('end between two frames: what is under way comes to its end before', async (t) => {
      const { router, backend, port } = await started(t, { lifeCycle: '{tunnelsOnRemoval: close}' })
      const socket = await open(t, port, '/ws')
      const server = await backend.end(0)
      // The head of a frame of the server's, and some of its payload.
      backend.sockets[0]?.write(Buffer.from([0x82, 6, 1, 2, 3]))
      const [heard, received, closed] = [closeCode(server), once(socket, 'message'), closeCode(socket)]
      router.route(routing({}))
      assert.equal(await heard, 1001)
      // The server's end answers its close frame with one of its own, which to the client is the rest of that payload, and one byte too many.
      assert.deepEqual([...(await received)[0]], [1, 2, 3, 0x88, 2, 3])
      assert.equal(await closed, 1001)
    })
  })
}

describe('WebSockets when the process goes down', () => {
  for (const workers of [0, 1]) {
    for (const [policy, graceTimeOut] of [
      ['keep', '300ms'],
      ['drain', '1h'],
      ['close', '1h'],
    ]) {
      it(`end with 1001 on both sides, with workers: ${workers} and ${policy}`, async (t) => {
        const folder = temporaryFolder(t)
        const backend = await WebSocketBackend.start(t)
        const port = await freePort()
        replaceFile(join(folder, 'routing.yml'), routing({ ws: [backend.url] }))
        const lifeCycle = `{graceTimeOut: ${graceTimeOut}, tunnelsOnRemoval: ${policy}, tunnelDrainTimeOut: 100ms}`
        const web = `{address: "127.0.0.1:${port}", http2: {extendedConnect: true}, transport: {lifeCycle: ${lifeCycle}}}`
        replaceFile(
          join(folder, 'tidegate.yml'),
          `workers: ${workers}\nlog: {level: INFO}\nentryPoints: {web: ${web}}\nproviders: {file: {filename: "${folder}/routing.yml"}}\n`,
        )
        const router = RouterProcess.start(t, [], { cwd: folder })
        await router.says(/started/)
        const codes: Promise<number>[] = []
        for (const [index, open] of Object.values(openers).entries()) {
          codes.push(closeCode(await open(t, port, '/ws')), closeCode(await backend.end(index)))
        }
        router.signal('SIGTERM')
        assert.deepEqual(await Promise.all(codes), [1001, 1001, 1001, 1001])
        assert.equal(await router.exitCode(), 0)
      })
    }
  }
})
