import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware, fieldsOf, MiddlewareRig } from '../../../../../test/support/middleware-rig.ts'

describe('directResponse', () => {
  const plain = 'content-type: text/plain; charset=utf-8'
  const table: readonly {
    readonly what: string
    readonly options: object
    readonly request?: string
    readonly status?: number
    readonly fields?: readonly string[]
    readonly body: string
  }[] = [
    { what: 'answers 200 without a body', options: {}, fields: [], body: '' },
    { what: 'answers with a text', options: { body: 'é' }, fields: [plain], body: 'Ã©' },
    { what: 'has a status and fields', options: { status: 410, headers: { 'X-A': 'b' } }, status: 410, fields: ['x-a: b'], body: '' },
    {
      what: 'has another type',
      options: { body: '{}', contentType: 'application/json' },
      fields: ['content-type: application/json'],
      body: '{}',
    },
    { what: 'leaves braces alone', options: { body: '{method}' }, fields: [plain], body: '{method}' },
    {
      what: 'fills facts in',
      options: { body: '{status} {method} {scheme}://{host}{path}?{query} {clientIp} {other}', template: true },
      request: 'GET /p%20q?a=1',
      fields: [plain],
      body: '200 GET http://a.local/p%20q?a=1 127.0.0.1 {other}',
    },
    {
      what: 'escapes facts in HTML',
      options: { body: '<p>{query}', contentType: 'text/html', template: true },
      request: `GET /?<script>alert('&')`,
      fields: ['content-type: text/html'],
      body: '<p>&#60;script&#62;alert(&#39;&#38;&#39;)',
    },
    {
      what: 'escapes facts in JSON',
      options: { body: '{"q":"{query}"}', contentType: 'application/json', template: true },
      request: 'GET /?a="b\\',
      fields: ['content-type: application/json'],
      body: '{"q":"a=\\"b\\\\"}',
    },
  ]
  for (const { what, options, request, status, fields, body } of table) {
    it(what, async (t) => {
      const rig = await MiddlewareRig.start({ middlewares: [{ directResponse: options }] })
      t.after(() => rig.close())
      const answer = await rig.ask(request ?? 'GET /')
      assert.deepEqual([answer.status, answer.body, answer.seen], [status ?? 200, body, null])
      if (fields !== undefined) assert.deepEqual(fieldsOf(answer), fields)
      assert.equal(answer.exchange?.reason, 'middleware_answer')
    })
  }

  it('says what is wrong with its options', () => {
    const errors: readonly (readonly [object, RegExp])[] = [
      [{ status: 99 }, /^directResponse\.status: 99 is no status/],
      [{ status: 204, body: 'x' }, /^directResponse\.body: an answer with status 204 has no body/],
      [{ headers: { 'a b': 'c' } }, /^directResponse\.headers: "a b" is no name/],
      [{ headers: { 'Content-Length': '1' } }, /^directResponse\.headers: Content-Length is set by the protocol/],
      [{ headers: { a: 'b\r\nc: d' } }, /^directResponse\.headers\.a: control characters/],
    ]
    for (const [options, pattern] of errors) assert.match(checkMiddleware({ directResponse: options }).error ?? '', pattern)
  })
})
