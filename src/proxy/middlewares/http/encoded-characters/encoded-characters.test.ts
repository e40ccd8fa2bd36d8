import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { fieldsOf, MiddlewareRig, type RigSetup, targetOf } from '../../../../../test/support/middleware-rig.ts'

/** Each option with the escapes that it allows. */
const escapes: Readonly<Record<string, readonly string[]>> = {
  allowEncodedSlash: ['%2F', '%2f'],
  allowEncodedBackSlash: ['%5C', '%5c', '\\'],
  allowEncodedNullCharacter: ['%00'],
  allowEncodedSemicolon: ['%3B', '%3b'],
  allowEncodedPercent: ['%25'],
  allowEncodedQuestionMark: ['%3F', '%3f'],
  allowEncodedHash: ['%23'],
}

const none = { allowEncodedSlash: false }

async function rigFor(t: TestContext, options: object, setup: RigSetup = {}): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({ middlewares: [{ encodedCharacters: options }], ...setup })
  t.after(() => rig.close())
  return rig
}

describe('encodedCharacters', () => {
  for (const [option, own] of Object.entries(escapes)) {
    it(`${option} allows ${own.join(' ')} and nothing else`, async (t) => {
      const rig = await rigFor(t, { [option]: true })
      for (const escape of Object.values(escapes).flat()) {
        assert.equal((await rig.ask(`GET /a${escape}b`)).status, own.includes(escape) ? 200 : 400, escape)
      }
    })
  }

  it('refuses with 400 and an empty body', async (t) => {
    const rig = await rigFor(t, none)
    const answer = await rig.ask('GET /a%2Fb')
    assert.deepEqual([answer.status, answer.body, fieldsOf(answer), answer.seen], [400, '', [], null])
  })

  it('does not look at other escapes, nor at the query', async (t) => {
    const rig = await rigFor(t, none)
    const target = '/a%20b%C3%A9?x=%2F%25%00'
    assert.equal(targetOf(await rig.ask(`GET ${target}`)), target)
  })

  it('sees escapes that a middleware in front has made, in any letter case', async (t) => {
    const prefixed = await rigFor(t, none, { middlewares: [{ addPrefix: { prefix: '/a%b' } }, { encodedCharacters: none }] })
    assert.equal((await prefixed.ask('GET /x')).status, 400)
    const replaced = await rigFor(t, none, { middlewares: [{ replacePath: { path: '/a%2fb' } }, { encodedCharacters: none }] })
    assert.equal((await replaced.ask('GET /x')).status, 400)
  })

  it('lets everything pass when everything is allowed', async (t) => {
    const rig = await rigFor(t, Object.fromEntries(Object.keys(escapes).map((option) => [option, true])))
    for (const escape of Object.values(escapes).flat()) assert.equal((await rig.ask(`GET /a${escape}b`)).status, 200, escape)
  })
})
