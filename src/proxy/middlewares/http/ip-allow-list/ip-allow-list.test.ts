import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware, fieldsOf, MiddlewareRig } from '../../../../../test/support/middleware-rig.ts'

describe('ipAllowList', () => {
  const table: readonly { readonly options: object; readonly forwardedFor?: string; readonly status: number; readonly body?: string }[] = [
    { options: { sourceRange: ['127.0.0.0/29', '10.0.0.0/8'] }, status: 200 },
    { options: { sourceRange: ['127.0.0.6/29'] }, status: 200 },
    { options: { sourceRange: ['127.0.0.8/29'] }, status: 403, body: 'Forbidden' },
    { options: { sourceRange: ['::ffff:127.0.0.1'] }, status: 200 },
    { options: { sourceRange: ['::/0'] }, status: 403 },
    { options: { sourceRange: ['192.0.2.1'], rejectStatusCode: 404 }, status: 404, body: 'Not Found' },
    { options: { sourceRange: ['192.0.2.1'], rejectStatusCode: 418 }, status: 418, body: "I'm a teapot" },
    { options: { sourceRange: ['192.0.2.1'], rejectStatusCode: 204 }, status: 204, body: '' },
    { options: { sourceRange: ['192.0.2.1'] }, forwardedFor: '192.0.2.1', status: 403 },
    { options: { sourceRange: ['203.0.113.0/24'], ipStrategy: { depth: 1 } }, forwardedFor: '9.9.9.9, 203.0.113.7', status: 200 },
    { options: { sourceRange: ['203.0.113.0/24'], ipStrategy: { depth: 2 } }, forwardedFor: '203.0.113.7', status: 403 },
    { options: { sourceRange: ['127.0.0.1'], ipStrategy: {} }, forwardedFor: '203.0.113.7', status: 200 },
    {
      options: { sourceRange: ['203.0.113.0/24'], ipStrategy: { excludedIPs: ['198.51.100.0/24'] } },
      forwardedFor: '203.0.113.7, 198.51.100.1',
      status: 200,
    },
  ]
  for (const { options, forwardedFor, status, body } of table) {
    it(`${JSON.stringify(options)} for ${forwardedFor ?? 'the connection'}`, async (t) => {
      const rig = await MiddlewareRig.start({
        entryPoint: { forwardedHeaders: { insecure: true } },
        middlewares: [{ ipAllowList: options }],
      })
      t.after(() => rig.close())
      const answer = await rig.ask(`GET /${forwardedFor === undefined ? '' : `\nX-Forwarded-For: ${forwardedFor}`}`)
      assert.equal(answer.status, status)
      assert.equal(answer.seen === null, status !== 200)
      if (status === 200) return
      assert.equal(answer.exchange?.reason, 'forbidden')
      assert.deepEqual(fieldsOf(answer), [])
      if (body !== undefined) assert.equal(answer.body, body)
    })
  }

  it('R17 counts no X-Forwarded-For of an untrusted client', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ ipAllowList: { sourceRange: ['203.0.113.0/24'], ipStrategy: { depth: 1 } } }] })
    t.after(() => rig.close())
    assert.equal((await rig.ask('GET /\nX-Forwarded-For: 203.0.113.7\nX_Forwarded_For: 203.0.113.7')).status, 403)
  })

  it('needs sound options', () => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ sourceRange: [] }, /^sourceRange is empty, IPAllowLister not created$/],
      [{ rejectStatusCode: 403 }, /^sourceRange is empty/],
      [{ sourceRange: ['127.0.0.1', 'example.com'] }, /^cannot parse CIDRs \[127\.0\.0\.1 example\.com\]: .*example\.com/],
      [{ sourceRange: ['10.0.0.0/33'] }, /^cannot parse CIDRs/],
      [{ sourceRange: ['127.0.0.1'], rejectStatusCode: 499 }, /^invalid HTTP status code 499$/],
      [{ sourceRange: ['127.0.0.1'], ipStrategy: { ipv6Subnet: 129 } }, /^invalid IPv6 subnet 129 value/],
      [{ sourceRange: ['127.0.0.1'], ipStrategy: { ipv6Subnet: 0, depth: 1 } }, /^invalid IPv6 subnet 0 value/],
      [{ sourceRange: ['127.0.0.1'], ipStrategy: { excludedIPs: ['x'] } }, /invalid CIDR address: x$/],
    ]
    for (const [options, error] of wrong) assert.match(checkMiddleware({ ipAllowList: options }).error ?? '', error)
    for (const options of [{ ipStrategy: { depth: -1 } }, { ipStrategy: { excludedIPs: ['x'], depth: 1 } }, { rejectStatusCode: 200 }])
      assert.equal(checkMiddleware({ ipAllowList: { sourceRange: ['127.0.0.1'], ...options } }).error, undefined)
  })
})
