import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cut, readMessages, type SeenInput } from '../../../test/support/http1-events.ts'
import { defaultHttp1Limits, type Http1Limits } from './limits.ts'
import { RequestParser } from './request-parser.ts'
import { ResponseParser } from './response-parser.ts'

const limits: Http1Limits = { headBytesMax: 400, headersMax: 8, chunkExtensionBytesMax: 20, trailerBytesMax: 60, trailersMax: 3 }

/** Text that is mostly right, and sometimes wrong in a way that matters. */
const fieldText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('A: b', 'X-Long: some longer value', 'accept: */*', 'Connection: keep-alive', 'Content-Length: 3'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Connection: close',
      'A : b',
      ' c',
      'A: \0',
      'Transfer-Encoding: chunked',
      'Content-Length: x',
      'Upgrade: y',
      'nonsense',
      ': x',
    ),
  },
)
const lineEnd = fc.oneof(
  { weight: 30, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\r\n', '\n\r\n') },
)
const body = fc.constantFrom('', 'abc', '3\r\nabc\r\n0\r\n\r\n', '3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n', '3\r\nabcd\r\n', '0\r\n\r\n')
const requestLine = fc.constantFrom(
  'GET / HTTP/1.1',
  'POST /a?b HTTP/1.1',
  'GET / HTTP/1.0',
  'GET http://h/x HTTP/1.1',
  'GET  /',
  'OPTIONS * HTTP/1.1',
)
const responseLine = fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.0 200 OK', 'HTTP/1.1 204 None', 'HTTP/1.1 100 Continue', 'HTTP/1.1 2x0 OK')

function stream(startLine: fc.Arbitrary<string>, host: string): fc.Arbitrary<string> {
  const message = fc
    .tuple(startLine, fc.array(fc.tuple(fieldText, lineEnd), { maxLength: 6 }), body, lineEnd)
    .map(
      ([start, fields, content, end]) =>
        `${start}\r\n${host}${fields.map(([field, fieldEnd]) => field + fieldEnd).join('')}${end}${content}`,
    )
  return fc.array(message, { minLength: 1, maxLength: 3 }).map((messages) => messages.join(''))
}

const places = fc.array(fc.nat(2000), { maxLength: 12 })

/** Where the input stops being good depends on nothing but the bytes, but what is told of it may: a head that fails is told of less. */
function comparable(seen: SeenInput): unknown {
  return { messages: seen.messages, failed: seen.failure !== '', rest: seen.failure === '' ? seen.rest : 0 }
}

describe('MessageParser', () => {
  it('yields the same for requests, however they are cut into segments', () => {
    fc.assert(
      fc.property(stream(requestLine, 'Host: a\r\n'), places, (text, cuts) => {
        const whole = readMessages(new RequestParser(limits), [text], true)
        assert.deepEqual(comparable(readMessages(new RequestParser(limits), cut(text, cuts), true)), comparable(whole))
        assert.deepEqual(comparable(readMessages(new RequestParser(limits), text.split(''), true)), comparable(whole))
      }),
      { numRuns: 400 },
    )
  })

  it('yields the same for answers, however they are cut into segments', () => {
    fc.assert(
      fc.property(stream(responseLine, ''), places, fc.constantFrom('GET', 'HEAD'), (text, cuts, method) => {
        const read = (segments: string[]): unknown => {
          const parser = new ResponseParser(limits)
          parser.expect(method)
          return { ...(comparable(readMessages(parser, segments, true)) as object), reusable: parser.reusable }
        }
        const whole = read([text])
        assert.deepEqual(read(cut(text, cuts)), whole)
        assert.deepEqual(read(text.split('')), whole)
      }),
      { numRuns: 400 },
    )
  })

  it('R38: takes any bytes without throwing, and goes nowhere after a failure', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), fc.boolean(), (segments, isRequest) => {
        const parser = isRequest ? new RequestParser(defaultHttp1Limits) : new ResponseParser()
        const seen = readMessages(
          parser,
          segments.map((segment) => Buffer.from(segment)),
          true,
        )
        if (seen.failure !== '') {
          parser.push(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
          assert.equal(parser.next(), 4)
        }
        assert.ok(seen.messages.length <= 100)
      }),
      { numRuns: 500 },
    )
  })
})

describe('Memory', () => {
  it('a parser between messages keeps nothing of what it read', () => {
    const parser = new RequestParser(defaultHttp1Limits)
    readMessages(parser, ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc'])
    assert.equal(parser.chunk.length, 0)
    assert.equal((Reflect.get(parser, 'input') as Buffer).length, 0)
    assert.equal(parser.headers.length, 0)
  })
})
