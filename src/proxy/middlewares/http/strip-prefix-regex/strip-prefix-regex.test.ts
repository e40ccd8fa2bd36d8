import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware, MiddlewareRig, targetOf, valuesOf } from '../../../../../test/support/middleware-rig.ts'

describe('stripPrefixRegex', () => {
  const table: readonly { readonly regex: readonly string[]; readonly sent: string; readonly target: string; readonly told?: string }[] = [
    { regex: ['/v[0-9]+', '/(?:en|fr)/'], sent: '/v12/users?q=1', target: '/users?q=1', told: '/v12' },
    { regex: ['/v[0-9]+', '/(?:en|fr)/'], sent: '/en/users', target: '/users', told: '/en/' },
    { regex: ['/v[0-9]+'], sent: '/v1', target: '/', told: '/v1' },
    { regex: ['/v[0-9]+'], sent: '/x/v1/users', target: '/x/v1/users' },
    { regex: ['^/foo/[a-z0-9]+/[0-9]+/'], sent: '/foo/bar9/42/rest', target: '/rest', told: '/foo/bar9/42/' },
    { regex: ['[0-9]+'], sent: '/12/x', target: '/12/x' },
    { regex: [''], sent: '/x', target: '/x' },
    { regex: ['(?i)^/api'], sent: '/API/x', target: '/x', told: '/API' },
    { regex: ['/.*/'], sent: '/a/b/c', target: '/c', told: '/a/b/' },
    { regex: [' ^/a b ', '^/x '], sent: '/a%20b/c%2Fd', target: '/c%2Fd', told: '/a b' },
    { regex: ['^/x*', '/y'], sent: '/y/z', target: '/y/z', told: '/' },
    { regex: ['^/é+'], sent: '/%C3%A9%C3%A9/x', target: '/x', told: '/\u00c3\u00a9\u00c3\u00a9' },
  ]
  for (const { regex, sent, target, told } of table) {
    it(`${JSON.stringify(regex)} of ${sent}`, async (t) => {
      const rig = await MiddlewareRig.start({ middlewares: [{ stripPrefixRegex: { regex } }] })
      t.after(() => rig.close())
      const answer = await rig.ask(`GET ${sent}`)
      assert.equal(targetOf(answer), target)
      assert.deepEqual(valuesOf(answer.seen, 'x-forwarded-prefix'), told === undefined ? [] : [told])
    })
  }

  it('refuses what would not be clean', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ stripPrefixRegex: { regex: ['^/[a-z]+'] } }] })
    t.after(() => rig.close())
    assert.equal((await rig.ask('GET /api../x')).status, 400)
  })

  it('R20 lets no control character of the path into a field', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ stripPrefixRegex: { regex: ['(?s)^/p.*/'] } }] })
    t.after(() => rig.close())
    const answer = await rig.ask('GET /p%0D%0AX-Evil:%201/x')
    assert.equal(targetOf(answer), '/x')
    assert.deepEqual(valuesOf(answer.seen, 'x-forwarded-prefix'), ['/p  X-Evil: 1/'])
    assert.deepEqual(valuesOf(answer.seen, 'x-evil'), [])
  })

  it('needs patterns that compile', () => {
    assert.match(checkMiddleware({ stripPrefixRegex: { regex: ['/ok', '('] } }).error ?? '', /^error parsing regexp: /)
  })
})
