import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkMiddleware } from '../../../../../test/support/middleware-rig.ts'
import { testExchange } from '../../../../../test/support/upstream-rig.ts'
import type { ForwardAuthOptions } from '../../../../config/routing/middlewares/forward-auth.ts'
import type { CollectedAnswer } from '../../../http/collected-answer.ts'
import { HeaderList } from '../../../http/header-list.ts'
import { AuthAnswers } from './auth-answer.ts'

type Fields = readonly (readonly [string, string])[]

function answersOf(options: object): AuthAnswers {
  const checked = checkMiddleware({ forwardAuth: { address: 'http://auth.local/deep/check', ...options } })
  assert.equal(checked.error, undefined)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- decoded by the schema of this type.
  return new AuthAnswers(checked.options as ForwardAuthOptions)
}

function answerOf(status: number, fields: Fields): CollectedAnswer {
  const headers = new HeaderList()
  for (const [name, value] of fields) headers.add(name, value)
  return { status, headers, body: Buffer.from('why'), trailers: null, reason: null, isTooLong: false }
}

describe('what the authentication server vouches for', () => {
  const table: readonly {
    readonly what: string
    readonly options: object
    readonly sent: Fields
    readonly told: Fields
    readonly passed: Fields
  }[] = [
    {
      what: 'R17 replaces what the client sent in every spelling',
      options: { authResponseHeaders: ['X-User'] },
      sent: [
        ['x-user', 'eve'],
        ['X_User', 'eve'],
        ['X.USER', 'eve'],
        ['X-Users', 'kept'],
      ],
      told: [
        ['X-User', 'ann'],
        ['x-user', 'bob'],
        ['X-Other', 'no'],
      ],
      passed: [
        ['X-Users', 'kept'],
        ['X-User', 'ann'],
        ['X-User', 'bob'],
      ],
    },
    {
      what: 'R17 is taken off the request where it says nothing',
      options: { authResponseHeaders: ['X-User', 'X-Role'], authResponseHeadersRegex: '^X-Id-' },
      sent: [
        ['X-User', 'eve'],
        ['x_role', 'admin'],
        ['X-Id-A', '1'],
        ['x_id_b', '2'],
      ],
      told: [],
      passed: [],
    },
    {
      what: 'is matched without case',
      options: { authResponseHeadersRegex: '^x-user-' },
      sent: [
        ['X-User-Id', '0'],
        ['Y', '1'],
      ],
      told: [
        ['X-User-Id', '7'],
        ['X-USER-NAME', 'ann'],
        ['Z', '1'],
      ],
      passed: [
        ['Y', '1'],
        ['X-User-Id', '7'],
        ['X-USER-NAME', 'ann'],
      ],
    },
    {
      what: 'never is a field of the connection, whatever the pattern',
      options: { authResponseHeadersRegex: '.*' },
      sent: [['Y', '1']],
      told: [
        ['Transfer-Encoding', 'chunked'],
        ['Connection', 'close'],
        ['Content-Length', '3'],
        ['X', '1'],
      ],
      passed: [['X', '1']],
    },
  ]
  for (const { what, options, sent, told, passed } of table) {
    it(what, () => {
      const { exchange } = testExchange({ headers: sent })
      answersOf(options).apply(exchange, answerOf(200, told))
      assert.deepEqual([...exchange.headers], passed)
    })
  }

  it('are cookies in the place of those of the same names only', () => {
    const { exchange, sink } = testExchange()
    answersOf({ addAuthCookiesToResponse: ['sid', 'never'] }).apply(
      exchange,
      answerOf(200, [
        ['Set-Cookie', 'sid=new; Path=/'],
        ['Set-Cookie', 'hidden=1'],
      ]),
    )
    for (const line of ['sid=old', 'never=1', 'app=1; HttpOnly']) exchange.responseHeaders.add('Set-Cookie', line)
    exchange.status = 200
    exchange.startResponse()
    const cookies = sink.headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value)
    assert.deepEqual(cookies, ['never=1', 'app=1; HttpOnly', 'sid=new; Path=/'])
  })
})

describe('a refusal of the authentication server', () => {
  const table: readonly { readonly location: string; readonly options?: object; readonly shown: string | null }[] = [
    { location: '/login?x=1', shown: 'http://auth.local/login?x=1' },
    { location: 'login', shown: 'http://auth.local/deep/login' },
    { location: 'https://login.example.com/?a=%2F', shown: 'https://login.example.com/?a=%2F' },
    { location: '/login?x=1', options: { preserveLocationHeader: true }, shown: '/login?x=1' },
    { location: 'http://[::1', shown: null },
  ]
  for (const { location, options = {}, shown } of table) {
    it(`to ${location} shows ${shown}${'preserveLocationHeader' in options ? ' as it is' : ''}`, () => {
      const { exchange, sink } = testExchange()
      answersOf(options).refuse(
        exchange,
        answerOf(302, [
          ['Location', location],
          ['Connection', 'close'],
          ['X-Why', '1'],
        ]),
      )
      assert.deepEqual([sink.status, sink.header('location')], shown === null ? [500, undefined] : [302, shown])
      assert.deepEqual(
        [sink.header('x-why'), sink.header('connection'), sink.body],
        shown === null ? [undefined, undefined, ''] : ['1', undefined, 'why'],
      )
    })
  }
})
