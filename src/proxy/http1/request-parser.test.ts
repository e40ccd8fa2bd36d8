import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMessages, type SeenInput } from '../../../test/support/http1-events.ts'
import { defaultHttp1Limits, type Http1Limits } from './limits.ts'
import { RequestParser } from './request-parser.ts'

function read(text: string, limits: Partial<Http1Limits> = {}): SeenInput {
  return readMessages(new RequestParser({ ...defaultHttp1Limits, ...limits }), [text])
}

/** A request whose fields are these lines; with a Host and a good end. */
function withFields(...lines: string[]): string {
  return `POST /p HTTP/1.1\r\nHost: a.local\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}

describe('RequestParser: heads that are good', () => {
  const cases: [string, string, Record<string, unknown>][] = [
    [
      'a plain one',
      'GET /a/b?c=d HTTP/1.1\r\nHost: A.local:81\r\n\r\n',
      { method: 'GET', path: '/a/b', query: 'c=d', hasQuery: true, host: 'A.local:81', keepAlive: true, bodyLength: 0 },
    ],
    ['an empty query', 'GET /? HTTP/1.1\r\nHost: a\r\n\r\n', { path: '/', query: '', hasQuery: true }],
    ['a query with question marks', 'GET /a?b?c HTTP/1.1\r\nHost: a\r\n\r\n', { path: '/a', query: 'b?c' }],
    ['bytes above 127 in the target', 'GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n', { path: '/\xc3\xa9' }],
    ['any token as a method', 'M-SEARCH /x HTTP/1.1\r\nHost: a\r\n\r\n', { method: 'M-SEARCH' }],
    ['a method in lower case', 'get /x HTTP/1.1\r\nHost: a\r\n\r\n', { method: 'get' }],
    ['asterisk form', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', { path: '*' }],
    ['authority form', 'CONNECT a.local:443 HTTP/1.1\r\nHost: b\r\n\r\n', { path: '', host: 'a.local:443' }],
    ['CONNECT with a path', 'CONNECT /x HTTP/1.1\r\nHost: b\r\n\r\n', { path: '/x', host: 'b' }],
    ['absolute form', 'GET http://b.local:81/x?y HTTP/1.1\r\nHost: a.local\r\n\r\n', { host: 'b.local:81', path: '/x', query: 'y' }],
    ['absolute form with two slashes', 'GET http://b//x/../y HTTP/1.1\r\nHost: a\r\n\r\n', { host: 'b', path: '//x/../y' }],
    ['absolute form without path', 'GET https://b.local HTTP/1.1\r\nHost: a\r\n\r\n', { host: 'b.local', path: '/', hasQuery: false }],
    ['absolute form with only a query', 'GET http://b?x HTTP/1.1\r\nHost: a\r\n\r\n', { path: '/', query: 'x' }],
    ['user information, which counts for nothing', 'GET http://u:p@b.local/ HTTP/1.1\r\nHost: a\r\n\r\n', { host: 'b.local' }],
    ['a path that starts with two slashes', 'GET //b.local/x HTTP/1.1\r\nHost: a\r\n\r\n', { host: 'a', path: '//b.local/x' }],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', { host: '' }],
    ['Host in any letter case, without a space', 'GET / HTTP/1.1\r\nhOsT:a\r\n\r\n', { host: 'a' }],
    ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', { minorVersion: 0, keepAlive: false, host: '' }],
    ['HTTP/1.0 with keep-alive', 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n', { minorVersion: 0, keepAlive: true }],
    ['HTTP/1.2 like 1.1', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', { minorVersion: 1 }],
    ['one empty line in front', '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', { method: 'GET' }],
    ['close', withFields('Connection: close'), { keepAlive: false }],
    ['close in a list, in capitals', withFields('Connection: foo, CLOSE ,bar'), { keepAlive: false }],
    ['close on a second line', withFields('Connection: keep-alive', 'Connection: close'), { keepAlive: false }],
    ['an upgrade', withFields('Connection: Upgrade', 'Upgrade: WebSocket'), { upgrade: 'websocket' }],
    [
      'an upgrade to one of several',
      withFields('Connection: keep-alive, upgrade', 'Upgrade: my-proto/2', 'Upgrade: websocket'),
      { upgrade: 'my-proto/2, websocket' },
    ],
    ['Upgrade without Connection', withFields('Upgrade: websocket'), { upgrade: '' }],
    ['Connection: Upgrade without Upgrade', withFields('Connection: Upgrade'), { upgrade: '' }],
    ['no upgrade in HTTP/1.0', 'GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', { upgrade: '' }],
    ['an expectation', withFields('Expect: 100-Continue', 'Content-Length: 5'), { expectation: 'continue', bodyLength: 5 }],
    ['another expectation', withFields('Expect: magic'), { expectation: 'unknown' }],
    ['an obfuscated expectation', withFields('Expect: 100-continue, 100-continue'), { expectation: 'unknown' }],
    ['two expectations', withFields('Expect: 100-continue', 'Expect: 100-continue'), { expectation: 'unknown' }],
    ['no expectation in HTTP/1.0', 'GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n', { expectation: 'none' }],
    ['a length', withFields('Content-Length: 0'), { bodyLength: 0 }],
    ['a length with leading zeros', withFields('Content-Length: 007'), { bodyLength: 7 }],
    ['equal lengths', withFields('Content-Length: 5', 'Content-Length: 5'), { bodyLength: 5 }],
    ['chunks', withFields('Transfer-Encoding: Chunked'), { bodyLength: -1, isChunked: true }],
  ]
  for (const [name, text, expected] of cases) {
    it(name, () => {
      const { messages, failure } = read(text)
      assert.equal(failure, '')
      assert.equal(messages.length, 1)
      for (const [key, value] of Object.entries(expected)) assert.equal(messages[0]!.head[key], value, key)
    })
  }

  it('keeps fields in their order, as sent, with blanks around values dropped, and without Host and Transfer-Encoding', () => {
    const { messages } = read(
      withFields('X-R: b', 'x-r:a', 'X_y:  c \t d\t ', 'Empty:', 'Content-Length: 3', 'Connection: close', 'High: \xff'),
    )
    assert.deepEqual(messages[0]!.headers, [
      ['X-R', 'b'],
      ['x-r', 'a'],
      ['X_y', 'c \t d'],
      ['Empty', ''],
      ['Content-Length', '3'],
      ['Connection', 'close'],
      ['High', '\xff'],
    ])
    assert.deepEqual(read(withFields('Transfer-Encoding: chunked')).messages[0]!.headers, [])
  })

  it('keeps one of equal lengths', () => {
    assert.deepEqual(read(withFields('Content-Length: 5', 'content-length: 5')).messages[0]!.headers, [['Content-Length', '5']])
  })
})

describe('RequestParser: heads that are refused', () => {
  const head = (line: string): string => `${line}\r\nHost: a\r\n\r\n`
  const cases: [string, string, number, RegExp][] = [
    ['no target', head('GET'), 400, /method/],
    ['no version', head('GET /'), 400, /request line/],
    ['four parts', head('GET / x HTTP/1.1'), 400, /version/],
    ['two spaces', head('GET  / HTTP/1.1'), 400, /request line/],
    ['a space behind the version', head('GET / HTTP/1.1 '), 400, /version/],
    ['a tab as separator', head('GET\t/ HTTP/1.1'), 400, /method/],
    ['no token as a method', head('GE(T / HTTP/1.1'), 400, /method/],
    ['a control in the target', head('GET /a\x01b HTTP/1.1'), 400, /request line/],
    ['DEL in the target', head('GET /a\x7fb HTTP/1.1'), 400, /request line/],
    ['a tab in the target', head('GET /a\tb HTTP/1.1'), 400, /request line/],
    ['NUL in the target', head('GET /a\0b HTTP/1.1'), 400, /request line/],
    ['a target without a slash', head('GET x/y HTTP/1.1'), 400, /target/],
    ['a target that is only a query', head('GET ?x=1 HTTP/1.1'), 400, /target/],
    ['a host alone', head('GET a.local:80 HTTP/1.1'), 400, /target/],
    ['absolute form without host', head('GET http:///x HTTP/1.1'), 400, /target/],
    ['absolute form of another scheme', head('GET ftp://a/x HTTP/1.1'), 400, /target/],
    ['a bad authority', head('GET http://a"b/x HTTP/1.1'), 400, /target/],
    ['a version in lower case', head('GET / http/1.1'), 400, /version/],
    ['half a version', head('GET / HTTP/1'), 400, /version/],
    ['a version of three parts', head('GET / HTTP/1.1.1'), 400, /version/],
    ['a version of letters', head('GET / HTTP/x.y'), 400, /version/],
    ['another protocol', head('GET / FTP/1.1'), 400, /version/],
    ['HTTP/2.0', head('GET / HTTP/2.0'), 505, /unsupported protocol version/],
    ['HTTP/0.9', head('GET / HTTP/0.9'), 505, /unsupported/],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, /unsupported/],
    ['a TLS hello', '\x16\x03\x01\x02\0\x01\0\x01\xfc', 400, /method/],
  ]
  for (const [name, text, status, message] of cases) {
    it(name, () => {
      const seen = read(text)
      assert.deepEqual(seen.messages, [])
      assert.equal(seen.status, status)
      assert.match(seen.failure, message)
    })
  }
})

describe('R1: framing that two parties could read differently is refused', () => {
  const cases: [string, string, number][] = [
    ['length and chunks', withFields('Content-Length: 3', 'Transfer-Encoding: chunked'), 400],
    ['chunks and length', withFields('Transfer-Encoding: chunked', 'Content-Length: 3'), 400],
    ['two lengths', withFields('Content-Length: 3', 'Content-Length: 4'), 400],
    ...['+3', '-3', '3_0', '0x3', '3 0', '3,3', '3, 4', '', ' ', '3.0', '1e3', '9007199254740993', '99999999999999999999', '\x0b3'].map(
      (length): [string, string, number] => [`length ${JSON.stringify(length)}`, withFields(`Content-Length: ${length}`), 400],
    ),
    ...[
      ',chunked',
      'chunked,',
      'chunked,chunked',
      'chunked, chunked',
      'xchunked',
      'gzip',
      'gzip, chunked',
      'chunked, gzip',
      'identity',
      '"chunked"',
      'chunked;q=1',
      '',
    ].map((coding): [string, string, number] => [`coding ${JSON.stringify(coding)}`, withFields(`Transfer-Encoding: ${coding}`), 501]),
    ['chunked with a vertical tab', withFields('Transfer-Encoding: \x0bchunked'), 400],
    ['chunked behind a vertical tab', withFields('Transfer-Encoding: chunked\x0b'), 400],
    ['two codings', withFields('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 501],
    ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['a space before the colon', withFields('Transfer-Encoding : chunked'), 400],
    ['a length behind a bare CR', withFields('X: y\rContent-Length: 3'), 400],
  ]
  for (const [name, text, status] of cases) {
    it(name, () => {
      const seen = read(`${text}0\r\n\r\n`)
      assert.deepEqual(seen.messages, [])
      assert.equal(seen.status, status)
    })
  }
})

describe('R2: chunks', () => {
  const chunked = (body: string, limits: Partial<Http1Limits> = {}): SeenInput =>
    read(withFields('Transfer-Encoding: chunked') + body, limits)

  const good: [string, string, string][] = [
    ['one chunk', '5\r\nhello\r\n0\r\n\r\n', 'hello'],
    ['several', '5\r\nhello\r\n06\r\n world\r\n0\r\n\r\n', 'hello world'],
    ['hexadecimal sizes in any case', 'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n', '01234567890123456789'],
    ['extensions', '5;a=b;c="d e"\r\nhello\r\n0;last\r\n\r\n', 'hello'],
    ['no bytes at all', '0\r\n\r\n', ''],
    ['sixteen digits', '0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n', 'hello'],
    ['line ends in the data', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
  ]
  for (const [name, body, expected] of good) {
    it(`takes ${name}`, () => {
      const seen = chunked(body)
      assert.equal(seen.failure, '')
      assert.equal(seen.messages[0]!.body, expected)
      assert.equal(seen.messages[0]!.ended, true)
      assert.equal(seen.rest, 0)
    })
  }

  const bad: [string, string, RegExp][] = [
    ['a bare line feed behind the size', '5\nhello\r\n0\r\n\r\n', /chunk size/],
    ['a bare line feed behind the data', '5\r\nhello\n0\r\n\r\n', /chunk end/],
    ['a CR and something else behind the data', '5\r\nhello\rX0\r\n\r\n', /chunk end/],
    ['no line end behind the data', '5\r\nhello0\r\n\r\n', /chunk end/],
    ['more data than announced', '5\r\nhello!\r\n0\r\n\r\n', /chunk end/],
    ['0x', '0x5\r\nhello\r\n0\r\n\r\n', /chunk size/],
    ['a sign', '+5\r\nhello\r\n0\r\n\r\n', /chunk size/],
    ['a minus', '-5\r\nhello\r\n0\r\n\r\n', /chunk size/],
    ['no size', '\r\nhello\r\n0\r\n\r\n', /chunk size/],
    ['only an extension', ';a\r\nhello\r\n0\r\n\r\n', /chunk size/],
    ['a space behind the size', '5 \r\nhello\r\n0\r\n\r\n', /chunk size/],
    ['a space in front of the size', ' 5\r\nhello\r\n0\r\n\r\n', /chunk size/],
    ['an underscore', '1_0\r\nhello\r\n0\r\n\r\n', /chunk size/],
    ['a size beyond exact numbers', 'fffffffffffffff\r\nhello', /chunk size/],
    ['seventeen digits', '00000000000000005\r\nhello', /chunk size/],
    ['a CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n', /extension/],
    ['a line feed in an extension', '5;a\nb\r\nhello\r\n0\r\n\r\n', /extension/],
    ['a quoted extension that does not end', '5;a="b\r\nhello\r\n0\r\n\r\n', /extension/],
    ['a quoted extension that ends with an escape', '5;a="b\\"\r\nhello\r\n0\r\n\r\n', /extension/],
    ['NUL in an extension', '5;a\0b\r\nhello\r\n0\r\n\r\n', /extension/],
    ['a trailer without colon', '0\r\nfoo\r\n\r\n', /trailer/],
    ['a folded trailer', '0\r\nA: b\r\n c\r\n\r\n', /trailer/],
    ['a trailer with a bare line feed', '0\r\nA: b\n\r\n', /trailer/],
  ]
  for (const [name, body, message] of bad) {
    it(`refuses ${name}`, () => {
      const seen = chunked(body)
      assert.match(seen.failure, message)
      assert.equal(seen.status, 400)
      assert.equal(seen.messages[0]!.ended, false)
    })
  }

  it('limits extensions over the whole body', () => {
    const body = `1;${'x'.repeat(40)}\r\na\r\n`
    assert.equal(chunked(`${body.repeat(2)}0\r\n\r\n`, { chunkExtensionBytesMax: 100 }).failure, '')
    assert.match(chunked(body.repeat(3), { chunkExtensionBytesMax: 100 }).failure, /extensions too large/)
    // An extension that never ends is noticed before its line is complete.
    assert.match(chunked(`1;${'x'.repeat(101)}`, { chunkExtensionBytesMax: 100 }).failure, /extensions too large/)
  })

  it('limits trailers by bytes and by count', () => {
    assert.match(chunked(`0\r\nA: ${'x'.repeat(100)}\r\n\r\n`, { trailerBytesMax: 100 }).failure, /trailers too large/)
    assert.match(chunked(`0\r\nA: ${'x'.repeat(100)}`, { trailerBytesMax: 100 }).failure, /trailers too large/)
    assert.match(chunked(`0\r\n${'A: b\r\n'.repeat(4)}\r\n`, { trailersMax: 3 }).failure, /trailers too large/)
    assert.equal(chunked(`0\r\n${'A: b\r\n'.repeat(3)}\r\n`, { trailersMax: 3 }).failure, '')
  })

  it('drops trailers that decide framing, routing or who the peer is', () => {
    const names = [
      'Content-Length',
      'Transfer-Encoding',
      'Host',
      'X-Forwarded-For',
      'X-Real-Ip',
      'Authorization',
      'Cookie',
      'Connection',
      'Trailer',
      'X_Forwarded_For',
      'x.real.ip',
      'X-Scheme',
    ]
    const seen = chunked(`0\r\n${names.map((name) => `${name}: 1\r\n`).join('')}X-Good: yes\r\n\r\n`)
    assert.deepEqual(seen.messages[0]!.trailers, [['X-Good', 'yes']])
  })
})

describe('R3: lines that are not as they should be are refused', () => {
  const cases: [string, string, RegExp][] = [
    ['a folded line', withFields('A: b', ' c'), /header line/],
    ['a line folded by a tab', withFields('A: b', '\tc'), /header line/],
    ['a space before the colon', withFields('A : b'), /header name/],
    ['a tab before the colon', withFields('A\t: b'), /header name/],
    ['a blank in front of the first field', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', /header line/],
    ['a blank in front of the request line', ' GET / HTTP/1.1\r\nHost: a\r\n\r\n', /method/],
    ['two empty lines in front', '\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', /method/],
    ['an empty name', withFields(': b'), /header line/],
    ['NUL in a value', withFields('A: b\0c'), /header value/],
    ['a control in a value', withFields('A: b\x01'), /header value/],
    ['DEL in a value', withFields('A: b\x7f'), /header value/],
    ['a bare CR in a value', withFields('A: b\rc'), /carriage return/],
    ['a bare CR behind the fields', 'GET / HTTP/1.1\r\nHost: a\r\n\rX', /carriage return/],
    ['a bare line feed in a value', withFields('A: b\nc: d'), /line feed/],
    ['a bare line feed behind the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n', /line feed|version/],
    ['line feeds alone', 'GET / HTTP/1.1\nHost: a\n\n', /line feed|version/],
    ['a bare line feed as the last line', 'GET / HTTP/1.1\r\nHost: a\r\n\n', /line feed/],
    ['a name that is no token', withFields('A(b): c'), /header line/],
    ['a name with a byte above 127', withFields('A\xe9: c'), /header line/],
    ['no colon', withFields('nonsense'), /header line/],
    ['no Host', 'GET / HTTP/1.1\r\nA: b\r\n\r\n', /missing required Host/],
    ['no Host with absolute form', 'GET http://a/ HTTP/1.1\r\n\r\n', /missing required Host/],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', /too many Host/],
    ['two equal Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', /too many Host/],
    ['two Hosts with absolute form', 'GET http://x/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', /too many Host/],
    ['a space in Host', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', /malformed Host/],
    ['a slash in Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', /malformed Host/],
    ['a backslash in Host', 'GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n', /malformed Host/],
    ['user information in Host', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', /malformed Host/],
    ['a list in Host that is none', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', /malformed Host/],
  ]
  for (const [name, text, message] of cases) {
    it(name, () => {
      const seen = read(text)
      assert.deepEqual(seen.messages, [])
      assert.match(seen.failure, message)
      assert.equal(seen.status, 400)
    })
  }
})

describe('RequestParser: limits', () => {
  it('limits the bytes of a head, whole or not', () => {
    const request = withFields(`A: ${'x'.repeat(200)}`)
    assert.equal(read(request, { headBytesMax: request.length }).failure, '')
    assert.equal(read(request, { headBytesMax: request.length - 1 }).status, 431)
    assert.equal(read(request.slice(0, 200), { headBytesMax: 199 }).status, 431)
    assert.equal(read(`GET /${'x'.repeat(200)}`, { headBytesMax: 199 }).status, 431)
  })

  it('limits the number of fields', () => {
    assert.equal(read(withFields(...Array.from({ length: 9 }, () => 'A: b')), { headersMax: 10 }).failure, '')
    assert.equal(read(withFields(...Array.from({ length: 10 }, () => 'A: b')), { headersMax: 10 }).status, 431)
  })

  it('holds a thousand fields and a value of 60 kB', () => {
    const { messages } = read(
      withFields(...Array.from({ length: 990 }, (_, index) => `X-${index}: ${index}`), `Big: ${'b'.repeat(60_000)}`),
    )
    assert.equal(messages[0]!.headers.length, 991)
    assert.deepEqual(messages[0]!.headers[900], ['X-900', '900'])
    assert.equal(messages[0]!.headers[990]![1].length, 60_000)
  })
})

describe('RequestParser: one connection', () => {
  it('reads requests one behind the other, with and without bodies', () => {
    const text = `${withFields('Content-Length: 3')}abc${withFields()}${withFields('Transfer-Encoding: chunked')}1\r\nx\r\n0\r\nT: 1\r\n\r\n\r\nGET /last HTTP/1.0\r\n\r\n`
    const { messages, failure, rest } = read(text)
    assert.equal(failure, '')
    assert.equal(rest, 0)
    assert.deepEqual(
      messages.map(({ head, body, ended, trailers }) => [head['path'], body, ended, trailers]),
      [
        ['/p', 'abc', true, null],
        ['/p', '', true, null],
        ['/p', 'x', true, [['T', '1']]],
        ['/last', '', true, null],
      ],
    )
  })

  it('tells an end between requests from one inside of them', () => {
    const cases: [string, string][] = [
      ['', ''],
      [withFields(), ''],
      ['GET / HT', 'unexpected end of the connection'],
      [withFields('Content-Length: 3'), 'unexpected end of the connection'],
      [`${withFields('Content-Length: 3')}ab`, 'unexpected end of the connection'],
      [`${withFields('Transfer-Encoding: chunked')}0\r\n`, 'unexpected end of the connection'],
    ]
    for (const [text, failure] of cases)
      assert.equal(readMessages(new RequestParser(defaultHttp1Limits), [text], true).failure, failure, JSON.stringify(text))
  })

  it('gives body chunks as views of what was pushed', () => {
    const parser = new RequestParser(defaultHttp1Limits)
    parser.push(Buffer.from(withFields('Content-Length: 8')))
    parser.next()
    const chunk = Buffer.from('12345678')
    parser.push(chunk)
    parser.next()
    assert.equal(parser.chunk, chunk)
  })

  it('reads a head that comes byte by byte without looking at its beginning again and again', () => {
    const parser = new RequestParser(defaultHttp1Limits)
    const text = Buffer.from(withFields(`A: ${'x'.repeat(300_000)}`))
    let copies = 0
    let before: Buffer | null = null
    let heads = 0
    for (let index = 0; index < text.length; index += 1) {
      parser.push(text.subarray(index, index + 1))
      if (parser.next() === 1) heads += 1
      const memory = Reflect.get(parser, 'input') as Buffer
      if (memory !== before) copies += 1
      before = memory
    }
    assert.equal(heads, 1)
    // Memory doubles: some twenty times for 300 kB.
    assert.ok(copies < 32, `${copies}`)
  })
})
