import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { checkMiddleware, fieldsOf, MiddlewareRig, targetOf, valuesOf } from '../../../../../test/support/middleware-rig.ts'

const digest = createHash('sha256').update('hashed').digest('hex')
const keys = ['ann:secret:with:colons', `bob:{SHA256}${digest.toUpperCase()}`, 'umlaut:schlüssel']

async function rigFor(t: TestContext, options: object): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({ middlewares: [{ apiKey: { keys, ...options } }] })
  t.after(() => rig.close())
  return rig
}

describe('apiKey', () => {
  const places = { query: 'key', cookie: 'k' }
  const table: readonly { readonly request: string; readonly name: string | null; readonly options?: object }[] = [
    { request: 'GET /\nX-Api-Key: secret:with:colons', name: 'ann' },
    { request: 'GET /\nx-api-key: hashed', name: 'bob' },
    { request: 'GET /\nX-Api-Key: schl\u00c3\u00bcssel', name: 'umlaut' },
    { request: `GET /\nX-Api-Key: ${digest}`, name: null },
    { request: `GET /\nX-Api-Key: {SHA256}${digest}`, name: null },
    { request: 'GET /\nX-Api-Key: Hashed', name: null },
    { request: 'GET /\nX-Api-Key: ', name: null },
    { request: 'GET /', name: null },
    { request: 'GET /\nX-Api-Key: hashed\nX-Api-Key: hashed', name: null },
    { request: 'GET /?key=hashed', name: null },
    { request: 'GET /?a=b&k%65y=h%61shed', name: 'bob', options: places },
    { request: 'GET /\nCookie: a=b; k=hashed', name: 'bob', options: places },
    { request: 'GET /\nAuthorization: bearer hashed', name: 'bob', options: { header: 'Authorization', scheme: 'Bearer' } },
    { request: 'GET /\nAuthorization: hashed', name: null, options: { header: 'Authorization', scheme: 'Bearer' } },
  ]
  for (const { request, name, options = {} } of table) {
    it(`takes ${JSON.stringify(request)} for ${name}`, async (t) => {
      const rig = await rigFor(t, options)
      const answer = await rig.ask(request)
      assert.deepEqual([answer.status, answer.exchange?.username], name === null ? [401, ''] : [200, name])
      if (name !== null) return
      assert.equal(answer.seen, null)
      assert.match(valuesOf(answer, 'www-authenticate')[0] ?? '', /^(ApiKey|Bearer) realm="traefik"$/)
      assert.equal(fieldsOf(answer).includes('content-type: text/plain'), true)
    })
  }

  it('R17 tells the name in place of what the client sent, and takes the key off everywhere', async (t) => {
    const rig = await rigFor(t, { ...places, removeKey: true, headerField: 'X-Client' })
    const answer = await rig.ask('GET /p?key=x&a=1\nX-Api-Key: hashed\nX-Client: root\nx_client: root\nCookie: k=1; z=2')
    assert.deepEqual(
      [valuesOf(answer.seen, 'x-client'), valuesOf(answer.seen, 'x_client'), valuesOf(answer.seen, 'x-api-key')],
      [['bob'], [], []],
    )
    assert.deepEqual([targetOf(answer), valuesOf(answer.seen, 'cookie')], ['/p?a=1', ['z=2']])
  })

  it('R42 lets nobody in without keys', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ apiKey: { keys: [] } }] })
    t.after(() => rig.close())
    assert.equal((await rig.ask('GET /\nX-Api-Key: ')).status, 401)
  })

  it('says what is wrong with options, and tells no secret', () => {
    for (const [options, error] of [
      [{ keys: ['canary'] }, 'keys: entry 1 is not of the form name:key'],
      [{ keys: ['a:b', 'a:canary'] }, 'keys: entry 2 has the same name as one before it'],
      [{ keys: ['a:{SHA256}canary'] }, 'keys: the digest of a is not of 64 hexadecimal digits'],
      [{ keys: ['a:b'], header: '' }, 'one of header, query and cookie must say where the key is'],
    ] as const) {
      assert.equal(checkMiddleware({ apiKey: options }).error, error)
    }
  })
})
