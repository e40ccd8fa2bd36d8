import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { ProviderRig, rulesOf } from '../../../test/support/provider-rig.ts'
import { rest, RestProvider } from './rest.ts'

function start(): { rig: ProviderRig; provider: RestProvider } {
  const rig = new ProviderRig(new ManualClock())
  const provider = rig.start(rest, { insecure: false })
  assert.ok(provider instanceof RestProvider)
  return { rig, provider }
}

test('puts a configuration into force', async () => {
  const { rig, provider } = start()
  assert.deepEqual(rig.waiting, [])
  assert.equal(provider.put('{"http": {"routers": {"r": {"rule": "Host(`r.test`)", "service": "a@file"}}}}'), null)
  assert.deepEqual(rulesOf((await rig.published()).routing), { r: 'Host(`r.test`)' })
})

test('an empty object removes all', async () => {
  const { rig, provider } = start()
  assert.equal(provider.put('{}'), null)
  assert.deepEqual(rulesOf((await rig.published()).routing), {})
})

const refused = [
  { name: 'no JSON', body: 'http:\n' },
  { name: 'a wrong type', body: '{"http": {"routers": 5}}' },
  { name: 'a list', body: '[]' },
]

for (const each of refused) {
  test(`refuses ${each.name} and publishes nothing`, () => {
    const { rig, provider } = start()
    assert.notEqual(provider.put(each.body) ?? '', '')
    assert.deepEqual(rig.waiting, [])
  })
}

test('prototype names are names like any other', async () => {
  const { rig, provider } = start()
  assert.equal(provider.put('{"http": {"routers": {"__proto__": {"rule": "Path(`/`)", "service": "s"}}}}'), null)
  const { routing } = await rig.published()
  assert.deepEqual(Object.keys(routing.http?.routers ?? {}), ['__proto__'])
  assert.equal(Object.hasOwn(Object.prototype, 'rule'), false)
})
