import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware, MiddlewareRig, targetOf, valuesOf } from '../../../../../test/support/middleware-rig.ts'

describe('replacePathRegex', () => {
  const table: readonly {
    readonly regex: string
    readonly replacement: string
    readonly sent: string
    readonly target: string
    readonly told?: string
  }[] = [
    { regex: '^/api/(.*)', replacement: '/v2/$1', sent: '/api/users?q=1', target: '/v2/users?q=1', told: '/api/users' },
    { regex: '^/(\\w+)/(\\w+)$', replacement: '/${2}_${1}', sent: '/one/two', target: '/two_one', told: '/one/two' },
    { regex: '^/(?P<user>\\w+)/(\\d+)$', replacement: '/u/${user}/n/$2', sent: '/bob/42', target: '/u/bob/n/42', told: '/bob/42' },
    { regex: '^/(\\w+)$', replacement: '/$1x', sent: '/abc', target: '/', told: '/abc' },
    { regex: '^/(\\w+)$', replacement: '/x$3/y${nope}/$1', sent: '/abc', target: '/x/y/abc', told: '/abc' },
    { regex: 'a', replacement: 'b', sent: '/banana?a=a', target: '/bbnbnb?a=a', told: '/banana' },
    { regex: '^/(.*)$', replacement: '/x?p=$1', sent: '/foo?z=1', target: '/x%3Fp=foo?z=1', told: '/foo' },
    { regex: ' ^/old ', replacement: ' /new ', sent: '/old/x', target: '/new/x', told: '/old/x' },
    { regex: '^/p', replacement: '/$$p', sent: '/page', target: '/$page', told: '/page' },
    { regex: '^/files/(.*)$', replacement: '/get%20it/$1', sent: '/files/a%2Fb', target: '/get%20it/a%2Fb', told: '/files/a%2Fb' },
    { regex: '^/gone$', replacement: '', sent: '/gone', target: '/', told: '/gone' },
    { regex: '^/(.*)', replacement: '$1', sent: '/a/b', target: '/a/b', told: '/a/b' },
    { regex: '%2F', replacement: '/', sent: '/a%2Fb', target: '/a/b', told: '/a%2Fb' },
    { regex: '^/nope', replacement: '/x', sent: '/other', target: '/other' },
  ]
  for (const { regex, replacement, sent, target, told } of table) {
    it(`${regex} → ${replacement} for ${sent}`, async (t) => {
      const rig = await MiddlewareRig.start({ middlewares: [{ replacePathRegex: { regex, replacement } }] })
      t.after(() => rig.close())
      const answer = await rig.ask(`GET ${sent}`)
      assert.equal(targetOf(answer), target)
      assert.deepEqual(valuesOf(answer.seen, 'x-replaced-path'), told === undefined ? [] : [told])
    })
  }

  it('refuses results that are no path, or no clean one', async (t) => {
    const refusals: readonly (readonly [string, string, string, number])[] = [
      ['^/(.+)$', '/%zz$1', '/x', 500],
      ['^/api(.*)', '/$1', '/api../x', 400],
      ['%2F', '/', '/a/%2Fb', 400],
    ]
    for (const [regex, replacement, sent, status] of refusals) {
      const rig = await MiddlewareRig.start({ middlewares: [{ replacePathRegex: { regex, replacement } }] })
      t.after(() => rig.close())
      const answer = await rig.ask(`GET ${sent}`)
      assert.deepEqual([answer.status, answer.seen], [status, null], regex)
    }
  })

  it('R39 takes linear time for a pattern that backtracks', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ replacePathRegex: { regex: '^/(a+)+$', replacement: '/x' } }] })
    t.after(() => rig.close())
    assert.equal(targetOf(await rig.ask(`GET /${'a'.repeat(30_000)}!`)), `/${'a'.repeat(30_000)}!`)
  })

  it('needs a pattern that compiles', () => {
    for (const regex of ['[', '(?!x)', '(a)\\1'])
      assert.match(
        checkMiddleware({ replacePathRegex: { regex, replacement: 'x' } }).error ?? '',
        /^error compiling regular expression .*: error parsing regexp: /,
      )
  })
})
