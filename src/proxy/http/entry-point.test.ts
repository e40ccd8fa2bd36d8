import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { type Answer, MiddlewareRig, type RigSetup, targetOf, testEntryPoint, valuesOf } from '../../../test/support/middleware-rig.ts'
import { testExchange } from '../../../test/support/upstream-rig.ts'
import { parseRule } from '../../rules/parser.ts'
import { buildRouteTable, type RouteEntry } from '../../rules/route-table.ts'
import { encodedCharactersRefusal } from './entry-point.ts'
import { HeaderList } from './header-list.ts'
import { looksManaged, setVouchedField } from './managed-headers.ts'

async function rigFor(t: TestContext, setup: RigSetup = {}): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start(setup)
  t.after(() => rig.close())
  return rig
}

/** Fields of the head for a server that an entry point adds or changes. */
function forwarded(answer: Answer): Record<string, string> {
  const own = /^(?:x-forwarded-|x-real-ip$|x-scheme$)/
  return Object.fromEntries((answer.seen?.fields ?? []).filter(([name]) => own.test(name)))
}

const untrusted = {
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-host': 'a.local',
  'x-forwarded-port': '80',
  'x-forwarded-proto': 'http',
  'x-forwarded-server': 'box',
  'x-real-ip': '127.0.0.1',
}

describe('path', () => {
  it('R11 is forwarded in its canonical form or refused', async (t) => {
    const rig = await rigFor(t)
    const table: readonly (readonly [string, string | null])[] = [
      ['/x/../%61dmin', '/admin'],
      ['//admin//', '/admin/'],
      ['/a{%2Fb', '/a%7B/b'],
      ['/\u00c3\u00a9', '/%C3%A9'],
      ['/a?b#c', '/a?b#c'],
      ['/a?x=1;y=2', '/a?x=1&y=2'],
      ['/a?', '/a?'],
      ['http://a.local/x/../y//z?q', '/y/z?q'],
      ['/a#b', null],
      ['/a%zz', null],
      ['/a%', null],
      ['/\u00ff\u00fe', null],
    ]
    for (const [sent, expected] of table) {
      const answer = await rig.ask(`GET ${sent}`)
      assert.equal(targetOf(answer), expected, sent)
      assert.equal(answer.status, expected === null ? 400 : 200, sent)
    }
  })

  it('stays as sent without sanitizePath, but for escapes', async (t) => {
    const rig = await rigFor(t, { entryPoint: { http: { sanitizePath: false, encodeQuerySemicolons: true } } })
    assert.equal(targetOf(await rig.ask('GET /a/../b/./c//d?x=1;y')), '/a/../b/./c//d?x=1%3By')
    assert.equal(targetOf(await rig.ask('GET /%61%2f/')), '/a%2F/')
    assert.equal((await rig.ask('GET /a#b')).status, 400)
  })

  it('OPTIONS * is answered before routing, other methods go on', async (t) => {
    const rig = await rigFor(t)
    const options = await rig.ask('OPTIONS *')
    assert.deepEqual([options.status, options.body, options.seen], [200, '', null])
    assert.equal(targetOf(await rig.ask('GET *')), '*')
  })

  it('encodedCharacters refuse what is forbidden, and nothing else', () => {
    const plan = testEntryPoint({ http: { encodedCharacters: { allowEncodedSlash: false, allowEncodedPercent: false } } })
    const refused = encodedCharactersRefusal(plan)
    assert.ok(refused !== null)
    assert.equal(encodedCharactersRefusal(testEntryPoint()), null)
    assert.equal(encodedCharactersRefusal(testEntryPoint({ http: { encodedCharacters: { allowEncodedSlash: true } } })), null)
    for (const [path, expected] of [
      ['/a', false],
      ['/a%5Cb', false],
      ['/a%20b%2Fc', true],
      ['/%25', true],
    ] as const) {
      const { exchange } = testExchange({ target: path })
      assert.equal(refused(exchange), expected, path)
      assert.deepEqual([exchange.status, exchange.reason], expected ? [400, 'bad_path'] : [0, null], path)
    }
  })
})

describe('R12 the router that matched is the one of the resource that the server serves', () => {
  const strict = {
    allowEncodedSlash: false,
    allowEncodedBackSlash: false,
    allowEncodedNullCharacter: false,
    allowEncodedSemicolon: false,
    allowEncodedPercent: false,
    allowEncodedQuestionMark: false,
    allowEncodedHash: false,
  }
  const pieces =
    '/ // . .. /../ /./ /..;/ %2e %2E%2e %2f %2F %5c %61 %252e %252F admin adm in x ; ;a=1 % %25 %00 %3b \\ { # ? Admin %41dmin'
  const piece = fc.constantFrom(...pieces.split(' '))
  const paths = fc.array(piece, { minLength: 1, maxLength: 9 }).map((parts) => `/${parts.join('')}`)

  /** How servers read a path: as RFC 3986 says, or decoding all of it once or twice before they split it. */
  const servers: readonly { readonly name: string; readonly entryPoint: object; readonly decode: (path: string) => string }[] = [
    { name: 'RFC 3986', entryPoint: {}, decode: (path) => path },
    { name: 'decodes first', entryPoint: { http: { encodedCharacters: strict } }, decode: decodeOnce },
    { name: 'decodes twice', entryPoint: { http: { encodedCharacters: strict } }, decode: (path) => decodeOnce(decodeOnce(path)) },
  ]

  function decodeOnce(path: string): string {
    return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  }

  /** The file that a server would open: dots resolved, with parameters or without, slashes merged. */
  function resource(path: string): string {
    const kept: string[] = []
    for (const segment of path.split('/')) {
      if (/^\.\.(?:;|$)/.test(segment)) kept.pop()
      else if (segment !== '' && !/^\.(?:;|$)/.test(segment)) kept.push(segment)
    }
    return `/${kept.join('/')}`
  }

  /** Rules that guard a folder in every way that a path can be matched. */
  const rules = ['PathPrefix(`/admin`)', 'Path(`/admin`) || PathPrefix(`/admin/`)', 'PathRegexp(`^/admin(/|$)`)']

  for (const server of servers) {
    it(`for generated paths and a server that ${server.name === 'RFC 3986' ? 'follows RFC 3986' : server.name}`, async (t) => {
      const refused = encodedCharactersRefusal(testEntryPoint(server.entryPoint)) ?? ((): boolean => false)
      for (const [index, rule] of rules.entries()) {
        const entry = (slot: number, text: string): RouteEntry => {
          return {
            slot,
            rule: parseRule(text, { protocol: 'http', syntax: 'v3' }),
            priority: BigInt(10 - slot),
            precedence: 0,
            name: `${slot}`,
          }
        }
        const table = buildRouteTable([entry(0, rule), entry(1, 'PathPrefix(`/`)')])
        const rig = await rigFor(t, {
          entryPoint: server.entryPoint,
          route: (exchange, forward) => {
            const slot = table.match(exchange)
            if (refused(exchange)) return undefined
            exchange.routerName = slot === 0 ? 'guarded' : 'open'
            return forward(exchange)
          },
        })
        let reached = 0
        for (const sent of fc.sample(paths, { numRuns: 250, seed: index + 1 })) {
          const answer = await rig.ask(`GET ${sent}`)
          const target = targetOf(answer)
          if (target === null) {
            assert.equal(answer.status, 400, sent)
            continue
          }
          reached += 1
          const served = resource(server.decode(target.split('?')[0] ?? ''))
          if (served === '/admin' || served.startsWith('/admin/'))
            assert.equal(answer.exchange?.routerName, 'guarded', `${sent} as ${target} by ${rule}`)
        }
        assert.ok(reached > 25, `${reached} paths reached the server`)
      }
    })
  }

  it('and with every rewriting middleware what a server that cleans paths would read otherwise is refused', async (t) => {
    const middlewares: readonly Readonly<Record<string, unknown>>[] = [
      { stripPrefix: { prefixes: ['/x', '/admin'] } },
      { stripPrefixRegex: { regex: ['^/[a-z]+'] } },
      { replacePathRegex: { regex: '^/[a-z]+(.*)$', replacement: '/$1' } },
      { replacePathRegex: { regex: '%2F', replacement: '/' } },
    ]
    for (const middleware of middlewares) {
      const rig = await rigFor(t, { middlewares: [middleware] })
      for (const sent of fc.sample(paths, { numRuns: 250, seed: 13 })) {
        const answer = await rig.ask(`GET ${sent}`)
        const target = targetOf(answer)?.split('?')[0]
        if (target === undefined) assert.equal(answer.status, 400, sent)
        else assert.doesNotMatch(target, /\/\/|\/\.\.?(?:[/;]|$)|[^!-~]/, `${sent} with ${JSON.stringify(middleware)}`)
      }
    }
  })
})

describe('forwarded headers', () => {
  const forged = [
    'X-Forwarded-For: 1.1.1.1',
    'X-Forwarded-Host: evil',
    'X-Forwarded-Port: 1',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Prefix: /p',
    'X-Real-Ip: 2.2.2.2',
    'X-Scheme: https',
    'X-Forwarded-Tls-Client-Cert: x',
  ]

  it('R17 of an untrusted client are dropped in every spelling', async (t) => {
    const rig = await rigFor(t)
    const spellings = (field: string): string[] => [
      field,
      field.toUpperCase(),
      field.toLowerCase(),
      field.replace(/-/g, '_'),
      field.replace('-', '_'),
      field.replace(/-/g, '.'),
    ]
    for (const field of forged) {
      for (const spelling of spellings(field)) {
        const answer = await rig.ask(`GET /\n${spelling}\n${spelling}\nX-Forwarded-User: joe\nX_Other: 1`)
        assert.deepEqual(forwarded(answer), { ...untrusted, 'x-forwarded-user': 'joe' }, spelling)
        const names = (answer.seen?.fields ?? []).map(([name]) => name).filter((name) => /[_.]/.test(name))
        assert.deepEqual(names, ['x_other'], spelling)
      }
    }
  })

  it('R17 a field that Tidegate vouches for replaces every spelling', () => {
    const headers = new HeaderList()
    for (const name of ['X-Auth-User', 'x_auth_user', 'X.Auth.User', 'X-Auth-Users']) headers.add(name, 'root')
    setVouchedField(headers, 'X-Auth-User', 'joe')
    assert.deepEqual(
      [...headers],
      [
        ['X-Auth-Users', 'root'],
        ['X-Auth-User', 'joe'],
      ],
    )
    assert.ok(looksManaged('x_forwarded.proto') && !looksManaged('x-forwarded-user') && !looksManaged('x-forwarded'))
  })

  it('of a trusted client stay, and what is missing or empty is filled in', async (t) => {
    const rig = await rigFor(t, { entryPoint: { forwardedHeaders: { trustedIPs: ['127.0.0.0/8'] } } })
    const answer = await rig.ask(
      'GET /\nX-Forwarded-For: 1.1.1.1\nX-Forwarded-For: 2.2.2.2\nX-Forwarded-Proto: https\nX-Forwarded-Prefix: /p\nX-Real-Ip:\nX_Forwarded_Port: 1',
    )
    assert.deepEqual(forwarded(answer), {
      ...untrusted,
      'x-forwarded-for': '1.1.1.1, 2.2.2.2, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-forwarded-prefix': '/p',
    })
    assert.deepEqual(valuesOf(answer.seen, 'x_forwarded_port'), ['1'])
  })

  it('of a client that is not listed are dropped', async (t) => {
    const rig = await rigFor(t, { entryPoint: { forwardedHeaders: { trustedIPs: ['10.0.0.0/8', '127.0.0.2'] } } })
    assert.deepEqual(forwarded(await rig.ask(`GET /\n${forged.join('\n')}`)), untrusted)
  })

  it('follow host, TLS, WebSocket and options', async (t) => {
    const plain = await rigFor(t)
    const secure = await rigFor(t, { isTls: true, entryPoint: { forwardedHeaders: { addXForwardedSchemeHeaders: true } } })
    const hidden = await rigFor(t, { entryPoint: { forwardedHeaders: { insecure: true, notAppendXForwardedFor: true } } })
    const table: readonly (readonly [MiddlewareRig, string, Record<string, string>])[] = [
      [plain, 'GET /\nHost: A.local:8080', { ...untrusted, 'x-forwarded-host': 'A.local:8080', 'x-forwarded-port': '8080' }],
      [plain, 'GET /\nHost: [::1]:81', { ...untrusted, 'x-forwarded-host': '[::1]:81', 'x-forwarded-port': '81' }],
      [plain, 'GET /\nConnection: Upgrade\nUpgrade: websocket', { ...untrusted, 'x-forwarded-proto': 'ws' }],
      [plain, 'GET /\nConnection: close\nUpgrade: websocket', untrusted],
      [
        secure,
        'GET /',
        { ...untrusted, 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', 'x-forwarded-scheme': 'https', 'x-scheme': 'https' },
      ],
      [
        secure,
        'GET /\nConnection: upgrade\nUpgrade: WebSocket',
        { ...untrusted, 'x-forwarded-proto': 'wss', 'x-forwarded-port': '443', 'x-forwarded-scheme': 'wss', 'x-scheme': 'wss' },
      ],
      [hidden, 'GET /\nX-Forwarded-For: 1.1.1.1', { ...untrusted, 'x-forwarded-for': '1.1.1.1' }],
    ]
    for (const [rig, request, expected] of table) assert.deepEqual(forwarded(await rig.ask(request)), expected, request)
    const empty = await plain.send('GET / HTTP/1.0\r\n\r\n')
    assert.deepEqual(valuesOf(empty.seen, 'x-forwarded-host'), [])
    assert.deepEqual(valuesOf(empty.seen, 'host'), ['10.0.0.1:81'])
  })
})

describe('R16 fields that Connection lists', () => {
  it('go, in any letter case and on every line, but not those of the router', async (t) => {
    const rig = await rigFor(t)
    const answer = await rig.ask(
      'GET /\nConnection: close, x-one\nconnection: X-TWO , X-Forwarded-For, x-real-ip,X_Forwarded_Host, Host\nX-One: 1\nx-two: 2\nX-Three: 3\nCookie: a',
    )
    assert.deepEqual(forwarded(answer), untrusted)
    const names = (answer.seen?.fields ?? []).map(([name]) => name)
    assert.ok(!names.includes('x-one') && !names.includes('x-two') && names.includes('x-three') && names.includes('cookie'))
    assert.ok(!names.includes('connection'))
    assert.deepEqual(valuesOf(answer.seen, 'host'), ['a.local'])
  })

  it('stay visible when the entry point says so, and go when the request is forwarded', async (t) => {
    const rig = await rigFor(t, { entryPoint: { forwardedHeaders: { connection: ['x-keep'] } } })
    const answer = await rig.ask('GET /\nConnection: X-Keep, X-Drop\nX-Keep: 1\nX-Drop: 1')
    assert.equal(answer.exchange?.headers.get('x-keep'), '1')
    assert.equal(answer.exchange?.headers.get('x-drop'), undefined)
    assert.deepEqual([valuesOf(answer.seen, 'x-keep'), valuesOf(answer.seen, 'connection')], [[], []])
  })

  it('leave an upgrade alone, and take TE away when they name it', async (t) => {
    const rig = await rigFor(t)
    const upgrade = await rig.ask('GET /\nConnection: Upgrade, X-A\nUpgrade: chat\nX-A: 1')
    assert.deepEqual(
      [valuesOf(upgrade.seen, 'upgrade'), valuesOf(upgrade.seen, 'connection'), valuesOf(upgrade.seen, 'x-a')],
      [['chat'], ['Upgrade'], []],
    )
    assert.deepEqual(valuesOf((await rig.ask('GET /\nTE: trailers')).seen, 'te'), ['trailers'])
    assert.deepEqual(valuesOf((await rig.ask('GET /\nConnection: close, TE\nTE: trailers')).seen, 'te'), [])
  })
})

describe('field names', () => {
  it('R17 with underscores are kept, deleted or rejected', async (t) => {
    const kept = await rigFor(t)
    assert.deepEqual(valuesOf((await kept.ask('GET /\nX_One: 1')).seen, 'x_one'), ['1'])
    const deleted = await rigFor(t, { entryPoint: { http: { underscoreHeadersStrategy: 'delete' } } })
    assert.deepEqual(
      (await deleted.ask('GET /\nX_One: 1\n_: 2\nA-b_c: 3')).seen?.fields.filter(([name]) => name.includes('_')),
      [],
    )
    for (const insecure of [false, true]) {
      const rejected = await rigFor(t, { entryPoint: { http: { underscoreHeadersStrategy: 'reject' }, forwardedHeaders: { insecure } } })
      const answer = await rejected.ask('GET /\nX_One: 1')
      assert.deepEqual([answer.status, answer.body, answer.seen], [400, 'Bad Request\n', null])
      assert.equal((await rejected.ask('GET /a_b?c_d\nX-One: a_b')).status, 200)
    }
  })

  it('R21 Proxy never reaches a server', async (t) => {
    for (const insecure of [false, true]) {
      const rig = await rigFor(t, { entryPoint: { forwardedHeaders: { insecure } } })
      assert.deepEqual(valuesOf((await rig.ask('GET /\nPROXY: http://evil\nproxy: 2')).seen, 'proxy'), [])
    }
  })

  it('R19 of two lines both reach the server in order', async (t) => {
    const rig = await rigFor(t)
    const { seen } = await rig.ask('GET /\nAuthorization: a\nCookie: x=1\nAuthorization: b\nCookie: y=2')
    assert.deepEqual(
      [valuesOf(seen, 'authorization'), valuesOf(seen, 'cookie')],
      [
        ['a', 'b'],
        ['x=1', 'y=2'],
      ],
    )
  })
})

describe('R14 host', () => {
  it('is canonical for rules and as sent for servers, also from an absolute-form target', async (t) => {
    const rig = await rigFor(t)
    const table: readonly (readonly [string, string, string])[] = [
      ['GET /\nHost: Exact.LOCAL:8080', 'exact.local', 'Exact.LOCAL:8080'],
      ['GET /\nHost: exact.local.', 'exact.local.', 'exact.local.'],
      ['GET /\nHost: [::1]:80', '::1', '[::1]:80'],
      ['GET http://user:pw@Exact.local:81/x\nHost: other.local', 'exact.local', 'Exact.local:81'],
    ]
    for (const [request, host, sent] of table) {
      const answer = await rig.ask(request)
      assert.equal(answer.exchange?.host, host)
      assert.deepEqual(valuesOf(answer.seen, 'host'), [sent])
    }
  })
})
