import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import { dashboardAtRoot, dashboardBelow } from './dashboard.ts'
import { pageFiles } from './files.ts'

const folder = join(import.meta.dirname, 'page')
const policy = "frame-src 'self' https://traefik.io https://*.traefik.io;"
const on = { dashboard: true, basePath: '/' }

function request(path: string, headers: ControlRequest['headers'] = [], method = 'GET'): ControlRequest {
  return { target: 'api', method, path, query: '', headers, host: 'd.local', remoteIp: '10.0.0.9', user: null, body: new Uint8Array() }
}

function header(response: ControlResponse | null, name: string): string | undefined {
  return response?.headers.find(([key]) => key === name)?.[1]
}

describe('below api@internal', () => {
  const cases: { path: string; basePath?: string; status: number | null; type?: string }[] = [
    { path: '/', status: 302 },
    { path: '/dashboard/', status: 200, type: 'text/html; charset=utf-8' },
    { path: '/dashboard/main.js', status: 200, type: 'text/javascript; charset=utf-8' },
    { path: '/dashboard/icon.svg', status: 200, type: 'image/svg+xml' },
    { path: '/dashboard/none.js', status: 404, type: 'text/plain; charset=utf-8' },
    { path: '/dashboard/index.html', status: 404, type: 'text/plain; charset=utf-8' },
    { path: '/dashboard/../files.ts', status: 404, type: 'text/plain; charset=utf-8' },
    { path: '/dashboard/__proto__', status: 404, type: 'text/plain; charset=utf-8' },
    { path: '/dashboard', status: null },
    { path: '/api/overview', status: null },
    { path: '/', basePath: '/base', status: null },
    { path: '/dashboard/', basePath: '/base', status: null },
    { path: '/base', basePath: '/base', status: 302 },
    { path: '/base/dashboard/', basePath: '/base', status: 200, type: 'text/html; charset=utf-8' },
  ]
  for (const { path, basePath = '/', status, type } of cases) {
    it(`${path} with basePath ${basePath}`, () => {
      const response = dashboardBelow(request(path), { dashboard: true, basePath })
      assert.deepEqual([response?.status ?? null, header(response, 'Content-Type')], [status, type])
      if (status === 200 || status === 404) assert.equal(header(response, 'Content-Security-Policy'), policy)
    })
  }

  it('only GET is answered', () => {
    assert.deepEqual(dashboardBelow(request('/dashboard/', [], 'POST'), on), { status: 405, headers: [], body: '' })
  })

  it('is not there when it is switched off', () => {
    assert.equal(dashboardBelow(request('/dashboard/'), { dashboard: false, basePath: '/' }), null)
  })

  const prefixes: { sent: string; location: string }[] = [
    { sent: '/pre', location: '/pre/dashboard/' },
    { sent: '/pre/', location: '/pre/dashboard/' },
    { sent: 'pre', location: '/pre/dashboard/' },
    { sent: '/a/b', location: '/a/b/dashboard/' },
    { sent: '/', location: '/dashboard/' },
    { sent: '/\u00E9', location: '/%E9/dashboard/' },
    { sent: 'http://evil.local', location: '/dashboard/' },
    { sent: '//evil.local', location: '/dashboard/' },
    { sent: '///evil.local', location: '/dashboard/' },
    { sent: '/\\evil.local', location: '/dashboard/' },
    { sent: '\\\\evil.local', location: '/dashboard/' },
    { sent: '/\t/evil.local', location: '/dashboard/' },
    { sent: 'javascript:alert(1)', location: '/dashboard/' },
  ]
  for (const { sent, location } of prefixes) {
    it(`R15: X-Forwarded-Prefix ${JSON.stringify(sent)} leads to ${location}`, () => {
      const response = dashboardBelow(request('/', [['X-Forwarded-Prefix', sent]]), on)
      assert.deepEqual([response?.status, header(response, 'Location')], [302, location])
    })
  }
})

describe('dashboard@internal', () => {
  it('tells the page where the API is, whatever stands in basePath', () => {
    const response = dashboardAtRoot(request('/'), { dashboard: true, basePath: '/a"><script>&' })
    assert.match(String(response.body), /data-base="\/a&quot;>&lt;script>&amp;"/)
  })

  it('files are packed for who takes that, and not sent again', () => {
    const plain = dashboardAtRoot(request('/main.js'), on)
    const packed = dashboardAtRoot(request('/main.js', [['accept-encoding', 'br, gzip']]), on)
    assert.equal(header(packed, 'Content-Encoding'), 'gzip')
    assert.ok(typeof packed.body !== 'string' && typeof plain.body !== 'string')
    assert.deepEqual(gunzipSync(packed.body), Buffer.from(plain.body))
    const again = dashboardAtRoot(request('/main.js', [['If-None-Match', header(plain, 'ETag') ?? '']]), on)
    assert.deepEqual([again.status, again.body], [304, ''])
  })
})

describe('the page', () => {
  const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))

  it('every file of the folder is served', () => {
    assert.deepEqual(texts.map(({ name }) => name).toSorted(), Object.keys(pageFiles).toSorted())
  })

  it('makes nothing of texts but texts, and asks no other host', () => {
    for (const { name, text } of texts) {
      assert.doesNotMatch(
        text,
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|createContextualFragment/,
        name,
      )
      assert.doesNotMatch(text.replaceAll('http://www.w3.org/2000/svg', ''), /https?:\/\//, name)
    }
  })

  it('has a policy of its own, and nothing inline', () => {
    const page = texts.find(({ name }) => name === 'index.html')?.text ?? ''
    assert.match(page, /http-equiv="Content-Security-Policy"\s+content="default-src 'none'; script-src 'self'; style-src 'self'/)
    assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/)
  })

  it('is small', () => {
    assert.ok(texts.reduce((sum, { text }) => sum + gzipSync(text).length, 0) < 60_000)
  })
})

/** The page's own modules, loaded by name: they are plain JavaScript. */
async function load(name: string): Promise<Record<string, (...values: unknown[]) => unknown>> {
  return import(`./page/${name}`)
}

describe("the page's modules", () => {
  it('find the API beside the page', async () => {
    const { apiRoot } = await load('connection.js')
    const cases: [string, string, string][] = [
      ['/', '', '/api/'],
      ['/dashboard', '', '/api/'],
      ['/dashboard/', '', '/api/'],
      ['/base/dashboard/', '', '/base/api/'],
      ['/pre/base/dashboard/', '', '/pre/base/api/'],
      ['/dashboard/', '/base', '/base/api/'],
    ]
    for (const [path, base, root] of cases) assert.equal(apiRoot?.(path, base), root, path)
  })

  it('read the routes that they write', async () => {
    const { linkTo, parseRoute } = await load('route.js')
    for (const name of ['a@file', 'a/b?c#d@docker', '<img>@file', 'ünï@x', '%41', '..']) {
      const route = parseRoute?.(linkTo?.('routers', 'http', name))
      assert.deepEqual(route, { view: 'details', protocol: 'http', kind: 'routers', name, query: {} })
    }
    const cases: [string, unknown][] = [
      ['', { view: 'overview', query: {} }],
      ['#/', { view: 'overview', query: {} }],
      ['#/tcp/services?search=a%26b', { view: 'list', protocol: 'tcp', kind: 'services', query: { search: 'a&b' } }],
      ['#/certificates/ff', { view: 'details', kind: 'certificates', name: 'ff', query: {} }],
      ['#/udp/middlewares', { view: 'missing', query: {} }],
      ['#/constructor/name', { view: 'missing', query: {} }],
    ]
    for (const [hash, route] of cases) assert.deepEqual(parseRoute?.(hash), route, hash)
  })

  it('lose nothing of a rule when they cut it into pieces', async () => {
    const { rulePieces } = await load('format.js')
    for (const rule of ['Host(`a`) && !(PathPrefix(`/b`) || Query(`c`, "d\\"e"))', 'Host(`open', 'ünï & | ` "', '', 'a😀b']) {
      const pieces = rulePieces?.(rule) as { piece: string }[]
      assert.equal(pieces.map(({ piece }) => piece).join(''), rule)
    }
  })
})
