import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { checkMiddleware, MiddlewareRig, type RigSetup, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import { respondText } from '../../../http/respond.ts'

const reply: NonNullable<RigSetup['reply']> = (exchange) => {
  exchange.responseHeaders.add('X-Of', 'server')
  exchange.originStatus = Number(exchange.path.slice(1))
  respondText(exchange, exchange.originStatus, 'of the server', null)
}

async function rigFor(t: TestContext, options: object): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({ middlewares: [{ errors: options }], reply })
  t.after(() => rig.close())
  return rig
}

describe('errors', () => {
  it('puts a page in the place of an answer, in the type that the client likes best', async (t) => {
    const pages = { html: '<p>{status}', json: '{"status":{status}}', text: 'status {status}' }
    const rig = await rigFor(t, { status: ['500-599'], pages })
    for (const [accept, body] of [
      ['text/html', '<p>503'],
      ['application/json', '{"status":503}'],
      ['text/plain', 'status 503'],
    ]) {
      const answer = await rig.ask(`GET /503\nAccept: ${accept}`)
      assert.deepEqual([answer.status, answer.body, valuesOf(answer, 'x-of')], [503, body, []])
    }
    const passed = await rig.ask('GET /404')
    assert.deepEqual([passed.status, passed.body, valuesOf(passed, 'x-of')], [404, 'of the server', ['server']])
  })

  it('answers with another status where it is told to', async (t) => {
    const rig = await rigFor(t, { status: ['500-599'], statusRewrites: { '503': 404 }, pages: { text: '{originalStatus} is {status}' } })
    const answer = await rig.ask('GET /503\nAccept: text/plain')
    assert.deepEqual([answer.status, answer.body], [404, '503 is 404'])
  })

  it('says what is wrong with its options', () => {
    for (const [options, problem] of [
      [{ status: ['5xx'], pages: {} }, /"5xx" is no status/],
      [{ status: ['500'] }, /service: missing/],
      [{ status: ['500'], service: 's', pages: {} }, /one of both/],
      [{ status: ['500'], statusRewrites: { '500': 99 }, pages: {} }, /99 is no status/],
    ] as const)
      assert.match(checkMiddleware({ errors: options }).error ?? '', problem)
  })
})
