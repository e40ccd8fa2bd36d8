import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware, MiddlewareRig, valuesOf } from '../../../../../test/support/middleware-rig.ts'

describe('redirectScheme', () => {
  const table: readonly {
    readonly options: object
    readonly request: string
    readonly status: number
    readonly location?: string
    readonly isTls?: boolean
  }[] = [
    { options: { scheme: 'https' }, request: 'GET /x', status: 302, location: 'https://a.local/x' },
    { options: { scheme: 'https', permanent: true }, request: 'GET /x', status: 301, location: 'https://a.local/x' },
    { options: { scheme: 'https', permanent: true }, request: 'POST /x', status: 308, location: 'https://a.local/x' },
    { options: { scheme: 'https' }, request: 'GET /x\nHost: a.local:8080', status: 302, location: 'https://a.local/x' },
    { options: { scheme: 'https' }, request: 'GET /a%2Fb%20c/?x=%2F+y', status: 302, location: 'https://a.local/a%2Fb%20c/?x=%2F+y' },
    { options: { scheme: 'https' }, request: 'GET /x?a;b', status: 302, location: 'https://a.local/x?a;b' },
    { options: { scheme: 'https', port: '8443' }, request: 'GET /x\nHost: a.local:81', status: 302, location: 'https://a.local:8443/x' },
    { options: { scheme: 'https', port: '443' }, request: 'GET /x\nHost: a.local:81', status: 302, location: 'https://a.local/x' },
    { options: { scheme: 'https' }, request: 'GET /x\nX-Forwarded-Proto: https', status: 200 },
    { options: { scheme: 'https' }, request: 'GET /x\nX-Forwarded-Proto: WSS', status: 200 },
    { options: { scheme: 'https' }, request: 'GET /x\nX-Forwarded-Proto: odd', status: 302, location: 'https://a.local/x' },
    {
      options: { scheme: 'https' },
      request: 'GET /x\nX-Forwarded-Proto: https\nHost: a.local:8443',
      status: 302,
      location: 'https://a.local/x',
    },
    { options: { scheme: 'https' }, request: 'GET /x\nX-Forwarded-Proto: https\nHost: a.local:443', status: 200 },
    {
      options: { scheme: 'https' },
      request: 'GET /ws\nConnection: Upgrade\nUpgrade: websocket',
      status: 302,
      location: 'https://a.local/ws',
    },
    { options: { scheme: 'https' }, request: 'GET /x', isTls: true, status: 200 },
    { options: { scheme: 'http' }, request: 'GET /x', isTls: true, status: 302, location: 'http://a.local/x' },
    { options: { scheme: 'http' }, request: 'GET /x\nHost: a.local:80', status: 200 },
    { options: { scheme: 'ftp', port: '21' }, request: 'GET /x', status: 302, location: 'ftp://a.local:21/x' },
    { options: { scheme: 'HTTPS' }, request: 'GET /x', isTls: true, status: 302, location: 'https://a.local/x' },
    { options: { scheme: 'https', port: 'abc' }, request: 'GET /x', status: 502 },
    { options: { scheme: 'https' }, request: 'GET /x\nHost: [::1]', status: 302, location: 'https://[::1]/x' },
    { options: { scheme: 'https' }, request: 'GET /x\nHost: [::1]:81', status: 502 },
    { options: { scheme: 'https' }, request: 'GET /x\nHost: a.local:', status: 302, location: 'https://a.local:/x' },
  ]
  for (const { options, request, status, location, isTls } of table) {
    it(`${JSON.stringify(options)} for ${JSON.stringify(request)}${isTls === true ? ' over TLS' : ''}`, async (t) => {
      const rig = await MiddlewareRig.start({
        isTls: isTls ?? false,
        entryPoint: { forwardedHeaders: { insecure: true } },
        middlewares: [{ redirectScheme: options }],
      })
      t.after(() => rig.close())
      const answer = await rig.ask(request)
      assert.deepEqual([answer.status, valuesOf(answer, 'location')], [status, location === undefined ? [] : [location]])
      if (status === 502) assert.equal(answer.body, 'Bad Gateway')
    })
  }

  it('R15 redirects to no other host, whatever the target says', async (t) => {
    const rig = await MiddlewareRig.start({
      entryPoint: { http: { sanitizePath: false } },
      middlewares: [{ redirectScheme: { scheme: 'https' } }],
    })
    t.after(() => rig.close())
    for (const target of ['//evil.local/x', '/\\\\evil.local', '/%2F%2Fevil.local', 'http://a.local//evil.local', '/@evil.local']) {
      const [location = ''] = valuesOf(await rig.ask(`GET ${target}`), 'location')
      assert.match(location, /^https:\/\/a\.local\//, target)
    }
  })

  it('needs a scheme', () => {
    assert.equal(checkMiddleware({ redirectScheme: { port: '1' } }).error, 'you must provide a target scheme')
  })
})
