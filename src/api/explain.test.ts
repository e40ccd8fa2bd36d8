import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readExplainBody } from './explain-body.ts'

describe('the body of POST /api/explain', () => {
  it('needs no more than a URL', () => {
    assert.deepEqual(readExplainBody('{"url": "http://a/b"}'), {
      method: 'GET',
      url: 'http://a/b',
      headers: [],
      client: '127.0.0.1',
      entryPoint: '',
    })
  })

  it('takes header fields once or several times', () => {
    const read = readExplainBody(
      '{"url": "http://a", "method": "PUT", "headers": {"A": "é", "B": ["1", "2"]}, "client": "::1", "entryPoint": "web"}',
    )
    assert.ok(typeof read !== 'string')
    assert.deepEqual(read.headers, [
      ['A', 'Ã©'],
      ['B', '1'],
      ['B', '2'],
    ])
    assert.deepEqual([read.method, read.client, read.entryPoint], ['PUT', '::1', 'web'])
  })

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /not JSON/],
    ['[]', /not an object/],
    ['{}', /url is missing/],
    ['{"url": 1}', /url is not a text/],
    ['{"url": "http://a", "uri": ""}', /uri is unknown \(known are method, url/],
    ['{"url": "http://a", "headers": []}', /^$|ok/],
    ['{"url": "http://a", "headers": {"A": 1}}', /value of A is neither/],
    ['{"url": "http://a", "headers": {"A": "1\\r\\nB: 2"}}', /line end/],
    ['{"url": "http://a", "method": "G ET"}', /no method/],
  ]
  for (const [body, problem] of wrong) {
    it(`is judged: ${body}`, () => {
      const read = readExplainBody(body)
      assert.match(typeof read === 'string' ? read : 'ok', problem)
    })
  }
})
