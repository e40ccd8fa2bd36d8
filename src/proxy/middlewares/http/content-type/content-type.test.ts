import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { fieldsOf, MiddlewareRig, type RigSetup, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import type { Handler } from '../../../http/exchange.ts'
import { fail, respondText } from '../../../http/respond.ts'

const html = 'text/html; charset=utf-8'
const plain = 'text/plain; charset=utf-8'

function replyWith(body: string, fields: readonly (readonly [string, string])[] = [], status = 200): Handler {
  return (exchange) => {
    for (const [name, value] of fields) exchange.responseHeaders.add(name, value)
    respondText(exchange, status, body, null)
  }
}

async function rigFor(t: TestContext, options: object, setup: RigSetup): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({ middlewares: [{ contentType: options }], ...setup })
  t.after(() => rig.close())
  return rig
}

describe('contentType', () => {
  const table: readonly { readonly what: string; readonly reply: Handler; readonly options?: object; readonly types: readonly string[] }[] =
    [
      { what: 'names HTML', reply: replyWith('<html><body>'), types: [html] },
      { what: 'takes JSON for text', reply: replyWith('{"a":1}'), types: [plain] },
      { what: 'names bytes of no kind', reply: replyWith('\0\x01\x02'), types: ['application/octet-stream'] },
      { what: 'looks at errors as well', reply: replyWith('<html>', [], 500), types: [html] },
      { what: 'keeps a type', reply: replyWith('<html>', [['Content-Type', 'a/b']]), types: ['a/b'] },
      { what: 'keeps an empty type', reply: replyWith('<html>', [['Content-Type', '']]), types: [''] },
      { what: 'leaves an empty body alone', reply: replyWith(''), types: [] },
      { what: 'leaves an encoded body alone', reply: replyWith('<html>', [['Content-Encoding', 'x-own']]), types: [] },
      { what: 'does nothing with autoDetect false', options: { autoDetect: false }, reply: replyWith('<html>'), types: [] },
      { what: 'is on with autoDetect true', options: { autoDetect: true }, reply: replyWith('<html>'), types: [html] },
      { what: 'names answers of the router', reply: (exchange) => fail(exchange, 502, 'connect_failed'), types: [plain] },
    ]
  for (const { what, reply, options, types } of table) {
    it(what, async (t) => {
      const rig = await rigFor(t, options ?? {}, { reply })
      assert.deepEqual(valuesOf(await rig.ask('GET /'), 'content-type'), types)
    })
  }

  it('names what middlewares behind it answer, not those in front', async (t) => {
    const redirect = { redirectRegex: { regex: '^http://a\\.local/old', replacement: 'http://a.local/new' } }
    const behind = await rigFor(t, {}, { middlewares: [{ contentType: {} }, redirect] })
    assert.deepEqual(fieldsOf(await behind.ask('GET /old')), [`content-type: ${plain}`, 'location: http://a.local/new'])
    const front = await rigFor(t, {}, { middlewares: [redirect, { contentType: {} }] })
    assert.deepEqual(fieldsOf(await front.ask('GET /old')), ['location: http://a.local/new'])
  })

  it('leaves a chunked answer alone, and its head is not held', async (t) => {
    const reply: Handler = (exchange) => {
      exchange.status = 200
      exchange.responseLength = -1
      exchange.startResponse()
      exchange.sink.writeText(exchange, '<html>')
      exchange.sink.end(exchange)
    }
    const rig = await rigFor(t, {}, { reply })
    assert.deepEqual(fieldsOf(await rig.ask('GET /')), ['transfer-encoding: chunked'])
  })
})
