import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Answer,
  checkMiddleware,
  fieldsOf,
  MiddlewareRig,
  type RigSetup,
  targetOf,
  valuesOf,
} from '../../../../../test/support/middleware-rig.ts'

describe('redirectRegex', () => {
  const table: readonly {
    readonly regex: string
    readonly replacement: string
    readonly permanent?: boolean
    readonly request: string
    readonly status: number
    readonly location?: string
    readonly body?: string
  }[] = [
    {
      regex: '^https?://www\\.local/(.*)',
      replacement: 'https://bare.local/${1}',
      request: 'GET /x/y?q=1&r=%20\nHost: www.local',
      status: 302,
      location: 'https://bare.local/x/y?q=1&r=%20',
      body: 'Found',
    },
    {
      regex: '^http://p\\.local:(\\d+)/(.*)',
      replacement: 'http://p.local:9${1}9/$2',
      request: 'GET /x\nHost: p.local:81',
      status: 302,
      location: 'http://p.local:9819/x',
    },
    {
      regex: '^http://p\\.local/',
      replacement: 'http://new.local/',
      permanent: true,
      request: 'GET /x\nHost: p.local',
      status: 301,
      location: 'http://new.local/x',
      body: 'Moved Permanently',
    },
    {
      regex: '^http://p\\.local/',
      replacement: 'http://new.local/',
      permanent: true,
      request: 'POST /x\nHost: p.local',
      status: 308,
      location: 'http://new.local/x',
      body: 'Permanent Redirect',
    },
    {
      regex: '^http://p\\.local/',
      replacement: 'http://new.local/',
      request: 'PUT /x\nHost: p.local',
      status: 307,
      location: 'http://new.local/x',
      body: 'Temporary Redirect',
    },
    {
      regex: '^http://[^/]+/(?P<a>\\w+)-(?P<b>\\w+)',
      replacement: 'http://n.local/${b}/${a}',
      request: 'GET /foo-bar/rest?x=1',
      status: 302,
      location: 'http://n.local/bar/foo/rest?x=1',
    },
    { regex: 'a', replacement: 'b', request: 'GET /xax?y=a\nHost: all.local', status: 302, location: 'http://bll.locbl/xbx?y=b' },
    { regex: '^(.*)$', replacement: '$1', request: 'GET /x%2Fy%20z?q=%2F', status: 200 },
    { regex: '^https://', replacement: 'http://', request: 'GET /x\nX-Forwarded-Proto: https', status: 200 },
    {
      regex: '^http://a\\.local/',
      replacement: 'http://new.local/a b/é',
      request: 'GET /',
      status: 302,
      location: 'http://new.local/a%20b/%C3%A9',
    },
    {
      regex: '^http://a\\.local/(\\w+)$',
      replacement: 'http://new.local/#/$1?x=1',
      request: 'GET /p',
      status: 302,
      location: 'http://new.local/#/p?x=1',
    },
    { regex: '^http://a\\.local/', replacement: 'http://[::1/', request: 'GET /', status: 502, body: 'Bad Gateway' },
    { regex: ' ^http://a\\.local/', replacement: 'http://new.local/', request: 'GET /', status: 200 },
    { regex: '^http://tolower\\.local/', replacement: 'http://hit.local/', request: 'GET /\nHost: ToLower.local', status: 200 },
  ]
  for (const { regex, replacement, permanent, request, status, location, body } of table) {
    it(`${regex} for ${JSON.stringify(request)}`, async (t) => {
      const rig = await MiddlewareRig.start({ middlewares: [{ redirectRegex: { regex, replacement, permanent: permanent ?? false } }] })
      t.after(() => rig.close())
      const answer = await rig.ask(request)
      assert.equal(answer.status, status)
      assert.deepEqual(valuesOf(answer, 'location'), location === undefined ? [] : [location])
      if (body !== undefined) assert.equal(answer.body, body)
      if (location !== undefined) assert.deepEqual(fieldsOf(answer), [`location: ${location}`])
    })
  }

  it('sees the path as middlewares in front left it', async (t) => {
    const rig = await MiddlewareRig.start({
      middlewares: [{ stripPrefix: { prefixes: ['/api'] } }, { redirectRegex: { regex: '/old', replacement: '/new' } }],
    })
    t.after(() => rig.close())
    assert.deepEqual(valuesOf(await rig.ask('GET /api/old'), 'location'), ['http://a.local/new'])
    assert.equal(targetOf(await rig.ask('GET /api/x')), '/x')
  })

  it('shows semicolons as the client wrote them, until a middleware rewrites the URL', async (t) => {
    const redirect = { redirectRegex: { regex: '^http://a\\.local/x', replacement: 'http://new.local/x' } }
    const ask = async (setup: RigSetup, target: string): Promise<Answer> => {
      const rig = await MiddlewareRig.start({ middlewares: [redirect], ...setup })
      t.after(() => rig.close())
      return rig.ask(`GET ${target}`)
    }
    const location = async (setup: RigSetup, target: string): Promise<string[]> => valuesOf(await ask(setup, target), 'location')
    assert.deepEqual(await location({}, '/x?a=1;b=2;'), ['http://new.local/x?a=1;b=2;'])
    assert.equal(targetOf(await ask({}, '/y?a=1;b=2;')), '/y?a=1&b=2&')
    const encodes = { http: { encodeQuerySemicolons: true } }
    assert.deepEqual(await location({ entryPoint: encodes }, '/x?a=1;b=2'), ['http://new.local/x?a=1%3Bb=2'])
    const strips = { middlewares: [{ stripPrefix: { prefixes: ['/api'] } }, redirect] }
    assert.deepEqual(await location(strips, '/api/x?a=1;b=2'), ['http://new.local/x?a=1&b=2'])
    assert.deepEqual(await location(strips, '/x?a=1;b=2'), ['http://new.local/x?a=1;b=2'])
  })

  it('needs a pattern that compiles', () => {
    assert.match(
      checkMiddleware({ redirectRegex: { regex: '*', replacement: 'x' } }).error ?? '',
      /^error parsing regexp: missing argument to repetition operator/,
    )
  })
})
