import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import Schema from 'typebox/schema'

const root = new URL('../', import.meta.url)
const install = compile('schema/install.json')
const routing = compile('schema/routing.json')

describe('the schemas for editors accept what is recorded of a real router', () => {
  const folder = new URL('test/golden/fixtures/router/', root)
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  test('there are recordings', () => assert.ok(names.length > 50))
  for (const name of names) {
    const recorded = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<string, unknown>
    if (recorded['startFails'] === true) continue
    test(name, () => {
      if (recorded['install'] !== undefined) assert.ok(install.Check(recorded['install']))
      if (recorded['routing'] !== undefined) assert.ok(routing.Check(recorded['routing']))
    })
  }
})

describe('the schemas for editors refuse', () => {
  const cases: readonly (readonly [name: string, schema: typeof install, value: unknown])[] = [
    ['an unknown option', install, { entryPoints: { web: { adress: ':80' } } }],
    ['a duration that is none', install, { entryPoints: { web: { transport: { lifeCycle: { graceTimeOut: '5 minutes' } } } } }],
    ['an object for a text', install, { entryPoints: { web: { address: {} } } }],
    ['a text for an object', routing, { http: { routers: { a: 'x' } } }],
    ['an option that only code sets', install, { entryPoints: { web: { transport: { respondingTimeouts: { readTimeoutGiven: true } } } } }],
    ['a list for a number', routing, { http: { routers: { a: { priority: [1] } } } }],
  ]
  for (const [name, schema, value] of cases) test(name, () => assert.equal(schema.Check(value), false))
})

function compile(path: string) {
  const schema: unknown = JSON.parse(readFileSync(new URL(path, root), 'utf8'))
  assert.ok(typeof schema === 'object' && schema !== null)
  return Schema.Compile(schema)
}
