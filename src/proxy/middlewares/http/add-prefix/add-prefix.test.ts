import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware, MiddlewareRig, targetOf } from '../../../../../test/support/middleware-rig.ts'

describe('addPrefix', () => {
  const table: readonly { readonly prefix: string; readonly sent: string; readonly target: string }[] = [
    { prefix: '/v1', sent: '/x/y?q=1&r=a%20b', target: '/v1/x/y?q=1&r=a%20b' },
    { prefix: '/v1', sent: '/', target: '/v1/' },
    { prefix: '/v1', sent: '/x%2Fy%20z', target: '/v1/x%2Fy%20z' },
    { prefix: 'v1', sent: '/x', target: '/v1/x' },
    { prefix: '/v1/', sent: '/x', target: '/v1//x' },
    { prefix: '/a b', sent: '/x', target: '/a%20b/x' },
    { prefix: '/a%2Fb', sent: '/x', target: '/a%252Fb/x' },
    { prefix: '/a%2Fb', sent: '/x%2Fy', target: '/a%252Fb/x%2Fy' },
    { prefix: '/x?y=1', sent: '/z?q=1', target: '/x%3Fy=1/z?q=1' },
    { prefix: '/é', sent: '/x', target: '/%C3%A9/x' },
    { prefix: '/(a)', sent: '/x', target: '/%28a%29/x' },
    { prefix: '/(a)', sent: '/x%2Fy', target: '/(a)/x%2Fy' },
  ]
  for (const { prefix, sent, target } of table) {
    it(`${prefix} in front of ${sent}`, async (t) => {
      const rig = await MiddlewareRig.start({ middlewares: [{ addPrefix: { prefix } }] })
      t.after(() => rig.close())
      assert.equal(targetOf(await rig.ask(`GET ${sent}`)), target)
    })
  }

  it('needs a prefix', () => {
    assert.equal(checkMiddleware({ addPrefix: { prefix: '' } }).error, 'prefix cannot be empty')
  })
})
