import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { installForTest } from '../../test/support/config.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { rulesOf } from '../../test/support/provider-rig.ts'
import { silentLogger } from '../std/log.ts'
import { ProviderHost } from './host.ts'

interface Hosted {
  readonly host: ProviderHost
  readonly said: string[]
  readonly folder: string
}

function start(t: TestContext): Hosted {
  const folder = mkdtempSync(join(tmpdir(), 'provider-host-'))
  const said: string[] = []
  const logger = { ...silentLogger, error: (message: string) => said.push(`error: ${message}`), with: () => logger }
  const host = new ProviderHost({
    clock: new ManualClock(),
    logger,
    env: {},
    publish: ({ provider, routing }) => said.push(`${provider}: ${Object.values(rulesOf(routing)).join()}`),
    remove: (provider) => said.push(`${provider} removed`),
  })
  t.after(async () => {
    await host.close()
    rmSync(folder, { recursive: true })
  })
  return { host, said, folder }
}

const routes = (host: string): string => `http: {routers: {a: {rule: "Host(\`${host}\`)", service: s}}}`

test('starts what a configuration names, leaves what did not change, removes what is gone', async (t) => {
  const { host, said, folder } = start(t)
  writeFileSync(join(folder, 'a.yml'), routes('a.test'))
  writeFileSync(join(folder, 'b.yml'), routes('b.test'))
  const install = (file: string, more = ''): string => `providers: {file: {filename: "${join(folder, file)}", watch: false}${more}}`
  await host.update(installForTest(install('a.yml')))
  assert.deepEqual(said.splice(0), ['file: Host(`a.test`)'])
  await host.update(installForTest(install('a.yml', ', rest: {}')))
  assert.deepEqual(said.splice(0), [])
  assert.equal(host.putRest('{"http": {"routers": {"r": {"rule": "Path(`/`)", "service": "s"}}}}'), null)
  assert.deepEqual(said.splice(0), ['rest: Path(`/`)'])
  await host.update(installForTest(install('b.yml')))
  assert.deepEqual(said.splice(0), ['file: Host(`b.test`)', 'rest removed'])
  assert.equal(host.putRest('{}'), 'providers.rest is not enabled')
  writeFileSync(join(folder, 'b.yml'), routes('c.test'))
  host.reload()
  assert.deepEqual(said.splice(0), ['file: Host(`c.test`)'])
})

test('a provider that cannot start stops nothing else', async (t) => {
  const { host, said, folder } = start(t)
  writeFileSync(join(folder, 'a.yml'), routes('a.test'))
  await host.update(installForTest(`providers: {http: {}, file: {filename: "${join(folder, 'a.yml')}", watch: false}}`))
  assert.deepEqual(said, [
    'file: Host(`a.test`)',
    'error: cannot start provider: providers.http.endpoint: a non-empty endpoint is required',
  ])
})

test('names the providers that are on', () => {
  assert.deepEqual(ProviderHost.namesOf(installForTest('providers: {rest: {}, file: {filename: x}}')), ['File', 'Rest'])
})
