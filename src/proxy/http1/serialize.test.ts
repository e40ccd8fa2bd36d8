import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { HeaderList } from '../http/header-list.ts'
import { defaultHttp1Limits } from './limits.ts'
import { RequestParser } from './request-parser.ts'
import { ResponseParser } from './response-parser.ts'
import { chunkLine, dateLine, fieldLines, lastChunkWith, statusLine } from './serialize.ts'

/** The fields of a request with these lines. */
function parsed(lines: string): HeaderList {
  const parser = new RequestParser(defaultHttp1Limits)
  parser.push(Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`, 'latin1'))
  assert.equal(parser.next(), 1)
  return parser.headers
}

/** As `fieldLines`, field by field. */
function oneByOne(headers: HeaderList): string {
  const own = new Set(['content-length', 'connection', 'transfer-encoding', 'keep-alive'])
  return [...headers]
    .filter(([name]) => !own.has(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

describe('fieldLines', () => {
  it('leaves out what belongs to the connection', () => {
    const headers = parsed('A: 1\r\nConnection: x\r\nB: 2\r\nContent-Length: 0\r\nKeep-Alive: 5\r\nC: 3\r\n')
    assert.equal(fieldLines(headers), 'A: 1\r\nB: 2\r\nC: 3\r\n')
  })

  it('writes lines anew that were not as we write them', () => {
    assert.equal(
      fieldLines(parsed('A:1\r\nB:  2\r\nC:\t3\r\nD: 4 \r\nE: 5\t\r\nF:\r\nG: 7\r\n')),
      'A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: \r\nG: 7\r\n',
    )
    const parser = new ResponseParser()
    parser.expect('GET')
    parser.push(Buffer.from('HTTP/1.1 200 OK\nA: 1\nB: 2 \n c\r\nD: 4 \nE: 5\r\nF: 6\r\n\r\n'))
    assert.equal(parser.next(), 1)
    assert.equal(fieldLines(parser.headers), 'A: 1\r\nB: 2 c\r\nD: 4\r\nE: 5\r\nF: 6\r\n')
  })

  it('gives what the list says, whatever was done to it', () => {
    const name = fc.constantFrom('A', 'B', 'X-Long-Name', 'Cookie', 'Connection', 'Date')
    const value = fc.constantFrom('', '1', 'some value', '\xff')
    const line = fc
      .tuple(name, fc.constantFrom(': ', ':', ':  ', ':\t'), value, fc.constantFrom('', ' '))
      .map((parts) => `${parts.join('')}\r\n`)
    const change = fc.tuple(fc.constantFrom('set', 'add', 'delete', 'deleteAt'), name, value, fc.nat(12))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.array(change, { maxLength: 5 }), (lines, changes) => {
        const headers = parsed(lines.join(''))
        for (const [kind, which, text, place] of changes) {
          if (kind === 'set') headers.set(which, text)
          else if (kind === 'add') headers.add(which, text)
          else if (kind === 'delete') headers.delete(which.toLowerCase())
          else if (place < headers.length) headers.keys[place] = ''
        }
        assert.equal(fieldLines(headers), oneByOne(headers))
        assert.equal(fieldLines(headers.clone()), oneByOne(headers))
      }),
      { numRuns: 500 },
    )
  })
})

describe('Heads and chunks', () => {
  it('have status lines with the standard phrase or another', () => {
    assert.equal(statusLine(200), 'HTTP/1.1 200 OK\r\n')
    assert.equal(statusLine(200, 'OK'), 'HTTP/1.1 200 OK\r\n')
    assert.equal(statusLine(200, 'Fine'), 'HTTP/1.1 200 Fine\r\n')
    assert.equal(statusLine(999), 'HTTP/1.1 999 \r\n')
  })

  it('have dates of whole seconds', () => {
    assert.equal(dateLine(784_111_777_999), 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n')
    assert.equal(dateLine(784_111_778_000), 'Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n')
  })

  it('have sizes and trailers', () => {
    assert.equal(chunkLine(255), 'ff\r\n')
    assert.equal(lastChunkWith(null), '0\r\n\r\n')
    const trailers = new HeaderList()
    trailers.add('X-T', '1')
    assert.equal(lastChunkWith(trailers), '0\r\nX-T: 1\r\n\r\n')
  })
})
