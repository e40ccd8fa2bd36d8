import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MiddlewareRig, targetOf, valuesOf } from '../../../../../test/support/middleware-rig.ts'

describe('stripPrefix', () => {
  const table: readonly {
    readonly prefixes: readonly string[]
    readonly sent: string
    readonly target: string | null
    readonly told?: string
  }[] = [
    { prefixes: ['/api', '/app'], sent: '/api/users?q=1', target: '/users?q=1', told: '/api' },
    { prefixes: ['/api', '/app'], sent: '/app/users', target: '/users', told: '/app' },
    { prefixes: ['/a', '/a/b'], sent: '/a/b/c', target: '/b/c', told: '/a' },
    { prefixes: ['  /api  '], sent: '/api/x', target: '/x', told: '/api' },
    { prefixes: ['/api'], sent: '/other/api', target: '/other/api' },
    { prefixes: ['/api'], sent: '/API/x', target: '/API/x' },
    { prefixes: ['/api/'], sent: '/api', target: '/api' },
    { prefixes: [], sent: '/x', target: '/x' },
    { prefixes: ['/api'], sent: '/apikeys/1', target: '/keys/1', told: '/api' },
    { prefixes: ['/api'], sent: '/api/api/x', target: '/api/x', told: '/api' },
    { prefixes: ['/api'], sent: '/api?x=1', target: '/?x=1', told: '/api' },
    { prefixes: ['/api/'], sent: '/api/users', target: '/users', told: '/api/' },
    { prefixes: ['/'], sent: '/x', target: '/x', told: '/' },
    { prefixes: [''], sent: '/x', target: '/x', told: '' },
    { prefixes: ['/api'], sent: '/api/x%2Fy%20z', target: '/x%2Fy%20z', told: '/api' },
    { prefixes: ['/a b'], sent: '/a%20b/c%2Fd', target: '/c%2Fd', told: '/a b' },
    { prefixes: ['/a b'], sent: '/a%20b', target: '/', told: '/a b' },
    { prefixes: ['/é'], sent: '/%C3%A9/x', target: '/x', told: '/\u00c3\u00a9' },
    { prefixes: ['/a/b'], sent: '/a%2Fb/c', target: '/c', told: '/a/b' },
    { prefixes: ['/api'], sent: '/api%2Fusers', target: '/users', told: '/api' },
  ]
  for (const { prefixes, sent, target, told } of table) {
    it(`${JSON.stringify(prefixes)} of ${sent}`, async (t) => {
      const rig = await MiddlewareRig.start({ middlewares: [{ stripPrefix: { prefixes } }] })
      t.after(() => rig.close())
      const answer = await rig.ask(`GET ${sent}\nX-Forwarded-Prefix: /evil`)
      assert.equal(targetOf(answer), target)
      assert.deepEqual(valuesOf(answer.seen, 'x-forwarded-prefix'), told === undefined ? [] : [told])
    })
  }

  it('R13 refuses what would not be clean', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ stripPrefix: { prefixes: ['/api'] } }] })
    t.after(() => rig.close())
    for (const sent of ['/api../x', '/api./x', '/api..', '/api%2F..%2Fsecret', '/api..;/x']) {
      const answer = await rig.ask(`GET ${sent}`)
      assert.deepEqual([answer.status, answer.body, answer.seen, answer.exchange?.reason], [400, 'Bad Request\n', null, 'bad_path'], sent)
    }
    assert.equal(targetOf(await rig.ask('GET /api/..%2Fsecret')), '/..%2Fsecret')
  })

  it('leaves nothing, or a slash with forceSlash, to those behind', async (t) => {
    for (const [forceSlash, target] of [
      [false, '/v1'],
      [true, '/v1/'],
    ] as const) {
      const rig = await MiddlewareRig.start({
        middlewares: [{ stripPrefix: { prefixes: ['/api'], forceSlash } }, { addPrefix: { prefix: '/v1' } }],
      })
      t.after(() => rig.close())
      assert.equal(targetOf(await rig.ask('GET /api')), target)
    }
  })
})
