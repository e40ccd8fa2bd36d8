import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware } from '../../../../../test/support/middleware-rig.ts'
import { ManualClock, testExchange } from '../../../../../test/support/upstream-rig.ts'
import type { ForwardAuthOptions } from '../../../../config/routing/middlewares/forward-auth.ts'
import type { CollectedAnswer } from '../../../http/collected-answer.ts'
import { HeaderList } from '../../../http/header-list.ts'
import { CheckCache } from './check-cache.ts'

function answerOf(
  status: number,
  fields: readonly (readonly [string, string])[] = [],
  changes: Partial<CollectedAnswer> = {},
): CollectedAnswer {
  const headers = new HeaderList()
  for (const [name, value] of fields) headers.add(name, value)
  return { status, headers, body: Buffer.alloc(0), trailers: null, reason: null, isTooLong: false, ...changes }
}

function cacheOf(options: object = {}): { readonly cache: CheckCache; readonly clock: ManualClock } {
  const checked = checkMiddleware({ forwardAuth: { address: 'http://auth', cache: { ttl: '10s', ...options } } })
  assert.equal(checked.error, undefined)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- decoded by the schema of this type.
  const { cache } = checked.options as ForwardAuthOptions
  assert.ok(cache !== undefined)
  const clock = new ManualClock()
  return { cache: new CheckCache(cache, clock), clock }
}

const keyOf = (cache: CheckCache, request: Parameters<typeof testExchange>[0]): string => cache.keyOf(testExchange(request).exchange)

describe('what an answer of the authentication server depends on', () => {
  const base = { target: '/a?b=1', headers: [['Authorization', 'x']] } as const
  const others: readonly Parameters<typeof testExchange>[0][] = [
    { ...base, method: 'POST' },
    { ...base, target: '/a' },
    { ...base, target: '/a?' },
    { ...base, target: '/b?b=1' },
    { ...base, host: 'other.local' },
    { ...base, headers: [['Authorization', 'y']] },
    { ...base, headers: [] },
    {
      ...base,
      headers: [
        ['Authorization', 'x'],
        ['Authorization', ''],
      ],
    },
    {
      ...base,
      headers: [
        ['Authorization', 'x'],
        ['Cookie', 'a=1'],
      ],
    },
    { ...base, headers: [['Cookie', 'x']] },
    { ...base, client: { remoteIp: '192.0.2.9', remotePort: 1, localIp: '192.0.2.2', localPort: 80, tls: null } },
  ]
  it('is told apart, and no more', () => {
    const { cache } = cacheOf()
    const keys = new Set([keyOf(cache, base), ...others.map((other) => keyOf(cache, other))])
    assert.equal(keys.size, others.length + 1)
    assert.equal(keyOf(cache, base), keyOf(cache, { ...base, headers: [...base.headers, ['User-Agent', 'z']] }))
    const { cache: byHeader } = cacheOf({ headers: ['X-Key'], parts: ['host'] })
    assert.equal(keyOf(byHeader, base), keyOf(byHeader, { target: '/z', method: 'PUT' }))
    assert.notEqual(keyOf(byHeader, base), keyOf(byHeader, { headers: [['x-key', '1']] }))
  })
})

describe('answers of the authentication server', () => {
  it('are remembered for as long as the options say, and no longer', async () => {
    const { cache, clock } = cacheOf()
    const answer = answerOf(200)
    assert.equal(await cache.ask('k', () => Promise.resolve(answer)), answer)
    clock.advance(9_999)
    assert.equal(cache.find('k'), answer)
    clock.advance(1)
    assert.equal(cache.find('k'), null)
  })

  it('are not remembered when they are refusals, faults, too long, or give cookies', async () => {
    const table: readonly (readonly [CollectedAnswer, object, boolean])[] = [
      [answerOf(401), {}, false],
      [answerOf(401), { negativeTtl: '1s' }, true],
      [answerOf(302), { negativeTtl: '1s' }, true],
      [answerOf(429), { negativeTtl: '1s' }, false],
      [answerOf(500), { negativeTtl: '1s' }, false],
      [answerOf(200, [], { reason: 'connect_failed' }), {}, false],
      [answerOf(200, [], { isTooLong: true }), {}, false],
      [answerOf(200, [], { body: Buffer.alloc(65_537) }), {}, false],
      [answerOf(200, [['Set-Cookie', 'a=1']]), {}, false],
      [answerOf(200, [['Set-Cookie', 'a=1']]), { storeSetCookie: true }, true],
      [answerOf(200, [['Cache-Control', 'private, No-Store']]), {}, false],
      [answerOf(204), {}, true],
      [answerOf(200), { ttl: '0s' }, false],
    ]
    for (const [answer, options, isKept] of table) {
      const { cache } = cacheOf(options)
      await cache.ask('k', () => Promise.resolve(answer))
      assert.equal(cache.find('k') !== null, isKept, `${answer.status} ${JSON.stringify(options)}`)
    }
  })

  it('are asked for once by all who ask the same at one time, and again after a failure', async () => {
    const { cache } = cacheOf()
    let calls = 0
    const pending = Promise.withResolvers<CollectedAnswer>()
    const call = (): Promise<CollectedAnswer> => {
      calls += 1
      return pending.promise
    }
    const asked = [cache.ask('k', call), cache.ask('k', call), cache.ask('other', call)]
    assert.equal(calls, 2)
    pending.resolve(answerOf(503))
    assert.deepEqual(
      (await Promise.all(asked)).map(({ status }) => status),
      [503, 503, 503],
    )
    await cache.ask('k', call)
    assert.equal(calls, 3)
    await assert.rejects(
      cache.ask('broken', () => Promise.reject(new Error('no URL'))),
      /no URL/,
    )
    assert.equal((await cache.ask('broken', () => Promise.resolve(answerOf(200)))).status, 200)
  })

  it('make room for each other', async () => {
    const { cache } = cacheOf({ maxEntries: 2 })
    for (const key of ['a', 'b', 'c']) await cache.ask(key, () => Promise.resolve(answerOf(200)))
    assert.deepEqual([cache.find('a'), cache.find('b') !== null, cache.find('c') !== null], [null, true, true])
  })
})

describe('options of the cache', () => {
  it('are checked', () => {
    const { error } = checkMiddleware({ forwardAuth: { address: 'http://auth', cache: { parts: ['colour'] } } })
    assert.equal(error, 'cache.parts: colour is none of clientIP, host, method, path, query, scheme')
  })
})
