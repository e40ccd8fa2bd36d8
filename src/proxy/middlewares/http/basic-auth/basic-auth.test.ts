import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { testMiddlewareContext } from '../../../../../test/support/middleware-context.ts'
import { checkMiddleware, fieldsOf, MiddlewareRig, type RigSetup, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import { testExchange } from '../../../../../test/support/upstream-rig.ts'
import type { PasswordChecker } from '../../../http/middleware.ts'
import { verifyPassword } from '../../../passwords/verify.ts'
import { basicAuth } from './basic-auth.ts'
import { readCredentials } from './credentials.ts'

const alice = 'alice:$2y$05$abcdefghijklmnopqrstuuhAIWwBMWjprsA2yeY4Tpg9JlT21zuxy'
const carol = 'carol:{SHA}wJolZes+VR0LM7P1ERt/0LkCY/Q='
const uml = 'uml:{SHA}I7dElEdfX4dJgLdnbVEeI9iG2mQ='

function basic(credentials: string): string {
  return `Authorization: Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`
}

async function rigFor(t: TestContext, options: object, setup: RigSetup = {}): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({ middlewares: [{ basicAuth: options }], ...setup })
  t.after(() => rig.close())
  return rig
}

describe('basicAuth', () => {
  const users = [alice, carol, uml, 'blank:', 'plain:secret']
  const table: readonly { readonly request: string; readonly status: number; readonly username: string | null }[] = [
    { request: `GET /\n${basic('alice:bananas')}`, status: 200, username: 'alice' },
    { request: `GET /\n${basic('carol:dates')}`, status: 200, username: 'carol' },
    { request: `GET /\n${basic('uml:pässword')}`, status: 200, username: 'uml' },
    { request: `GET /\n${basic('carol:dates').replace('Basic', 'bAsIc')}`, status: 200, username: 'carol' },
    { request: `GET /\n${basic('carol:dates')}\n${basic('x:y')}`, status: 200, username: 'carol' },
    { request: `GET /\n${basic('x:y')}\n${basic('carol:dates')}`, status: 401, username: 'x' },
    { request: `GET /\n${basic('alice:apples')}`, status: 401, username: 'alice' },
    { request: `GET /\n${basic('Alice:bananas')}`, status: 401, username: 'Alice' },
    { request: `GET /\n${basic('mallory:bananas')}`, status: 401, username: 'mallory' },
    { request: `GET /\n${basic('blank:')}`, status: 401, username: 'blank' },
    { request: `GET /\n${basic('plain:secret')}`, status: 401, username: 'plain' },
    { request: `GET /\n${basic('carol')}`, status: 401, username: '' },
    { request: 'GET /\nAuthorization: Bearer Y2Fyb2w6ZGF0ZXM=', status: 401, username: '' },
    { request: 'GET /\nAuthorization: Basic Y2Fyb2w6ZGF0ZXM', status: 401, username: '' },
    { request: 'GET /\nAuthorization: Basic', status: 401, username: '' },
    { request: 'GET /', status: 401, username: '' },
    { request: 'HEAD /', status: 401, username: '' },
    { request: 'OPTIONS /\nOrigin: https://x\nAccess-Control-Request-Method: GET', status: 401, username: '' },
  ]
  for (const { request, status, username } of table) {
    it(`answers ${status} to ${JSON.stringify(request)}`, async (t) => {
      const rig = await rigFor(t, { users })
      const answer = await rig.ask(request)
      assert.deepEqual([answer.status, answer.exchange?.username], [status, username])
      assert.equal(answer.seen === null, status === 401)
      if (status === 200) return
      assert.deepEqual(fieldsOf(answer), ['content-type: text/plain', 'www-authenticate: Basic realm="traefik"'])
      assert.equal(answer.body, request.startsWith('HEAD') ? '' : '401 Unauthorized\n')
      assert.equal(answer.exchange?.reason, 'unauthorized')
    })
  }

  it('names the realm, quoted as RFC 9110 asks', async (t) => {
    for (const [realm, shown] of [
      ['Staff area', 'Basic realm="Staff area"'],
      ['The "inner" c\\rcle', 'Basic realm="The \\"inner\\" c\\\\rcle"'],
      ['a\r\nX-Evil: 1', 'Basic realm="a  X-Evil: 1"'],
    ] as const) {
      const rig = await rigFor(t, { users: [carol], realm })
      const answer = await rig.ask('GET /')
      assert.deepEqual([valuesOf(answer, 'www-authenticate'), valuesOf(answer, 'x-evil')], [[shown], []])
    }
  })

  it('R17 passes the name on in place of what the client sent, in every spelling', async (t) => {
    for (const headerField of ['X-Auth-User', 'x-auth-user']) {
      const rig = await rigFor(t, { users: [carol], headerField })
      const answer = await rig.ask(
        `GET /\n${basic('carol:dates')}\nX-Auth-User: root\nx_auth_user: root\nX.Auth.User: root\nX-AUTH_USER: root`,
      )
      const found = (answer.seen?.fields ?? []).filter(([name]) => /^x.auth.user$/.test(name))
      assert.deepEqual(found, [['x-auth-user', 'carol']])
    }
  })

  it('takes the credentials off when asked to', async (t) => {
    const kept = await rigFor(t, { users: [carol] })
    assert.equal(valuesOf((await kept.ask(`GET /\n${basic('carol:dates')}`)).seen, 'authorization').length, 1)
    const removed = await rigFor(t, { users: [carol], removeHeader: true })
    assert.deepEqual(valuesOf((await removed.ask(`GET /\n${basic('carol:dates')}\nAuthorization: other`)).seen, 'authorization'), [])
  })

  it('lets the last of two entries for a name win', async (t) => {
    const rig = await rigFor(t, { users: ['carol:{SHA}wrong', carol] })
    assert.equal((await rig.ask(`GET /\n${basic('carol:dates')}`)).status, 200)
  })
})

describe('basicAuth and the checker', () => {
  it('R41 an unknown user costs what a wrong password costs', async (t) => {
    const asked: string[] = []
    const passwords: PasswordChecker = {
      check: (password, hash) => {
        asked.push(hash)
        return verifyPassword(password, hash)
      },
    }
    const rig = await rigFor(t, { users: [alice] }, { passwords })
    for (const credentials of ['alice:wrong', 'mallory:wrong', 'mallory:bananas', ':'])
      assert.equal((await rig.ask(`GET /\n${basic(credentials)}`)).status, 401)
    assert.deepEqual(
      asked,
      Array.from({ length: 4 }, () => alice.slice('alice:'.length)),
    )
  })

  it('R41 of several users the same one stands in for the same unknown name', async (t) => {
    const asked: string[] = []
    const passwords: PasswordChecker = {
      check: (_password, hash) => {
        asked.push(hash)
        return false
      },
    }
    const users = Array.from({ length: 16 }, (_, index) => `user${index}:{SHA}${index}`)
    const rig = await rigFor(t, { users }, { passwords })
    for (const name of ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']) await rig.ask(`GET /\n${basic(`${name}:x`)}`)
    assert.deepEqual(asked.slice(4), asked.slice(0, 4))
    assert.ok(new Set(asked).size > 1)
  })

  it('R42 a check that fails lets nobody in', async (t) => {
    const rig = await rigFor(t, { users: [carol] }, { passwords: { check: () => Promise.reject(new Error('full')) } })
    const answer = await rig.ask(`GET /\n${basic('carol:dates')}`)
    assert.deepEqual([answer.status, answer.seen, answer.exchange?.reason], [503, null, 'auth_busy'])
  })

  it('waits for a check without holding up others', async (t) => {
    let settle: (matches: boolean) => void = () => {}
    const waiting = new Promise<boolean>((resolve) => (settle = resolve))
    const passwords: PasswordChecker = { check: (password) => (password === 'slow' ? waiting : true) }
    const rig = await rigFor(t, { users: [carol] }, { passwords })
    const slow = rig.ask(`GET /slow\n${basic('carol:slow')}`)
    assert.equal((await rig.ask(`GET /fast\n${basic('carol:fast')}`)).status, 200)
    settle(true)
    assert.equal((await slow).status, 200)
  })
})

describe('basicAuth and clients that leave', () => {
  it('passes nothing on for them', async () => {
    const { options } = checkMiddleware({ basicAuth: { users: [carol] } })
    let settle: (matches: boolean) => void = () => {}
    const passwords: PasswordChecker = { check: () => new Promise((resolve) => (settle = resolve)) }
    const middleware = basicAuth.create(options, testMiddlewareContext({ passwords }))
    let passed = 0
    const handler = middleware(() => {
      passed += 1
    })
    const { exchange } = testExchange({ headers: [['Authorization', basic('carol:dates').slice('Authorization: '.length)]] })
    const handled = handler(exchange)
    exchange.abort('client_gone')
    settle(true)
    await handled
    assert.deepEqual([passed, exchange.status], [0, 0])
  })
})

describe('credentials', () => {
  it('are read as Go reads them', () => {
    const table: readonly (readonly [string, string | null])[] = [
      ['Basic YTpi', 'a|b'],
      ['BASIC YTpi', 'a|b'],
      ['Basic YTo=', 'a|'],
      ['Basic Og==', '|'],
      ['Basic YTpiOmM=', 'a|b:c'],
      ['Basic w6Q6w7Y=', '\u00c3\u00a4|\u00c3\u00b6'],
      ['Basic YTpi ', null],
      ['Basic  YTpi', null],
      ['Basic YTp-', null],
      ['Basic YTp', null],
      ['Basic YWI=', null],
      ['Basic ', null],
      ['Basic', null],
      ['', null],
    ]
    for (const [value, expected] of table) {
      const read = readCredentials(value)
      assert.equal(read === null ? null : `${read.user}|${read.password}`, expected, value)
    }
  })
})

describe('options of basicAuth', () => {
  it('need users, and tell no secret', () => {
    assert.equal(checkMiddleware({ basicAuth: { realm: 'x' } }).error, 'no users found in ')
    assert.equal(checkMiddleware({ basicAuth: { users: [carol] } }).error, undefined)
    for (const entry of ['{SHA}canary', `${carol}:canary`]) {
      const { error } = checkMiddleware({ basicAuth: { users: [carol, entry] } })
      assert.equal(error, 'error parsing BasicUser: entry 2 is not of the form name:hash')
    }
  })
})
