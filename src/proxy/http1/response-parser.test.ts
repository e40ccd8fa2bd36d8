import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMessages, type SeenInput } from '../../../test/support/http1-events.ts'
import { http1Event } from './message-parser.ts'
import { ResponseParser } from './response-parser.ts'

function read(text: string, ends = false, method = 'GET'): SeenInput & { reusable: boolean } {
  const parser = new ResponseParser()
  parser.expect(method)
  const seen = readMessages(parser, [text], ends)
  return { ...seen, reusable: parser.reusable }
}

describe('ResponseParser', () => {
  const cases: [string, string, { body: string; ended: boolean; reusable: boolean; head?: Record<string, unknown> }][] = [
    [
      'a length',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      { body: 'ok', ended: true, reusable: true, head: { status: 200, statusText: 'OK' } },
    ],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', { body: 'ok', ended: true, reusable: true }],
    [
      'sizes padded with blanks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2  \r\nok\r\n0 ;x\r\n\r\n',
      { body: 'ok', ended: true, reusable: true },
    ],
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', { body: '', ended: true, reusable: true, head: { statusText: '' } }],
    [
      'an empty reason phrase',
      'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n',
      { body: '', ended: true, reusable: true, head: { statusText: '' } },
    ],
    [
      'a reason of its own',
      'HTTP/1.1 299 Quite Odd\r\nContent-Length: 0\r\n\r\n',
      { body: '', ended: true, reusable: true, head: { statusText: 'Quite Odd' } },
    ],
    ['status 999', 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n', { body: '', ended: true, reusable: true, head: { status: 999 } }],
    ['bare line feeds', 'HTTP/1.1 200 OK\nX-A: 1\nContent-Length: 2\n\nok', { body: 'ok', ended: true, reusable: true }],
    ['close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok', { body: 'ok', ended: true, reusable: false }],
    ['HTTP/1.0 with a length', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', { body: 'ok', ended: true, reusable: false }],
    [
      'HTTP/1.0 with keep-alive',
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok',
      { body: 'ok', ended: true, reusable: true },
    ],
    ['neither length nor chunks', 'HTTP/1.1 200 OK\r\n\r\nall of it', { body: 'all of it', ended: false, reusable: false }],
    ['HTTP/1.0 until the end', 'HTTP/1.0 200 OK\r\n\r\nall of it', { body: 'all of it', ended: false, reusable: false }],
    [
      'chunked in HTTP/1.0, which has no such thing',
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok',
      { body: '2\r\nok', ended: false, reusable: false },
    ],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { body: '', ended: true, reusable: true }],
    [
      '304 with the length of another answer',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      { body: '', ended: true, reusable: true, head: { bodyLength: 5 } },
    ],
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', { body: '', ended: true, reusable: true }],
    ['equal lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok', { body: 'ok', ended: true, reusable: true }],
  ]
  for (const [name, text, { head, ...expected }] of cases) {
    it(`takes ${name}`, () => {
      const { messages, failure, reusable } = read(text)
      assert.equal(failure, '')
      assert.equal(messages.length, 1)
      const { body, ended } = messages[0]!
      assert.deepEqual({ body, ended, reusable }, expected)
      for (const [key, value] of Object.entries(head ?? {})) assert.equal(messages[0]!.head[key], value, key)
    })
  }

  it('ends a body without length with the connection', () => {
    const { messages, failure, reusable } = read('HTTP/1.1 200 OK\r\n\r\nall', true)
    assert.equal(failure, '')
    assert.equal(messages[0]!.ended, true)
    assert.equal(reusable, false)
  })

  it('joins folded lines by one space', () => {
    const { messages } = read('HTTP/1.1 200 OK\r\nX-Fold: a\r\n  b \r\n\t\r\n c\r\nX-B: d\r\nContent-Length: 0\r\n\r\n')
    assert.deepEqual(messages[0]!.headers.slice(0, 2), [
      ['X-Fold', 'a b c'],
      ['X-B', 'd'],
    ])
  })

  it('knows that HEAD has no body, and keeps the length it tells', () => {
    const { messages, reusable } = read('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n', false, 'HEAD')
    assert.equal(messages[0]!.ended, true)
    assert.equal(messages[0]!.head['bodyLength'], 99)
    assert.equal(reusable, true)
    assert.equal(read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', false, 'HEAD').messages[0]!.head['bodyLength'], -1)
  })

  it('passes informational answers and what follows them', () => {
    const { messages, reusable } = read(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    )
    assert.deepEqual(
      messages.map(({ head, headers }) => [head['status'], headers.length]),
      [
        [100, 0],
        [103, 1],
        [200, 1],
      ],
    )
    assert.equal(reusable, true)
  })

  it('keeps trailers', () => {
    const { messages } = read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Late: yes\r\nContent-Length: 5\r\n\r\n')
    assert.deepEqual(messages[0]!.trailers, [['X-Late', 'yes']])
  })

  it('gives the bytes behind an answer 101, and reads no further', () => {
    const parser = new ResponseParser()
    parser.expect('GET')
    parser.push(Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nHTTP/1.1 bytes'))
    assert.equal(parser.next(), http1Event.head)
    assert.equal(parser.next(), http1Event.needMore)
    assert.equal(parser.takeRest()?.toString(), 'HTTP/1.1 bytes')
    assert.equal(parser.takeRest(), null)
    assert.equal(parser.reusable, false)
  })

  const bad: [string, string, RegExp][] = [
    ['a status of letters', 'HTTP/1.1 abc OK\r\n\r\n', /status line/],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', /status line/],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', /status line/],
    ['a status below 100', 'HTTP/1.1 099 Odd\r\n\r\n', /status line/],
    ['another protocol', 'ICY 200 OK\r\n\r\n', /status line/],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n', /status line/],
    ['no status line at all', '<html>\r\n\r\n', /status line/],
    ['a control in the reason', 'HTTP/1.1 200 O\x01K\r\n\r\n', /status line/],
    ['a line without colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', /header line/],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n', /header name/],
    ['a folded first line', 'HTTP/1.1 200 OK\r\n a: b\r\n\r\n', /header line/],
    ['NUL in a value', 'HTTP/1.1 200 OK\r\nA: \0\r\n\r\n', /header value/],
  ]
  for (const [name, text, message] of bad) {
    it(`refuses ${name}`, () => {
      const seen = read(text)
      assert.deepEqual(seen.messages, [])
      assert.match(seen.failure, message)
      assert.equal(seen.reusable, false)
    })
  }
})

describe('R10: answers that could be read in two ways', () => {
  const bad: [string, string, RegExp][] = [
    ['differing lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok', /differing/],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: 2,2\r\n\r\nok', /Content-Length/],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok', /transfer encoding/],
    ['two codings', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\nok', /transfer encoding/],
    ['a bad chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', /chunk size/],
    ['a flood of 1xx', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(40), /informational/],
  ]
  for (const [name, text, message] of bad) {
    it(`${name} fails`, () => {
      const seen = read(text)
      assert.match(seen.failure, message)
      assert.equal(seen.reusable, false)
    })
  }

  it('a length beside chunks: the chunks count, the length is not passed on, and the connection is not used again', () => {
    const { messages, reusable } = read('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n')
    assert.equal(messages[0]!.body, 'ok')
    assert.deepEqual(messages[0]!.headers, [])
    assert.equal(reusable, false)
  })

  it('an answer that is cut fails at every place but the end of a body without length', () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n'
    for (let length = 0; length < text.length; length += 1) {
      assert.equal(read(text.slice(0, length), true).failure, 'unexpected end of the connection', `${length}`)
    }
    assert.equal(read(text, true).failure, '')
    assert.equal(read('HTTP/1.1 100 Continue\r\n\r\n', true).failure, 'unexpected end of the connection')
  })
})

describe('R6: a connection is reusable only when nothing is left', () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

  it('not before the answer, not in it, but behind it', () => {
    const parser = new ResponseParser()
    parser.expect('GET')
    assert.equal(parser.reusable, false)
    for (const byte of Buffer.from(answer)) {
      assert.equal(parser.reusable, false)
      parser.push(Buffer.from([byte]))
      while (parser.next() !== http1Event.needMore);
    }
    assert.equal(parser.reusable, true)
  })

  it('not with bytes behind the answer', () => {
    const parser = new ResponseParser()
    parser.expect('GET')
    parser.push(Buffer.from(`${answer}HTTP`))
    while (parser.next() !== http1Event.end);
    assert.equal(parser.reusable, false)
  })

  it('not behind an answer that nobody asked for', () => {
    const parser = new ResponseParser()
    readMessages(parser, [answer])
    assert.equal(parser.reusable, false)
  })

  it('a body longer than its length is cut at its length, and the connection is not used again', () => {
    const parser = new ResponseParser()
    parser.expect('GET')
    parser.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlong body'))
    parser.next()
    assert.equal(parser.next(), http1Event.body)
    assert.equal(parser.chunk.toString(), 'long ')
    assert.equal(parser.next(), http1Event.end)
    assert.equal(parser.reusable, false)
  })
})
