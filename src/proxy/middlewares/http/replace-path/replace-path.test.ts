import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MiddlewareRig, targetOf, valuesOf } from '../../../../../test/support/middleware-rig.ts'

describe('replacePath', () => {
  const table: readonly { readonly path: string; readonly sent: string; readonly target: string; readonly told: string }[] = [
    { path: '/new', sent: '/old?q=1', target: '/new?q=1', told: '/old' },
    { path: '/a%2Fb%20c', sent: '/x%2Fy', target: '/a%2Fb%20c', told: '/x%2Fy' },
    { path: '/a b', sent: '/x', target: '/a%20b', told: '/x' },
    { path: '', sent: '/x', target: '/', told: '/x' },
    { path: '/new?x=1', sent: '/x?q=1', target: '/new%3Fx=1?q=1', told: '/x' },
    { path: '/a/../b', sent: '/x', target: '/a/../b', told: '/x' },
    { path: 'new', sent: '/x', target: '/new', told: '/x' },
    { path: '/é', sent: '/x', target: '/%C3%A9', told: '/x' },
  ]
  for (const { path, sent, target, told } of table) {
    it(`${JSON.stringify(path)} for ${sent}`, async (t) => {
      const rig = await MiddlewareRig.start({ middlewares: [{ replacePath: { path } }] })
      t.after(() => rig.close())
      const answer = await rig.ask(`GET ${sent}\nX-Replaced-Path: /evil`)
      assert.equal(targetOf(answer), target)
      assert.deepEqual(valuesOf(answer.seen, 'x-replaced-path'), [told])
    })
  }

  it('answers 500 when the path has a malformed escape', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ replacePath: { path: '/a%zz' } }] })
    t.after(() => rig.close())
    assert.equal((await rig.ask('GET /x')).status, 500)
  })

  it('tells the path before each of several replacements', async (t) => {
    const rig = await MiddlewareRig.start({
      middlewares: [{ replacePath: { path: '/one' } }, { replacePathRegex: { regex: 'one', replacement: 'two' } }],
    })
    t.after(() => rig.close())
    const answer = await rig.ask('GET /x\nX-Replaced-Path: /evil')
    assert.equal(targetOf(answer), '/two')
    assert.deepEqual(valuesOf(answer.seen, 'x-replaced-path'), ['/x', '/one'])
  })
})
