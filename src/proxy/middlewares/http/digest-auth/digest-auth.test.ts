import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { checkMiddleware, MiddlewareRig, valuesOf } from '../../../../../test/support/middleware-rig.ts'

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const secret = md5('ann:traefik:pass')

async function rigFor(t: TestContext): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({ middlewares: [{ digestAuth: { users: [`ann:traefik:${secret}`], headerField: 'X-User' } }] })
  t.after(() => rig.close())
  return rig
}

async function challenge(rig: MiddlewareRig): Promise<{ nonce: string; opaque: string }> {
  const answer = await rig.ask('GET /a')
  assert.deepEqual([answer.status, answer.seen], [401, null])
  const [field = ''] = valuesOf(answer, 'www-authenticate')
  const [, nonce = '', opaque = ''] = /nonce="([^"]+)", opaque="([^"]+)"/.exec(field) ?? []
  assert.notEqual(nonce, '', field)
  return { nonce, opaque }
}

function credentials({ nonce, opaque }: { nonce: string; opaque: string }, count: string, ha1 = secret): string {
  const response = md5(`${ha1}:${nonce}:${count}:c:auth:${md5('GET:/a')}`)
  return `Authorization: Digest username="ann", realm="traefik", nonce="${nonce}", uri="/a", qop=auth, nc=${count}, cnonce="c", response="${response}", opaque="${opaque}", algorithm="MD5"`
}

describe('digestAuth', () => {
  it('lets pass who knows the password, and says who it is', async (t) => {
    const rig = await rigFor(t)
    const answer = await rig.ask(`GET /a\n${credentials(await challenge(rig), '00000001')}`)
    assert.deepEqual([answer.status, valuesOf(answer.seen, 'x-user')], [200, ['ann']])
  })

  it('takes no credentials twice', async (t) => {
    const rig = await rigFor(t)
    const given = credentials(await challenge(rig), '00000001')
    assert.equal((await rig.ask(`GET /a\n${given}`)).status, 200)
    assert.equal((await rig.ask(`GET /a\n${given}`)).status, 401)
  })

  it('refuses others', async (t) => {
    const rig = await rigFor(t)
    const asked = await challenge(rig)
    for (const field of [
      credentials(asked, '00000001', md5('ann:traefik:wrong')),
      credentials({ ...asked, nonce: 'made-up' }, '00000001'),
      'Authorization: Digest ,,,=,',
      'Authorization: Basic YW5uOnBhc3M=',
    ])
      assert.equal((await rig.ask(`GET /a\n${field}`)).status, 401, field)
  })

  it('says what is wrong with its options', () => {
    assert.notEqual(checkMiddleware({ digestAuth: { users: ['ann:pass'] } }).error, undefined)
  })
})
