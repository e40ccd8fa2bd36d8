import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { freePort } from '../golden/ports.ts'
import { startBackend } from '../support/backend.ts'
import { askOnce, Client } from '../support/http-client.ts'
import { TestRouter } from '../support/test-router.ts'
import { until } from '../support/until.ts'

const web = 'entryPoints: {web: {address: "127.0.0.1:0"}}'

/** Routing that sends everything to one server. */
function everythingTo(url: string): string {
  return `http: {routers: {all: {rule: "PathPrefix(\`/\`)", service: all}}, services: {all: {loadBalancer: {servers: [{url: "${url}"}]}}}}`
}

async function bodyAt(port: number, path = '/', address = '127.0.0.1'): Promise<string | null> {
  const answer = await askOnce(port, path, { address })
  return answer === null ? null : answer.body
}

async function started(t: TestContext, install: string): Promise<TestRouter> {
  const backend = await startBackend(t, 'served')
  return TestRouter.start(t, { install, routing: everythingTo(backend.url) })
}

for (const workers of [0, 1]) {
  describe(`reload with workers: ${workers}`, () => {
    it('follows the routing file', async (t) => {
      const [one, two] = [await startBackend(t, 'one'), await startBackend(t, 'two')]
      const router = await TestRouter.start(t, { install: `workers: ${workers}\n${web}`, routing: everythingTo(one.url) })
      const port = router.port('web')
      assert.equal(await bodyAt(port), 'one')
      router.route(everythingTo(two.url))
      await until('the new server answers', async () => (await bodyAt(port)) === 'two')
      router.route('http: {routers: [')
      await router.logged(/routing\.yml:1:\d+/)
      assert.equal(await bodyAt(port), 'two')
    })

    it('adds, moves and removes entry points and leaves the others alone', async (t) => {
      const router = await started(t, `workers: ${workers}\n${web}`)
      const port = router.port('web')
      const client = new Client(port)
      t.after(() => client.close())
      const { localPort } = await client.ask('/')
      const second = await freePort()
      const third = await freePort()
      const also = (address: string): string =>
        `workers: ${workers}\nentryPoints: {web: {address: "127.0.0.1:0"}, also: {address: "${address}"}}`

      await router.reload(also(`127.0.0.1:${second}`))
      assert.equal(await bodyAt(second), 'served')
      assert.equal(await bodyAt(second, '/', '127.0.0.2'), null)
      // The same port on other addresses, wider and narrower.
      await router.reload(also(`:${second}`))
      assert.equal(await bodyAt(second), 'served')
      assert.equal(await bodyAt(second, '/', '127.0.0.2'), 'served')
      await router.reload(also(`127.0.0.2:${second}`))
      assert.equal(await bodyAt(second, '/', '127.0.0.2'), 'served')
      await until('the wider address is closed', async () => (await bodyAt(second)) === null)
      await router.reload(also(`127.0.0.1:${third}`))
      assert.equal(await bodyAt(third), 'served')
      await until('the old port is closed', async () => (await bodyAt(second, '/', '127.0.0.2')) === null)
      await router.reload(`workers: ${workers}\n${web}`)
      await until('the entry point is gone', async () => (await bodyAt(third)) === null)

      assert.equal(router.port('web'), port)
      const after = await client.ask('/')
      assert.deepEqual([after.body, after.localPort], ['served', localPort])
    })

    it('lets connections go on when an entry point is renamed', async (t) => {
      const port = await freePort()
      const router = await started(t, `workers: ${workers}\nentryPoints: {old: {address: "127.0.0.1:${port}"}}`)
      const client = new Client(port)
      t.after(() => client.close())
      const before = await client.ask('/')
      await router.reload(`workers: ${workers}\nentryPoints: {new: {address: "127.0.0.1:${port}"}}`)
      const after = await client.ask('/')
      assert.deepEqual([after.body, after.localPort], ['served', before.localPort])
    })

    it('applies changed options to living connections', async (t) => {
      const router = await started(t, `workers: ${workers}\n${web}`)
      const client = new Client(router.port('web'))
      t.after(() => client.close())
      const long = { headers: { 'X-Long': 'x'.repeat(8000) } }
      const many = { headers: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`X-${index}`, '1'])) }
      const { localPort } = await client.ask('/', long)
      await router.reload(`workers: ${workers}\nentryPoints: {web: {address: "127.0.0.1:0", http: {maxHeaderCount: 10}}}`)
      const few = await client.ask('/')
      assert.deepEqual([few.status, few.localPort], [200, localPort])
      assert.equal((await client.ask('/', many)).status, 431)
      const again = new Client(router.port('web'))
      t.after(() => again.close())
      assert.equal((await again.ask('/')).status, 200)
      await router.reload(
        `workers: ${workers}\nentryPoints: {web: {address: "127.0.0.1:0", http: {maxHeaderBytes: 1000}, transport: {keepAliveMaxRequests: 1}}}`,
      )
      const last = await again.ask('/', many)
      assert.deepEqual([last.status, last.headers.connection], [200, 'close'])
      assert.equal((await askOnce(router.port('web'), '/', long))?.status, 431)
    })

    it('switches API and ping on and off', async (t) => {
      const port = await freePort()
      const traefik = `workers: ${workers}\nentryPoints: {traefik: {address: "127.0.0.1:${port}"}}`
      const router = await started(t, traefik)
      assert.equal((await askOnce(port, '/api/version'))?.status, 404)
      await router.reload(`${traefik}\napi: {insecure: true, dashboard: false}\nping: {}`)
      assert.match((await bodyAt(port, '/api/version')) ?? '', /"Codename":"tidegate"/)
      assert.equal(await bodyAt(port, '/ping'), 'OK')
      await router.reload(traefik)
      assert.equal((await askOnce(port, '/ping'))?.status, 404)
    })

    it('adds and removes providers', async (t) => {
      const one = await startBackend(t, 'from the file')
      const router = await TestRouter.start(t, {
        install: `workers: ${workers}\n${web}\nproviders: {providersThrottleDuration: 0}`,
        routing: everythingTo(one.url),
      })
      const port = router.port('web')
      assert.equal((await askOnce(port, '/'))?.status, 404)
      await router.reload(`workers: ${workers}\n${web}`)
      assert.equal(await bodyAt(port), 'from the file')
      const remote = await startBackend(t, everythingTo(one.url).replace('"PathPrefix(`/`)"', '"Path(`/remote`)"'))
      await router.reload(
        `workers: ${workers}\n${web}\nproviders: {providersThrottleDuration: 0, http: {endpoint: "${remote.url}", pollInterval: 100ms}}`,
      )
      assert.equal((await askOnce(port, '/'))?.status, 404)
      await until('the HTTP provider routes', async () => (await bodyAt(port, '/remote')) === 'from the file')
    })

    it('switches access logs on, over and off', async (t) => {
      const router = await started(t, `workers: ${workers}\n${web}`)
      const port = router.port('web')
      const [first, second] = [join(router.folder, 'first.log'), join(router.folder, 'second.log')]
      const logTo = (path: string): string => `workers: ${workers}\n${web}\naccessLog: {filePath: "${path}", format: json}`
      const pathsIn = (path: string): string[] =>
        existsSync(path)
          ? readFileSync(path, 'utf8')
              .split('\n')
              .filter((line) => line !== '')
              .map((line) => (JSON.parse(line) as { RequestPath: string }).RequestPath)
          : []
      await bodyAt(port, '/0')
      await router.reload(logTo(first))
      await bodyAt(port, '/1')
      await router.reload(logTo(second))
      await bodyAt(port, '/2')
      await until('it is in the second log', () => pathsIn(second).length === 1)
      renameSync(second, `${second}.1`)
      router.app.reopenLogs()
      await until('the log is open anew', async () => {
        await bodyAt(port, '/3')
        return pathsIn(second).length > 0
      })
      await router.reload(`workers: ${workers}\n${web}`)
      await bodyAt(port, '/4')
      assert.deepEqual(pathsIn(first), ['/1'])
      assert.deepEqual([...new Set([...pathsIn(`${second}.1`), ...pathsIn(second)])], ['/2', '/3'])
    })
  })
}

describe('reload', () => {
  it('changes level, format and file of the log', async (t) => {
    const router = await started(t, `workers: 0\n${web}\nlog: {level: ERROR, format: json}`)
    await router.reload(`workers: 0\n${web}\nlog: {level: INFO, format: json, filePath: "${router.logFile}"}`)
    assert.deepEqual(
      router.log().map((line) => [line.level, line.message]),
      [['info', 'install configuration reloaded']],
    )
    const other = join(router.folder, 'other.log')
    await router.reload(`workers: 0\n${web}\nlog: {level: DEBUG, filePath: "${other}"}`)
    assert.match(readFileSync(other, 'utf8'), /^\S+ DBG .*\n/)
    assert.match(readFileSync(other, 'utf8'), /INF install configuration reloaded origin=test\n$/)
    assert.equal(router.log().length, 1)
  })

  it('refuses a bad file with its place and leaves everything as it was', async (t) => {
    const router = await started(t, `workers: 1\n${web}`)
    const port = router.port('web')
    router.write('workers: 1\nentryPoints:\n  web:\n    address: "127.0.0.1:0"\n    adress: ":1"\n  other: {address: "127.0.0.1:x"}')
    const problems = await router.app.reload('test')
    assert.match(problems.join('\n'), /tidegate\.yml:5:\d+/)
    assert.match((await router.logged(/refused/)).message, /tidegate\.yml:5:\d+.*adress/)
    assert.equal(await bodyAt(port), 'served')
    assert.deepEqual(
      router.app.addresses.map((address) => address.entryPoint),
      ['web'],
    )
  })

  it('refuses a port that is taken, naming the entry point, and changes nothing', async (t) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    t.after(() => other.close())
    const taken = (other.address() as AddressInfo).port
    const router = await started(t, `workers: 1\n${web}`)
    const free = await freePort()
    router.write(
      `workers: 3\nentryPoints: {web: {address: "127.0.0.1:0"}, fine: {address: "127.0.0.1:${free}"}, more: {address: "127.0.0.1:${taken}"}}\nping: {entryPoint: web}`,
    )
    const problems = await router.app.reload('test')
    assert.match(problems.join('\n'), new RegExp(`^entryPoints\\.more\\.address: cannot listen on 127\\.0\\.0\\.1:${taken}: .*EADDRINUSE`))
    assert.equal(await bodyAt(free), null)
    assert.equal(await bodyAt(router.port('web'), '/ping'), 'served')
    assert.equal(await bodyAt(router.port('web')), 'served')
  })

  it('says once what is not supported yet, or wrong, for as long as it stays so', async (t) => {
    const install = `workers: 0\nentryPoints: {web: {address: "127.0.0.1:0"}}\nproviders: {nomad: {}, file: {filename: R}}`
    const router = await TestRouter.start(t, { install: install.replace('R', '/nowhere/routing.yml') })
    await router.reload(`${install.replace('R', '/nowhere/routing.yml')}\naccessLog: {format: other}`)
    await router.reload(`${install.replace('R', '/nowhere/routing.yml')}\naccessLog: {format: other}`)
    const count = (pattern: RegExp): number => router.log().filter((line) => pattern.test(line.message)).length
    assert.equal(count(/^providers\.nomad: not supported yet$/), 1)
    assert.equal(count(/accessLog\.format/), 1)
  })

  it('is there when the API asks for it, and answers once it is in force', async (t) => {
    const router = await started(t, 'workers: 1\nentryPoints: {traefik: {address: "127.0.0.1:0"}}\napi: {insecure: true, dashboard: false}')
    const api = router.port('traefik')
    const port = await freePort()
    router.write(
      `workers: 2\nentryPoints: {traefik: {address: "127.0.0.1:0"}, web: {address: "127.0.0.1:${port}"}}\napi: {insecure: true, dashboard: false}`,
    )
    const client = new Client(api)
    t.after(() => client.close())
    const done = await client.ask('/api/reload', { method: 'POST' })
    assert.deepEqual([done.status, done.body.trim()], [200, '{"problems":[]}'])
    assert.equal(await bodyAt(port), 'served')
    router.write('workers: many')
    const refused = await client.ask('/api/reload', { method: 'POST' })
    assert.equal(refused.status, 422)
    assert.match(refused.body, /workers/)
    assert.equal((await client.ask('/api/entrypoints/web')).status, 200)
  })

  it('keeps the place of a router that is disabled', async (t) => {
    const backend = await startBackend(t, 'lower')
    const router = await TestRouter.start(t, {
      install: `workers: 0\n${web}\naccessLog: {filePath: /dev/null}`,
      routing: `http: {routers: {high: {rule: "PathPrefix(\`/high\`)", service: missing}, low: {rule: "PathPrefix(\`/\`)", priority: 1, service: all}}, services: {all: {loadBalancer: {servers: [{url: "${backend.url}"}]}}}}`,
    })
    const answer = await askOnce(router.port('web'), '/high')
    assert.deepEqual([answer?.status, answer?.body], [404, '404 page not found\n'])
    assert.equal(await bodyAt(router.port('web')), 'lower')
    assert.match((await router.logged(/the service "missing@file" does not exist/)).message, /routing\.yml:1:\d+/)
  })
})
