import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PushedBody, testExchange, type TestRequest } from '../../../test/support/upstream-rig.ts'
import { testTransport } from '../../../test/support/upstream-rig.ts'
import { HeaderList } from '../http/header-list.ts'
import { requestHead } from './request-head.ts'
import { bindsLoginToConnection, dropConnectionFields, isGzip, upgradeOf } from './response-head.ts'
import { parseServerUrl } from './server-url.ts'
import { type TargetOptions, UpstreamTarget } from './target.ts'

function headOf(request: TestRequest, options: Partial<TargetOptions> = {}, url = 'http://10.0.0.1:81'): string[] {
  const { exchange } = testExchange(request)
  const target = new UpstreamTarget(url, parseServerUrl(url), null, {
    preservePath: false,
    passHostHeader: true,
    transport: testTransport(),
    ...options,
  })
  return requestHead(exchange, target).split('\r\n')
}

/** Fields besides those that every request gets. */
function fieldsOf(request: TestRequest): string[] {
  const own = new Set(['Host: p.local', 'X-Forwarded-For: 192.0.2.1', 'Accept-Encoding: gzip', ''])
  return headOf(request)
    .slice(1)
    .filter((line) => !own.has(line))
}

describe('requestHead', () => {
  const targets: { name: string; url: string; preservePath?: boolean; target: string; line: string }[] = [
    { name: 'path and query unchanged', url: 'http://h:1', target: '/a/b%20c?x=1&y=%2F', line: '/a/b%20c?x=1&y=%2F' },
    { name: 'an empty query', url: 'http://h:1', target: '/e?', line: '/e?' },
    { name: 'the path of the url ignored', url: 'http://h:1/base/dir', target: '/x', line: '/x' },
    { name: 'the path of the url in front', url: 'http://h:1/base', preservePath: true, target: '/x', line: '/base/x' },
    { name: 'one slash between them', url: 'http://h:1/base/', preservePath: true, target: '/x', line: '/base/x' },
    { name: 'the slash kept', url: 'http://h:1/base', preservePath: true, target: '/', line: '/base/' },
    { name: 'no path in the url', url: 'http://h:1', preservePath: true, target: '/x', line: '/x' },
    { name: 'escapes kept', url: 'http://h:1/b%2Fc', preservePath: true, target: '/x%2Fy', line: '/b%2Fc/x%2Fy' },
    { name: 'query and fragment of the url ignored', url: 'http://h:1/?z=1#f', target: '/x?y=2', line: '/x?y=2' },
  ]
  for (const { name, url, preservePath, target, line } of targets) {
    it(name, () => {
      assert.equal(headOf({ target }, { preservePath: preservePath ?? false }, url)[0], `GET ${line} HTTP/1.1`)
    })
  }

  it('passes the Host of the client, or that of the server', () => {
    assert.equal(headOf({ host: 'One.local:8080' })[1], 'Host: One.local:8080')
    assert.equal(headOf({ host: 'one.local' }, { passHostHeader: false })[1], 'Host: 10.0.0.1:81')
    assert.equal(headOf({ host: '' })[1], 'Host: 10.0.0.1:81')
    const { exchange } = testExchange({ host: 'one.local' })
    exchange.upstreamHost = 'other.local'
    const url = 'http://joe:secret@10.0.0.1'
    const target = new UpstreamTarget(url, parseServerUrl(url), null, {
      preservePath: false,
      passHostHeader: true,
      transport: testTransport(),
    })
    assert.match(requestHead(exchange, target), /\r\nHost: other\.local\r\n/)
    assert.equal(target.hostHeader, '10.0.0.1')
  })

  const fields: { name: string; request: TestRequest; sent: string[] }[] = [
    {
      name: 'repeated fields in order, names as sent',
      request: {
        headers: [
          ['X-R', 'b'],
          ['x-r', 'a'],
          ['Cookie', 'a=1'],
          ['Cookie', 'b=2'],
        ],
      },
      sent: ['X-R: b', 'x-r: a', 'Cookie: a=1', 'Cookie: b=2'],
    },
    {
      name: 'hop-by-hop fields dropped',
      request: {
        headers: [
          ['Connection', 'close'],
          ['Proxy-Connection', 'keep-alive'],
          ['Keep-Alive', 'timeout=5'],
          ['Proxy-Authenticate', 'x'],
          ['Proxy-Authorization', 'x'],
          ['Te', 'gzip, deflate;q=0.5'],
          ['Trailer', 'X-T'],
          ['Transfer-Encoding', 'chunked'],
          ['Upgrade', 'websocket'],
          ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
          ['Content-Length', '99'],
          ['Host', 'other'],
          ['X-Kept', '1'],
        ],
      },
      sent: ['X-Kept: 1'],
    },
    { name: 'TE: trailers kept', request: { headers: [['TE', 'gzip, Trailers']] }, sent: ['Te: trailers'] },
    {
      name: 'fields that Connection lists dropped, over several lines',
      request: {
        headers: [
          ['Connection', 'close, X-Private'],
          ['connection', 'x-other'],
          ['X-Private', '1'],
          ['X-OTHER', '2'],
          ['X-Kept', '3'],
        ],
      },
      sent: ['X-Kept: 3'],
    },
    {
      name: 'forwarded fields not dropped by Connection',
      request: {
        headers: [
          ['Connection', 'X-Real-Ip, X-Forwarded-Host'],
          ['X-Real-Ip', '1.2.3.4'],
          ['X-Forwarded-Host', 'h'],
        ],
      },
      sent: ['X-Real-Ip: 1.2.3.4', 'X-Forwarded-Host: h'],
    },
    {
      name: 'Upgrade with its Connection',
      request: {
        upgrade: 'websocket',
        headers: [
          ['Connection', 'keep-alive, Upgrade'],
          ['Upgrade', 'WebSocket'],
        ],
      },
      sent: ['Upgrade: WebSocket', 'Connection: Upgrade'],
    },
    {
      name: 'own chunks announced with the trailers',
      request: { method: 'POST', body: new PushedBody(-1), headers: [['Trailer', 'X-T']] },
      sent: ['Trailer: X-T', 'Transfer-Encoding: chunked'],
    },
    {
      name: 'the length of the body',
      request: { method: 'GET', body: new PushedBody(13), headers: [['content-length', '99']] },
      sent: ['Content-Length: 13'],
    },
    { name: 'an empty body with its length', request: { method: 'PUT', body: new PushedBody(0) }, sent: ['Content-Length: 0'] },
  ]
  for (const { name, request, sent } of fields) {
    it(`R5: ${name}`, () => {
      assert.deepEqual(fieldsOf(request), sent)
    })
  }

  it('appends the client to X-Forwarded-For, several lines joined', () => {
    const lines = headOf({
      headers: [
        ['X-Forwarded-For', '1.1.1.1'],
        ['A', 'b'],
        ['x-forwarded-for', '2.2.2.2'],
      ],
    })
    assert.deepEqual(
      lines.filter((line) => /^x-f/i.test(line)),
      ['X-Forwarded-For: 1.1.1.1, 2.2.2.2, 192.0.2.1'],
    )
  })

  it('leaves X-Forwarded-For alone where that is asked for', () => {
    const { exchange } = testExchange({ headers: [['X-Forwarded-For', '1.1.1.1']] })
    exchange.suppressForwardedFor = true
    const url = 'http://h'
    const target = new UpstreamTarget(url, parseServerUrl(url), null, {
      preservePath: false,
      passHostHeader: true,
      transport: testTransport(),
    })
    assert.match(requestHead(exchange, target), /\r\nX-Forwarded-For: 1\.1\.1\.1\r\n/)
  })

  for (const [name, request, asks] of [
    ['for GET', {}, true],
    ['with an empty Accept-Encoding', { headers: [['Accept-Encoding', '']] }, true],
    ['with Accept-Encoding', { headers: [['Accept-Encoding', 'identity']] }, false],
    ['with Range', { headers: [['Range', 'bytes=0-1']] }, false],
    ['for HEAD', { method: 'HEAD' }, false],
    ['for an upgrade', { upgrade: 'x', headers: [['Upgrade', 'x']] }, false],
  ] satisfies [string, TestRequest, boolean][]) {
    it(`${asks ? 'asks' : 'does not ask'} for gzip ${name}`, () => {
      assert.equal(headOf(request).includes('Accept-Encoding: gzip'), asks)
    })
  }
})

describe('the head of an answer', () => {
  function list(...fields: [string, string][]): HeaderList {
    const headers = new HeaderList()
    for (const [name, value] of fields) headers.add(name, value)
    return headers
  }

  it('loses what belongs to the connection', () => {
    const headers = list(
      ['Connection', 'X-One'],
      ['connection', 'X-Two'],
      ['X-One', '1'],
      ['X-Two', '2'],
      ['X-Three', '3'],
      ['Keep-Alive', 'timeout=5'],
      ['Transfer-Encoding', 'chunked'],
      ['Content-Length', '5'],
      ['Upgrade', 'h2c'],
      ['Proxy-Authenticate', 'Basic'],
      ['Te', 'x'],
      ['Trailer', 'X-T'],
      ['X-Forwarded-For', '1.2.3.4'],
    )
    dropConnectionFields(headers)
    assert.deepEqual(
      [...headers],
      [
        ['X-Three', '3'],
        ['Trailer', 'X-T'],
        ['X-Forwarded-For', '1.2.3.4'],
      ],
    )
  })

  it('tells which protocol it changes to', () => {
    assert.equal(upgradeOf(list(['Connection', 'keep-alive, Upgrade'], ['Upgrade', 'WebSocket'])), 'websocket')
    assert.equal(upgradeOf(list(['Connection', 'keep-alive'], ['Upgrade', 'websocket'])), '')
    assert.equal(upgradeOf(list(['Connection', 'upgrade'])), '')
  })

  it('tells whether it is gzip and nothing else', () => {
    assert.equal(isGzip(list(['Content-Encoding', 'GZIP'])), true)
    assert.equal(isGzip(list(['Content-Encoding', 'gzip, br'])), false)
    assert.equal(isGzip(list(['Content-Encoding', 'gzip'], ['Content-Encoding', 'br'])), false)
    assert.equal(isGzip(list()), false)
  })

  it('tells whether a login is bound to the connection (R44)', () => {
    assert.equal(bindsLoginToConnection(list(['WWW-Authenticate', 'Basic realm=x'], ['WWW-Authenticate', 'Negotiate'])), true)
    assert.equal(bindsLoginToConnection(list(['WWW-Authenticate', 'NTLM TlRM'])), true)
    assert.equal(bindsLoginToConnection(list(['WWW-Authenticate', 'Bearer realm="negotiate"'])), false)
  })
})
