import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHostFlattener, HostFlatteners } from './host-resolver.ts'

/** Name servers that know these CNAME records; `!` stands for a failure. */
function resolverOf(records: Readonly<Record<string, string>>): {
  asked: string[]
  resolveCname: (name: string) => Promise<readonly string[]>
} {
  const asked: string[] = []
  return {
    asked,
    resolveCname: async (name) => {
      asked.push(name)
      const target = records[name]
      if (target === '!') throw Object.assign(new Error('timeout'), { code: 'ETIMEOUT' })
      if (target === undefined) throw Object.assign(new Error('none'), { code: 'ENODATA' })
      return [target]
    },
  }
}

describe('CNAME flattening', () => {
  it('follows chains up to their depth', async () => {
    const records = { 'a.local': 'B.local.', 'b.local': 'c.local', 'c.local': 'd.local', 'loop.local': 'loop.local' }
    const table: readonly (readonly [string, number, string])[] = [
      ['a.local', 5, 'd.local'],
      ['a.local', 2, 'c.local'],
      ['d.local', 5, ''],
      ['loop.local', 5, ''],
    ]
    for (const [host, depth, expected] of table) {
      const flattener = createHostFlattener({ depth, now: () => 0, resolveCname: resolverOf(records).resolveCname })
      assert.equal(await flattener.flatten(host), expected, host)
    }
  })

  it('asks once at a time, and again when what it knows is old', async () => {
    let now = 0
    const { asked, resolveCname } = resolverOf({ 'a.local': 'b.local' })
    const flattener = createHostFlattener({ depth: 1, now: () => now, resolveCname })
    assert.deepEqual(await Promise.all([flattener.flatten('a.local'), flattener.flatten('a.local')]), ['b.local', 'b.local'])
    assert.equal(flattener.flatten('a.local'), 'b.local')
    assert.equal(asked.length, 1)
    now = 60_000
    assert.equal(await flattener.flatten('a.local'), 'b.local')
    assert.equal(asked.length, 2)
  })

  it('takes hosts as they are while name servers fail, for a short while', async () => {
    let now = 0
    const { asked, resolveCname } = resolverOf({ 'a.local': '!' })
    const flattener = createHostFlattener({ depth: 5, now: () => now, resolveCname })
    assert.equal(await flattener.flatten('a.local'), '')
    now = 4_999
    assert.equal(flattener.flatten('a.local'), '')
    now = 5_000
    assert.equal(await flattener.flatten('a.local'), '')
    assert.equal(asked.length, 2)
  })

  it('asks nobody about addresses and missing hosts', () => {
    const flattener = createHostFlattener({ depth: 5, now: () => 0, resolveCname: () => Promise.reject(new Error('asked')) })
    assert.deepEqual(
      ['', '127.0.0.1', '::1'].map((host) => flattener.flatten(host)),
      ['', '', ''],
    )
  })

  it('is shared between entry points and generations', () => {
    const flatteners = new HostFlatteners()
    const setting = { resolvConfig: '/nonexistent', depth: 5 }
    assert.equal(flatteners.for(null), null)
    assert.equal(flatteners.for(setting), flatteners.for({ ...setting }))
    assert.notEqual(flatteners.for(setting), flatteners.for({ ...setting, depth: 4 }))
  })
})
