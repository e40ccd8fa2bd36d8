import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware, MiddlewareRig } from '../../../../../test/support/middleware-rig.ts'

describe('ipWhiteList', () => {
  it('lets listed addresses pass and answers others with 403', async (t) => {
    const table: readonly (readonly [object, number, string])[] = [
      [{ sourceRange: ['127.0.0.1'] }, 200, 'ok'],
      [{ sourceRange: ['127.0.0.5'] }, 403, 'Forbidden'],
      [{ sourceRange: ['203.0.113.0/24'], ipStrategy: { depth: 1 } }, 200, 'ok'],
      [{ sourceRange: ['203.0.113.0/24'], ipStrategy: { depth: 2 } }, 403, 'Forbidden'],
    ]
    for (const [options, status, body] of table) {
      const rig = await MiddlewareRig.start({
        entryPoint: { forwardedHeaders: { insecure: true } },
        middlewares: [{ ipWhiteList: options }],
      })
      t.after(() => rig.close())
      const answer = await rig.ask('GET /\nX-Forwarded-For: 203.0.113.7')
      assert.deepEqual([answer.status, answer.body], [status, body])
    }
  })

  it('needs sound options', () => {
    assert.equal(checkMiddleware({ ipWhiteList: { sourceRange: [] } }).error, 'sourceRange is empty, IPWhiteLister not created')
    assert.match(checkMiddleware({ ipWhiteList: { sourceRange: ['x'] } }).error ?? '', /^cannot parse CIDR whitelist \[x\]: /)
  })
})
