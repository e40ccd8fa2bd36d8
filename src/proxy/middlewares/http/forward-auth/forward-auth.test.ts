import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { MiddlewareRig, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import type { CollectedAnswer } from '../../../http/collected-answer.ts'
import { HeaderList } from '../../../http/header-list.ts'
import type { OutboundRequest } from '../../../http/outbound.ts'

/** An authentication server that answers as it is told, and notes what it was asked. */
class AuthServer {
  readonly asked: OutboundRequest[] = []
  readonly #status: number
  readonly #fields: readonly (readonly [string, string])[]

  constructor(status: number, fields: readonly (readonly [string, string])[] = []) {
    this.#status = status
    this.#fields = fields
  }

  readonly call = (request: OutboundRequest): Promise<CollectedAnswer> => {
    this.asked.push(request)
    const headers = new HeaderList()
    for (const [name, value] of this.#fields) headers.add(name, value)
    return Promise.resolve({
      status: this.#status,
      headers,
      body: Buffer.from('of auth'),
      trailers: null,
      reason: this.#status === 0 ? 'connect_failed' : null,
      isTooLong: false,
    })
  }
}

async function rigFor(t: TestContext, outbound: AuthServer, options: object = {}): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({
    middlewares: [{ forwardAuth: { address: 'http://auth.local/check', ...options } }],
    context: { outbound },
  })
  t.after(() => rig.close())
  return rig
}

describe('forwardAuth', () => {
  it('lets pass what the server allows, with the fields that it is to give, and none of the client by that name', async (t) => {
    const auth = new AuthServer(200, [['X-User', 'ann']])
    const rig = await rigFor(t, auth, { authResponseHeaders: ['X-User', 'X-Role'] })
    const answer = await rig.ask('GET /a?b=1\nX-User: mallory\nX-Role: admin')
    assert.deepEqual([answer.status, valuesOf(answer.seen, 'x-user'), valuesOf(answer.seen, 'x-role')], [200, ['ann'], []])
    const [asked] = auth.asked
    assert.deepEqual([asked?.method, asked?.url, asked?.headers.get('x-forwarded-uri')], ['GET', 'http://auth.local/check', '/a?b=1'])
  })

  it('gives the client what the server answers otherwise', async (t) => {
    const auth = new AuthServer(302, [['Location', '/login']])
    const answer = await (await rigFor(t, auth)).ask('GET /a')
    assert.deepEqual(
      [answer.status, valuesOf(answer, 'location'), answer.body, answer.seen],
      [302, ['http://auth.local/login'], 'of auth', null],
    )
  })

  it('lets nobody pass while the server cannot be asked', async (t) => {
    const auth = new AuthServer(0)
    const answer = await (await rigFor(t, auth)).ask('GET /a')
    assert.deepEqual([answer.status >= 400, answer.seen], [true, null])
  })
})
