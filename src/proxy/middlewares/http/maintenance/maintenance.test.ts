import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { checkMiddleware, MiddlewareRig, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import { turnSwitch } from '../../../../board/maintenance-switch.ts'

async function rigFor(t: TestContext, options: object, shared = new SharedArrayBuffer(4)): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({ middlewares: [{ maintenance: options }], context: { shared } })
  t.after(() => rig.close())
  return rig
}

describe('maintenance', () => {
  it('answers every kind of client in its own way', async (t) => {
    const rig = await rigFor(t, { title: 'A & B', message: 'soon' })
    const table: readonly (readonly [accept: string, type: string, body: RegExp])[] = [
      ['*/*', 'text/plain; charset=utf-8', /^A & B\n\nsoon\n$/],
      ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8', /<title>A &#38; B<\/title>/],
      ['application/json', 'application/json', /^\{"status":503,"error":"Service Unavailable","title":"A & B","message":"soon"\}\n$/],
      ['application/*, text/html;q=0.1', 'application/json', /^\{/],
      ['image/png', 'text/plain; charset=utf-8', /soon/],
      ['text/html;q=0, text/plain;q=x', 'text/plain; charset=utf-8', /soon/],
    ]
    for (const [accept, type, body] of table) {
      const answer = await rig.ask(`GET /\nAccept: ${accept}`)
      assert.deepEqual([answer.status, answer.seen, valuesOf(answer, 'content-type')], [503, null, [type]], accept)
      assert.match(answer.body, body, accept)
      assert.deepEqual([valuesOf(answer, 'retry-after'), valuesOf(answer, 'cache-control')], [['300'], ['no-store']])
      assert.equal(answer.exchange?.reason, 'maintenance')
    }
  })

  it('has a page of its own, status and fields', async (t) => {
    const rig = await rigFor(t, { page: '<b>away</b>', status: 500, retryAfter: 0, headers: { 'X-A': 'b' } })
    const answer = await rig.ask('GET /\nAccept: text/html')
    assert.deepEqual(
      [answer.status, answer.body, valuesOf(answer, 'retry-after'), valuesOf(answer, 'x-a')],
      [500, '<b>away</b>', [], ['b']],
    )
  })

  it('is turned on and off by the switch, whatever the option says', async (t) => {
    const shared = new SharedArrayBuffer(4)
    const cell = new Int32Array(shared)
    const off = await rigFor(t, { enabled: false }, shared)
    const on = await rigFor(t, {}, shared)
    const statuses = async (): Promise<number[]> => [(await off.ask('GET /')).status, (await on.ask('GET /')).status]
    assert.deepEqual(await statuses(), [200, 503])
    turnSwitch(cell, true)
    assert.deepEqual(await statuses(), [503, 503])
    turnSwitch(cell, false)
    assert.deepEqual(await statuses(), [200, 200])
    turnSwitch(cell, null)
    assert.deepEqual(await statuses(), [200, 503])
  })

  it('lets clients pass by address or by a secret, which goes no further', async (t) => {
    const byAddress = await rigFor(t, { bypassRanges: ['127.0.0.0/8'] })
    assert.equal((await byAddress.ask('GET /')).status, 200)
    const elsewhere = await rigFor(t, { bypassRanges: ['10.0.0.0/8'], bypassHeader: 'X-Pass', bypassValue: 'sésame' })
    assert.equal((await elsewhere.ask('GET /')).status, 503)
    assert.equal((await elsewhere.ask('GET /\nX-Pass: sesame')).status, 503)
    const passed = await elsewhere.ask('GET /\nX-PASS: s\u00c3\u00a9same')
    assert.deepEqual([passed.status, valuesOf(passed.seen, 'x-pass')], [200, []])
  })

  it('says what is wrong with its options', () => {
    const errors: readonly (readonly [object, RegExp])[] = [
      [{ status: 200 }, /^maintenance\.status: 200 is no status of an error/],
      [{ bypassHeader: 'a b' }, /^maintenance\.bypassHeader: "a b" is no name/],
      [{ bypassHeader: 'a' }, /^maintenance\.bypassValue: missing/],
      [{ bypassRanges: ['x'] }, /invalid CIDR address: x/],
      [{ headers: { Connection: 'close' } }, /Connection is set by the protocol/],
    ]
    for (const [options, pattern] of errors) assert.match(checkMiddleware({ maintenance: options }).error ?? '', pattern)
  })
})
