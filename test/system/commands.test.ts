import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { freePort } from '../golden/ports.ts'
import { askOnce } from '../support/http-client.ts'
import { RouterProcess, runTidegate, tidegate } from '../support/router-process.ts'
import { temporaryFolder } from '../support/test-router.ts'
import { until } from '../support/until.ts'

const soundRouting =
  'http:\n  routers:\n    web:\n      rule: "Host(`a.test`)"\n      service: web\n  services:\n    web:\n      loadBalancer:\n        servers:\n          - url: http://127.0.0.1:1\n'

/** A folder with an install file `tidegate.yml` and a routing file `routing.yml`. */
function folderWith(t: TestContext, install: string, routing = soundRouting): string {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'tidegate.yml'), install)
  writeFileSync(join(folder, 'routing.yml'), routing)
  return folder
}

const install = 'entryPoints:\n  web:\n    address: "127.0.0.1:1"\nproviders:\n  file:\n    filename: routing.yml\n'

describe('tidegate check', () => {
  it('finds nothing wrong', async (t) => {
    const cwd = folderWith(t, install)
    assert.deepEqual(await runTidegate(t, ['check'], { cwd }), { code: 0, output: 'ok: 0 errors, 0 warnings\n' })
    const { code, output } = await runTidegate(t, ['check', '--json'], { cwd })
    assert.deepEqual([code, JSON.parse(output)], [0, { ok: true, problems: [] }])
  })

  it('names place, what is wrong and the nearest name', async (t) => {
    const cwd = folderWith(t, install, soundRouting.replace('service: web', 'service: wbe'))
    const { code, output } = await runTidegate(t, ['check'], { cwd })
    assert.equal(code, 1)
    assert.match(output, /^error: .*routing\.yml:5:7: http\.routers\.web\.service: the service "wbe@file" does not exist.*web/m)
    assert.match(output, /^failed: 1 errors, 0 warnings$/m)
    const json = await runTidegate(t, ['check', '--json'], { cwd })
    const { ok, problems }: { ok: boolean; problems: { severity: string; line: number; path: string }[] } = JSON.parse(json.output)
    assert.deepEqual([json.code, ok, problems.length], [1, false, 1])
    assert.deepEqual([problems[0]?.severity, problems[0]?.line, problems[0]?.path], ['error', 5, 'http.routers.web.service'])
  })

  it('checks the routing files that are named instead', async (t) => {
    const cwd = folderWith(t, install, 'http: {routers: {')
    writeFileSync(join(cwd, 'other.yml'), soundRouting)
    assert.equal((await runTidegate(t, ['check'], { cwd })).code, 1)
    assert.equal((await runTidegate(t, ['check', 'other.yml'], { cwd })).code, 0)
  })

  it('finds mistakes in the install file', async (t) => {
    const cwd = folderWith(t, install.replace('address', 'adress'))
    const { code, output } = await runTidegate(t, ['check'], { cwd })
    assert.equal(code, 1)
    assert.match(output, /^error: .*tidegate\.yml:3:5: entryPoints\.web\.adress: .*address/m)
  })
})

describe('tidegate print-config', () => {
  it('shows every value with its origin', async (t) => {
    const cwd = folderWith(t, `${install}workers: 3\n`)
    const { code, output } = await runTidegate(t, ['print-config'], { cwd })
    assert.equal(code, 0)
    assert.match(output, /^workers: 3 {2}# .*tidegate\.yml:7:1$/m)
    assert.match(output, /^entryPoints\.web\.transport\.lifeCycle\.graceTimeOut: "10s" {2}# default$/m)
    const json = await runTidegate(t, ['print-config', '--json'], { cwd })
    const shown: { configuration: { workers: number }; origins: Record<string, string> } = JSON.parse(json.output)
    assert.equal(shown.configuration.workers, 3)
    assert.match(shown.origins['workers'] ?? '', /tidegate\.yml:7:1$/)
  })

  it('fails for a configuration that cannot be used', async (t) => {
    const { code, output } = await runTidegate(t, ['print-config', '--workers=many'], { cwd: temporaryFolder(t) })
    assert.equal(code, 1)
    assert.match(output, /workers/)
  })
})

describe('other commands', () => {
  it('tidegate version', async (t) => {
    const { code, output } = await runTidegate(t, ['version'])
    assert.equal(code, 0)
    assert.match(output, /^Version: {6}\d+\.\d+\.\d+\n/)
  })

  it('a command that there is not', async (t) => {
    const { code, output } = await runTidegate(t, ['frobnicate'])
    assert.equal(code, 1)
    assert.match(output, /there is no command "frobnicate"/)
  })

  it('tidegate healthcheck', async (t) => {
    const port = await freePort()
    const flags = [`--entryPoints.traefik.address=127.0.0.1:${port}`, '--ping']
    const before = await runTidegate(t, ['healthcheck', ...flags])
    assert.equal(before.code, 1)
    assert.match(before.output, /^Error calling healthcheck: /)
    const router = RouterProcess.start(t, [...flags, '--workers=1', '--log.level=INFO'])
    await router.says(/started/)
    assert.deepEqual(await runTidegate(t, ['healthcheck', ...flags]), { code: 0, output: `OK: http://127.0.0.1:${port}/ping\n` })
  })
})

describe('start', () => {
  it('fails when another instance has the port, and names the entry point', async (t) => {
    const port = await freePort()
    const flags = [`--entryPoints.web.address=127.0.0.1:${port}`, '--workers=1', '--log.level=INFO']
    const first = RouterProcess.start(t, flags)
    await first.says(/started/)
    const { code, output } = await runTidegate(t, flags)
    assert.equal(code, 1)
    assert.match(output, new RegExp(`entryPoints\\.web\\.address: cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`))
    assert.equal((await askOnce(port, '/'))?.status, 404)
  })

  it('lets instances share a port that asks for it', async (t) => {
    const port = await freePort()
    const flags = [`--entryPoints.web.address=127.0.0.1:${port}`, '--entryPoints.web.reusePort', '--workers=1', '--log.level=INFO']
    const first = RouterProcess.start(t, flags)
    await first.says(/started/)
    const second = RouterProcess.start(t, flags)
    await second.says(/started/)
    first.signal('SIGTERM')
    assert.equal(await first.exitCode(), 0)
    assert.equal((await askOnce(port, '/'))?.status, 404)
  })

  it('goes on and names what is not supported yet', async (t) => {
    const flags = ['--entryPoints.web.address=127.0.0.1:0']
    const more = [
      '--providers.nomad',
      '--certificatesResolvers.le.acme.storage=acme.json',
      '--workers=0',
      '--log.level=INFO',
      '--log.noColor',
    ]
    const router = RouterProcess.start(t, [...flags, ...more], { cwd: temporaryFolder(t) })
    await router.says(/started/)
    const warned = [...router.output.matchAll(/WRN (\S+): not supported yet/g)].map((match) => match[1])
    for (const option of ['providers.nomad', 'certificatesResolvers'])
      assert.ok(
        warned.some((name) => name?.startsWith(option)),
        option,
      )
  })

  it('has nothing open when it fails', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    t.after(() => taken.close())
    const { port } = taken.address() as AddressInfo
    const { code, output } = await runTidegate(t, ['--entryPoints.web.address=127.0.0.1:0', `--entryPoints.more.address=127.0.0.1:${port}`])
    assert.equal(code, 1)
    assert.match(output, /^tidegate: entryPoints\.more\.address: cannot listen on /)
  })
})

describe('socket activation', () => {
  /** Listens, and gives the number of the descriptor. */
  async function listening(): Promise<{ server: Server; port: number; descriptor: number }> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const handle = (server as unknown as { readonly _handle: { readonly fd: number } })._handle
    return { server, port: (server.address() as AddressInfo).port, descriptor: handle.fd }
  }

  for (const workers of [0, 1, 3]) {
    it(`takes the socket that it is given, with workers: ${workers}`, async (t) => {
      const { server, port, descriptor } = await listening()
      // systemd tells the process id of the service, which `exec` keeps.
      const shell = `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec "${tidegate}" "$@"`
      const flags = ['--entryPoints.web.address=127.0.0.1:1', `--workers=${workers}`, '--ping.entryPoint=web', '--log.level=INFO']
      const router = RouterProcess.start(t, flags, { command: ['/bin/sh', '-c', shell, 'tidegate'], descriptors: [descriptor] })
      server.close()
      await router.says(/started/)
      await until('it answers', async () => (await askOnce(port, '/ping'))?.body === 'OK')
      router.signal('SIGHUP')
      await router.says(/reloaded/)
      assert.equal((await askOnce(port, '/ping'))?.body, 'OK')
      assert.doesNotMatch(router.output, /ERR/)
      router.signal('SIGTERM')
      assert.equal(await router.exitCode(), 0)
    })
  }

  it('ends with the worker that has the socket, so that a new start gets it again', async (t) => {
    const { server, descriptor } = await listening()
    const shell = `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec "${tidegate}" "$@"`
    const flags = ['--entryPoints.web.address=127.0.0.1:1', '--workers=2', '--log.level=INFO']
    // With it SIGUSR2 ends a worker.
    const probe = join(import.meta.dirname, '..', '..', 'bench', 'load', 'probe.ts')
    const router = RouterProcess.start(t, flags, {
      command: ['/bin/sh', '-c', shell, 'tidegate'],
      descriptors: [descriptor],
      env: { NODE_OPTIONS: `--import=${probe}` },
    })
    server.close()
    await router.says(/started/)
    router.signal('SIGUSR2')
    assert.equal(await router.exitCode(), 1)
    assert.match(router.output, /sockets that were handed over are lost with their worker/)
  })
})
