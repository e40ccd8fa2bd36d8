import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import {
  type Answer,
  checkMiddleware,
  fieldsOf,
  MiddlewareRig,
  type RigSetup,
  valuesOf,
} from '../../../../../test/support/middleware-rig.ts'
import type { Handler } from '../../../http/exchange.ts'
import { fail, respondText } from '../../../http/respond.ts'

/** A server that answers with these fields. */
function replyWith(fields: readonly (readonly [string, string])[], status = 200): Handler {
  return (exchange) => {
    for (const [name, value] of fields) exchange.responseHeaders.add(name, value)
    respondText(exchange, status, 'ok', null)
  }
}

async function rigFor(t: TestContext, options: object, setup: RigSetup = {}): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({ middlewares: [{ headers: options }], ...setup })
  t.after(() => rig.close())
  return rig
}

/** What a server gets beyond the fields of the entry point. */
function seenFields(answer: Answer): string[] {
  const own = /^(?:x-forwarded-(?!for)|x-real-ip|accept-encoding|x-forwarded-for: 127\.0\.0\.1$)/
  return (answer.seen?.fields ?? [])
    .map(([name, value]) => `${name}: ${value}`)
    .filter((field) => !own.test(field))
    .toSorted()
}

describe('custom request headers', () => {
  it('are set, replaced and removed', async (t) => {
    const rig = await rigFor(t, {
      customRequestHeaders: { 'X-New': ' a é ', 'x-lower': '1', 'X-Old': 'router', 'Authorization': '', 'x-secret': '' },
    })
    const answer = await rig.ask('GET /\nX-Old: a\nx-old: b\nAuthorization: x\nX-Secret: 1\nX-Secret: 2\nX-Keep: 1')
    assert.deepEqual(seenFields(answer), ['host: a.local', 'x-keep: 1', 'x-lower: 1', 'x-new: a \u00c3\u00a9', 'x-old: router'])
  })

  it('set the host, unless it is empty, while rules go on with the one that was asked for', async (t) => {
    const rig = await rigFor(t, { customRequestHeaders: { host: 'inner.local' } })
    const answer = await rig.ask('GET /')
    assert.deepEqual([valuesOf(answer.seen, 'host'), answer.exchange?.host], [['inner.local'], 'a.local'])
    const empty = await rigFor(t, { customRequestHeaders: { Host: '' } })
    assert.deepEqual(valuesOf((await empty.ask('GET /')).seen, 'host'), ['a.local'])
  })

  it('hide the client by an empty X-Forwarded-For in this spelling only', async (t) => {
    const hidden = await rigFor(t, { customRequestHeaders: { 'X-Forwarded-For': '' } })
    assert.deepEqual(valuesOf((await hidden.ask('GET /')).seen, 'x-forwarded-for'), [])
    const lower = await rigFor(t, { customRequestHeaders: { 'x-forwarded-for': '' } })
    assert.deepEqual(valuesOf((await lower.ask('GET /')).seen, 'x-forwarded-for'), ['127.0.0.1'])
    const set = await rigFor(t, { customRequestHeaders: { 'X-Forwarded-For': '192.0.2.9' } })
    assert.deepEqual(valuesOf((await set.ask('GET /')).seen, 'x-forwarded-for'), ['192.0.2.9, 127.0.0.1'])
  })

  it('that are about the connection do what they say to the server', async (t) => {
    const rig = await rigFor(t, { customRequestHeaders: { Connection: 'x-foo', Te: 'trailers' } })
    const plain = await rig.ask('GET /\nX-Foo: 1\nX-Keep: 1')
    assert.deepEqual(seenFields(plain), ['host: a.local', 'te: trailers', 'x-keep: 1'])
    const upgrade = await rig.ask('GET /\nConnection: Upgrade\nUpgrade: websocket')
    assert.deepEqual(seenFields(upgrade), ['host: a.local', 'te: trailers'])
    const removes = await rigFor(t, { customRequestHeaders: { Upgrade: '' } })
    assert.deepEqual(seenFields(await removes.ask('GET /\nConnection: Upgrade\nUpgrade: websocket')), ['host: a.local'])
    const keeps = await rigFor(t, { customRequestHeaders: { Connection: 'x-foo, upgrade' } })
    assert.deepEqual(seenFields(await keeps.ask('GET /\nConnection: Upgrade\nUpgrade: websocket')), [
      'connection: Upgrade',
      'host: a.local',
      'upgrade: websocket',
    ])
  })

  it('R20 never break a line or the framing', async (t) => {
    const rig = await rigFor(t, {
      customRequestHeaders: { 'X-A': 'a\r\nX-Evil: 1', 'X B': '1', 'X-C\r\n': '1', 'Content-Length': '3', 'Transfer-Encoding': 'chunked' },
    })
    assert.deepEqual(seenFields(await rig.ask('GET /')), ['host: a.local', 'x-a: a  X-Evil: 1'])
  })
})

describe('custom response headers', () => {
  it('are set, replaced and removed, on every line', async (t) => {
    const reply = replyWith([
      ['X-Old', 'a'],
      ['X-Old', 'b'],
      ['Server', 'nginx'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Keep', '1'],
    ])
    const rig = await rigFor(
      t,
      { customResponseHeaders: { 'X-New': '1', 'x-old': 'router', 'Server': '', 'Set-Cookie': 'r=1', 'Content-Length': '3' } },
      { reply },
    )
    const answer = await rig.ask('GET /')
    assert.deepEqual(fieldsOf(answer), ['set-cookie: r=1', 'x-keep: 1', 'x-new: 1', 'x-old: router'])
    assert.deepEqual([valuesOf(answer, 'content-length'), answer.body], [['2'], 'ok'])
  })

  it('are on answers of the router itself', async (t) => {
    const rig = await rigFor(t, { customResponseHeaders: { 'X-New': '1' } }, { reply: (exchange) => fail(exchange, 502, 'connect_failed') })
    const answer = await rig.ask('GET /')
    assert.deepEqual([answer.status, fieldsOf(answer)], [502, ['x-new: 1']])
  })

  it('that remove Content-Type leave the one that the body looks like', async (t) => {
    const removes = { customResponseHeaders: { 'content-type': '' } }
    const typesOf = async (reply: Handler, options: object = removes): Promise<string[]> => {
      const rig = await rigFor(t, options, { reply })
      return valuesOf(await rig.ask('GET /'), 'content-type')
    }
    const html: Handler = (exchange) => {
      exchange.responseHeaders.add('Content-Type', 'a/b')
      respondText(exchange, 200, '<html>', null)
    }
    assert.deepEqual(await typesOf(html), ['text/html; charset=utf-8'])
    assert.deepEqual(await typesOf((exchange) => fail(exchange, 502, 'connect_failed')), ['text/plain; charset=utf-8'])
    assert.deepEqual(await typesOf((exchange) => respondText(exchange, 200, '', null)), [])
    assert.deepEqual(await typesOf(html, { ...removes, allowedHosts: ['b.local'] }), ['text/plain; charset=utf-8'])
    assert.deepEqual(await typesOf((exchange) => respondText(exchange, 200, '<html>', null), { customResponseHeaders: { 'X-A': '' } }), [])
    const outer = { headers: { customResponseHeaders: { 'Content-Type': 'c/d' } } }
    const rig = await rigFor(t, {}, { middlewares: [outer, { headers: removes }], reply: html })
    assert.deepEqual(valuesOf(await rig.ask('GET /'), 'content-type'), ['c/d'])
  })

  it('are not on an answer that begins a tunnel, nor are the other fields of this middleware', async (t) => {
    const onTunnel: [string, string][] = []
    const reply: Handler = (exchange) => {
      exchange.status = 101
      exchange.runResponseHooks()
      onTunnel.push(['hooks', 'run'], ...exchange.responseHeaders)
      respondText(exchange, 200, '', null)
    }
    const options = { customResponseHeaders: { 'X-New': '1' }, frameDeny: true, accessControlAllowOriginList: ['*'] }
    const rig = await rigFor(t, options, { reply })
    await rig.ask('GET /\nOrigin: https://one.example')
    assert.deepEqual(onTunnel, [['hooks', 'run']])
  })

  it('of an outer middleware have the last word', async (t) => {
    const outer = { headers: { customRequestHeaders: { 'X-Q': 'outer' }, customResponseHeaders: { 'X-R': 'outer', 'X-Gone': '' } } }
    const inner = { headers: { customRequestHeaders: { 'X-Q': 'inner' }, customResponseHeaders: { 'X-R': 'inner', 'X-Gone': '1' } } }
    const rig = await rigFor(t, {}, { middlewares: [outer, inner] })
    const answer = await rig.ask('GET /')
    assert.deepEqual([fieldsOf(answer), valuesOf(answer.seen, 'x-q')], [['x-r: outer'], ['inner']])
  })
})

describe('CORS', () => {
  const full = {
    accessControlAllowMethods: ['GET', 'PUT'],
    accessControlAllowOriginList: ['https://one.example', 'https://two.example'],
    accessControlAllowHeaders: ['X-One', 'Content-Type'],
    accessControlExposeHeaders: ['X-Seen', 'X-More'],
    accessControlMaxAge: 100,
    addVaryHeader: true,
  }
  const wild = {
    accessControlAllowOriginList: ['*'],
    accessControlAllowMethods: ['*'],
    accessControlAllowHeaders: ['*'],
    accessControlExposeHeaders: ['*'],
  }
  const always = [
    'access-control-allow-headers: X-One,Content-Type',
    'access-control-allow-methods: GET,PUT',
    'access-control-expose-headers: X-Seen,X-More',
    'access-control-max-age: 100',
  ]
  const preflights: readonly {
    readonly options: object
    readonly origin: string
    readonly asked?: string
    readonly fields: readonly string[]
  }[] = [
    { options: full, origin: 'https://one.example', fields: ['access-control-allow-origin: https://one.example', ...always] },
    { options: full, origin: 'https://evil.example', fields: always },
    { options: full, origin: 'https://ONE.example', fields: always },
    {
      options: wild,
      origin: 'null',
      asked: 'x-one',
      fields: [
        'access-control-allow-headers: *',
        'access-control-allow-methods: *',
        'access-control-allow-origin: *',
        'access-control-expose-headers: *',
      ],
    },
    {
      options: { ...wild, accessControlAllowCredentials: true },
      origin: 'https://x.example',
      asked: 'x-one, x-two',
      fields: [
        'access-control-allow-credentials: true',
        'access-control-allow-headers: x-one, x-two',
        'access-control-allow-methods: PUT',
        'access-control-allow-origin: https://x.example',
      ],
    },
    {
      options: { ...wild, accessControlAllowCredentials: true },
      origin: 'null',
      fields: ['access-control-allow-credentials: true', 'access-control-allow-methods: PUT'],
    },
    {
      options: { accessControlAllowOriginList: ['null'], accessControlAllowCredentials: true },
      origin: 'null',
      fields: ['access-control-allow-credentials: true', 'access-control-allow-origin: null'],
    },
    {
      options: { accessControlAllowOriginListRegex: ['^https://[a-z]+\\.example$', 'ample\\.net'] },
      origin: 'https://any.example',
      fields: ['access-control-allow-origin: https://any.example'],
    },
    { options: { accessControlAllowOriginListRegex: ['^https://[a-z]+\\.example$'] }, origin: 'https://any.example.evil', fields: [] },
    { options: { accessControlMaxAge: 0 }, origin: 'https://x', fields: ['access-control-max-age: 0'] },
    { options: { accessControlMaxAge: -1 }, origin: 'https://x', fields: ['access-control-max-age: -1'] },
    {
      options: { accessControlAllowOriginList: ['*'], customResponseHeaders: { 'X-C': '1' }, frameDeny: true },
      origin: 'https://x',
      fields: ['access-control-allow-origin: *'],
    },
  ]
  for (const { options, origin, asked, fields } of preflights) {
    it(`answers a preflight of ${origin} with ${JSON.stringify(options).slice(0, 90)}`, async (t) => {
      const rig = await rigFor(t, options)
      const answer = await rig.ask(
        `OPTIONS /x\nOrigin: ${origin}\nAccess-Control-Request-Method: PUT${asked === undefined ? '' : `\nAccess-Control-Request-Headers: ${asked}`}`,
      )
      assert.deepEqual([answer.status, answer.body, answer.seen, fieldsOf(answer)], [200, '', null, fields.toSorted()])
      assert.deepEqual(valuesOf(answer, 'content-length'), ['0'])
    })
  }

  it('leaves what is no preflight, or not asked for, to the server', async (t) => {
    const rig = await rigFor(t, full)
    assert.ok((await rig.ask('OPTIONS /x\nOrigin: https://one.example')).seen !== null)
    assert.ok((await rig.ask('OPTIONS /x\nAccess-Control-Request-Method: PUT')).seen !== null)
    assert.ok((await rig.ask('GET /x\nOrigin: https://one.example\nAccess-Control-Request-Method: PUT')).seen !== null)
    const custom = await rigFor(t, { customResponseHeaders: { 'Access-Control-Allow-Origin': '*' } })
    assert.ok((await custom.ask('OPTIONS /x\nOrigin: https://one.example\nAccess-Control-Request-Method: PUT')).seen !== null)
  })

  const simple: readonly {
    readonly options: object
    readonly origin?: string
    readonly reply?: Handler
    readonly fields: readonly string[]
  }[] = [
    {
      options: full,
      origin: 'https://two.example',
      fields: ['access-control-allow-origin: https://two.example', 'access-control-expose-headers: X-Seen,X-More', 'vary: Origin'],
    },
    { options: full, origin: 'https://evil.example', fields: ['access-control-expose-headers: X-Seen,X-More', 'vary: Origin'] },
    { options: full, fields: ['access-control-expose-headers: X-Seen,X-More', 'vary: Origin'] },
    { options: wild, fields: ['access-control-allow-origin: *', 'access-control-expose-headers: *'] },
    {
      options: { ...wild, accessControlAllowCredentials: true },
      origin: 'https://x',
      fields: ['access-control-allow-credentials: true', 'access-control-allow-origin: https://x'],
    },
    { options: { ...wild, accessControlAllowCredentials: true }, fields: ['access-control-allow-credentials: true'] },
    { options: { addVaryHeader: true }, reply: replyWith([['Vary', 'Accept']]), fields: ['vary: Accept,Origin'] },
    {
      options: { addVaryHeader: true },
      reply: replyWith([
        ['Vary', 'Accept'],
        ['Vary', 'Cookie'],
      ]),
      fields: ['vary: Accept,Cookie,Origin'],
    },
    { options: { addVaryHeader: true }, reply: replyWith([['Vary', 'Origin']]), fields: ['vary: Origin'] },
    {
      options: { accessControlAllowOriginList: ['https://one.example'], customRequestHeaders: { Origin: 'https://one.example' } },
      origin: 'https://evil.example',
      fields: ['access-control-allow-origin: https://one.example'],
    },
  ]
  for (const [index, { options, origin, reply, fields }] of simple.entries()) {
    it(`completes other answers (${index + 1})`, async (t) => {
      const rig = await rigFor(t, options, reply === undefined ? {} : { reply })
      const answer = await rig.ask(`GET /x${origin === undefined ? '' : `\nOrigin: ${origin}`}`)
      assert.deepEqual(fieldsOf(answer), fields.toSorted())
    })
  }
})

describe('security headers', () => {
  const sts = 'strict-transport-security'
  const table: readonly {
    readonly options: object
    readonly isTls?: boolean
    readonly request?: string
    readonly fields: readonly string[]
  }[] = [
    { options: { stsSeconds: 31536000 }, fields: [] },
    { options: { stsSeconds: 31536000 }, isTls: true, fields: [`${sts}: max-age=31536000`] },
    {
      options: { stsSeconds: 60, stsIncludeSubdomains: true, stsPreload: true },
      isTls: true,
      fields: [`${sts}: max-age=60; includeSubDomains; preload`],
    },
    { options: { stsSeconds: 60, forceSTSHeader: true }, fields: [`${sts}: max-age=60`] },
    { options: { stsSeconds: 0, stsIncludeSubdomains: true, forceSTSHeader: true }, fields: [] },
    {
      options: { stsSeconds: 60, sslProxyHeaders: { 'X-Forwarded-Proto': 'https' } },
      request: 'GET /\nX-Forwarded-Proto: https',
      fields: [`${sts}: max-age=60`],
    },
    { options: { stsSeconds: 60, sslProxyHeaders: { 'X-Tls': 'on' } }, request: 'GET /\nX-Tls: off', fields: [] },
    { options: { frameDeny: true }, fields: ['x-frame-options: DENY'] },
    { options: { frameDeny: true, customFrameOptionsValue: 'SAMEORIGIN' }, fields: ['x-frame-options: SAMEORIGIN'] },
    { options: { contentTypeNosniff: true }, fields: ['x-content-type-options: nosniff'] },
    { options: { browserXssFilter: true }, fields: ['x-xss-protection: 1; mode=block'] },
    { options: { browserXssFilter: true, customBrowserXSSValue: '0' }, fields: ['x-xss-protection: 0'] },
    {
      options: {
        contentSecurityPolicy: "default-src 'self'",
        contentSecurityPolicyReportOnly: "script-src 'none'",
        referrerPolicy: 'no-referrer',
        permissionsPolicy: 'camera=()',
      },
      fields: [
        "content-security-policy-report-only: script-src 'none'",
        "content-security-policy: default-src 'self'",
        'permissions-policy: camera=()',
        'referrer-policy: no-referrer',
      ],
    },
    { options: { publicKey: 'pin' }, fields: [] },
    { options: { publicKey: 'pin' }, isTls: true, fields: ['public-key-pins: pin'] },
    {
      options: {
        isDevelopment: true,
        stsSeconds: 60,
        forceSTSHeader: true,
        allowedHosts: ['other.local'],
        frameDeny: true,
        publicKey: 'pin',
      },
      isTls: true,
      fields: ['x-frame-options: DENY'],
    },
    { options: { frameDeny: true, customResponseHeaders: { 'X-Frame-Options': 'SAMEORIGIN' } }, fields: ['x-frame-options: SAMEORIGIN'] },
    { options: { contentTypeNosniff: true, customResponseHeaders: { 'X-Content-Type-Options': '' } }, fields: [] },
    { options: { sslRedirect: true, sslHost: 'x', featurePolicy: 'y' }, fields: [] },
  ]
  for (const { options, isTls, request, fields } of table) {
    it(`${JSON.stringify(options).slice(0, 100)}${isTls === true ? ' over TLS' : ''}`, async (t) => {
      const rig = await rigFor(t, options, { isTls: isTls ?? false, entryPoint: { forwardedHeaders: { insecure: true } } })
      const answer = await rig.ask(request ?? 'GET /')
      assert.deepEqual([answer.status, fieldsOf(answer)], [200, fields.toSorted()])
    })
  }

  it('replace those of the server, also on errors', async (t) => {
    const rig = await rigFor(t, { frameDeny: true }, { reply: replyWith([['X-Frame-Options', 'ALLOWALL']], 500) })
    assert.deepEqual(valuesOf(await rig.ask('GET /'), 'x-frame-options'), ['DENY'])
  })

  it('give each answer a nonce of its own, the same in both policies', async (t) => {
    const rig = await rigFor(t, {
      contentSecurityPolicy: 'script-src $NONCE; style-src $NONCE',
      contentSecurityPolicyReportOnly: 'img-src $NONCE',
    })
    const nonces = new Set<string>()
    for (let round = 0; round < 3; round += 1) {
      const answer = await rig.ask('GET /')
      const policies = [...valuesOf(answer, 'content-security-policy'), ...valuesOf(answer, 'content-security-policy-report-only')].join(
        ' ',
      )
      const found = policies.match(/'nonce-[A-Za-z0-9+/]{22}=='/g) ?? []
      assert.equal(found.length, 3)
      assert.equal(new Set(found).size, 1)
      nonces.add(found[0])
    }
    assert.equal(nonces.size, 3)
  })

  it('allowedHosts refuses other hosts, port included, letter case not', async (t) => {
    const rig = await rigFor(t, { allowedHosts: ['a.local', 'Real.local:8080'], customResponseHeaders: { 'X-C': '1' }, frameDeny: true })
    for (const host of ['a.local', 'A.Local', 'real.LOCAL:8080']) assert.equal((await rig.ask(`GET /\nHost: ${host}`)).status, 200, host)
    for (const host of ['b.local', 'a.local:80', 'real.local', 'a.local.']) {
      const answer = await rig.ask(`GET /\nHost: ${host}`)
      assert.deepEqual([answer.status, answer.body, answer.seen], [500, 'Bad Host\n', null], host)
      assert.deepEqual(fieldsOf(answer), ['content-type: text/plain; charset=utf-8', 'x-c: 1', 'x-content-type-options: nosniff'])
    }
  })

  it('allowedHosts looks into the headers of a proxy, the first that says something', async (t) => {
    const rig = await rigFor(t, { allowedHosts: ['good.local'], hostsProxyHeaders: ['X-Orig-Host', 'X-Forwarded-Host'] })
    assert.equal((await rig.ask('GET /\nX-Orig-Host: good.local')).status, 200)
    assert.equal((await rig.ask('GET /\nX-Forwarded-Host: good.local')).status, 500)
    assert.equal((await rig.ask('GET /\nHost: good.local')).status, 200)
  })
})

describe('options of headers', () => {
  it('must ask for something, and patterns must compile', () => {
    for (const options of [{ accessControlAllowHeaders: [] }, { frameDeny: false, addVaryHeader: false }, { customFrameOptionsValue: '' }])
      assert.equal(checkMiddleware({ headers: options }).error, 'headers configuration not valid')
    assert.match(
      checkMiddleware({ headers: { accessControlAllowOriginListRegex: ['('] } }).error ?? '',
      /^error occurred during origin parsing: error parsing regexp: /,
    )
    for (const options of [{ accessControlMaxAge: 0 }, { stsSeconds: 0 }, { sslRedirect: true }, { isDevelopment: true }])
      assert.equal(checkMiddleware({ headers: options }).error, undefined)
  })
})
