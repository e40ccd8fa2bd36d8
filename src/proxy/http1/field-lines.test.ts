import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { testExchange, testTransport } from '../../../test/support/upstream-rig.ts'
import { HeaderList } from '../http/header-list.ts'
import { requestHead } from '../upstream/request-head.ts'
import { parseServerUrl } from '../upstream/server-url.ts'
import { UpstreamTarget } from '../upstream/target.ts'
import { defaultHttp1Limits } from './limits.ts'
import { http1Event } from './message-parser.ts'
import { RequestParser } from './request-parser.ts'
import { ResponseParser } from './response-parser.ts'
import { fieldLines } from './serialize.ts'

const name = fc.constantFrom('A', 'b', 'X-Custom', 'Accept', 'Cookie', 'SERVER', 'Content-Type', 'Via')
const value = fc.constantFrom('', 'x', 'two words', 'a: b', 'text/html,*/*;q=0.8', '\u00e9')
const separator = fc.constantFrom(': ', ': ', ': ', ':', ':  ', ':\t')
const trailing = fc.constantFrom('', '', '', ' ', '\t')
const lineEnd = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r\n more\r\n')

interface SentLine {
  readonly name: string
  readonly value: string
  readonly separator: string
  readonly trailing: string
  readonly lineEnd: string
}

const line = fc.record<SentLine>({ name, value, separator, trailing, lineEnd })

/** What a middleware may do to fields. */
type Change = readonly ['set' | 'add' | 'delete', string, string]

const change = fc.tuple(fc.constantFrom('set' as const, 'add' as const, 'delete' as const), name, value)

function textOf(sent: SentLine, isStrict: boolean): string {
  return `${sent.name}${sent.separator}${sent.value}${sent.trailing}${isStrict ? '\r\n' : sent.lineEnd}`
}

function apply(headers: HeaderList, changes: readonly Change[]): void {
  for (const [how, key, text] of changes) {
    if (how === 'set') headers.set(key, text)
    else if (how === 'add') headers.add(key, text)
    else headers.delete(key.toLowerCase())
  }
}

/** The fields one by one. */
function written(headers: HeaderList): string {
  return [...headers].map(([key, text]) => `${key}: ${text}\r\n`).join('')
}

describe('lines of fields', () => {
  it('are those of a server as they stand after changes', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(change), (lines, changes) => {
        const parser = new ResponseParser()
        parser.expect('HEAD')
        parser.push(Buffer.from(`HTTP/1.1 200 OK\r\n${lines.map((each) => textOf(each, false)).join('')}\r\n`, 'latin1'))
        assert.equal(parser.next(), http1Event.head)
        assert.equal(fieldLines(parser.headers), written(parser.headers))
        apply(parser.headers, changes)
        assert.equal(fieldLines(parser.headers), written(parser.headers))
        assert.equal(fieldLines(parser.headers.clone()), written(parser.headers))
      }),
    )
  })

  it('are those of a client as they stand after changes', () => {
    const target = new UpstreamTarget('http://s', parseServerUrl('http://s'), null, {
      preservePath: false,
      passHostHeader: true,
      transport: testTransport(),
    })
    fc.assert(
      fc.property(fc.array(line), fc.array(change), (lines, changes) => {
        const parser = new RequestParser(defaultHttp1Limits)
        parser.push(Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${lines.map((each) => textOf(each, true)).join('')}\r\n`, 'latin1'))
        assert.equal(parser.next(), http1Event.head)
        const { exchange } = testExchange({ method: 'HEAD', host: 'a' })
        exchange.headers = parser.headers
        exchange.suppressForwardedFor = true
        apply(exchange.headers, changes)
        assert.equal(requestHead(exchange, target), `HEAD / HTTP/1.1\r\nHost: a\r\n${written(exchange.headers)}\r\n`)
      }),
    )
  })

  it('are forgotten with the fields', () => {
    const headers = new HeaderList()
    headers.raw = 'A: b\r\n\r\n'
    headers.pushLine('A', 'a', 'b', 0)
    assert.equal(fieldLines(headers), 'A: b\r\n')
    headers.more = 'M: n\r\nO: p\r\n'
    headers.pushLine('M', 'm', 'n', headers.raw.length)
    headers.pushLine('O', 'o', 'p', headers.raw.length + 6)
    assert.equal(fieldLines(headers), 'A: b\r\nM: n\r\nO: p\r\n')
    headers.set('M', 'other')
    assert.equal(fieldLines(headers), 'A: b\r\nM: other\r\nO: p\r\n')
    headers.clear()
    headers.push('C', 'c', 'd')
    headers.pushLine('E', 'e', 'f', -1)
    assert.equal(fieldLines(headers), 'C: d\r\nE: f\r\n')
  })
})
