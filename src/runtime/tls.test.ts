import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { issueCertificate } from '../../test/support/certificates.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { ocspResponse } from '../../test/support/ocsp-responder.ts'
import { TlsResolver } from '../../test/support/tls-rig.ts'
import { until } from '../../test/support/until.ts'
import { silentLogger } from '../std/log.ts'
import { rememberingCertificateReader, type ServerCertificate } from './certificates.ts'
import { OcspStaples } from './ocsp.ts'
import { ticketSecretLifetimeMs, TlsMaterial } from './tls-material.ts'

const service = 'services: {s: {loadBalancer: {servers: [{url: "http://127.0.0.1:1"}]}}}'

/** Status and errors of routers under options. */
function routersOf(routers: string, options: string, t: TestContext): Record<string, readonly [string, readonly string[]]> {
  const resolver = new TlsResolver()
  t.after(() => resolver.close())
  const { state } = resolver.resolve({ file: `http: {routers: {${routers}}, ${service}}\ntls: {options: {${options}}}` })
  return Object.fromEntries([...state.routers].map(([name, { status, errors }]) => [name, [status, errors]]))
}

describe('TLS options of routers', () => {
  it('that cannot be used disable the router and say why', (t) => {
    const table: readonly (readonly [string, string])[] = [
      ['a: {rule: "Host(`a`)", service: s, tls: {options: nope}}', 'unknown TLS options: nope@file'],
      ['a: {rule: "Host(`a`)", service: s, tls: {options: b}}', 'TLS options b@file: cipherSuites: unknown suite TLS_NOPE'],
      [
        'a: {rule: "Host(`a`)", service: s, tls: {options: c}}',
        'TLS options c@file: clientAuth.clientAuthType RequireAndVerifyClientCert needs caFiles',
      ],
      [
        'a: {rule: "Host(`a`)", service: s, tls: {options: d}}',
        'TLS options d@file: clientAuth.caFiles: /no.pem is neither a readable file nor a PEM text with certificates',
      ],
      ['a: {rule: "Host(`a`)", service: s, tls: {options: e}}', 'TLS options e@file: curvePreferences: unknown curve CurveP111'],
      [
        'a: {rule: "Host(`a`)", service: s, tls: {options: f}}',
        'TLS options f@file: minVersion VersionTLS13 is newer than maxVersion VersionTLS12',
      ],
    ]
    const options = [
      'b: {cipherSuites: [TLS_NOPE]}',
      'c: {clientAuth: {clientAuthType: RequireAndVerifyClientCert}}',
      'd: {clientAuth: {caFiles: [/no.pem]}}',
      'e: {curvePreferences: [CurveP111]}',
      'f: {minVersion: VersionTLS13, maxVersion: VersionTLS12}',
    ].join(', ')
    for (const [router, error] of table) assert.deepEqual(routersOf(router, options, t), { 'a@file': ['disabled', [error]] })
  })

  it('that contradict each other on one host of one entry point are warned of', (t) => {
    const found = routersOf(
      [
        'a: {rule: "Host(`h`) && Path(`/x`)", service: s, entryPoints: [web], tls: {options: m}}',
        'b: {rule: "Host(`H.`)", service: s, entryPoints: [web], tls: {}}',
        'c: {rule: "Host(`h`)", service: s, entryPoints: [other], tls: {options: m}}',
        'd: {rule: "Host(`i`)", service: s, entryPoints: [web], tls: {options: m}}',
      ].join(', '),
      'm: {minVersion: VersionTLS13}',
      t,
    )
    assert.deepEqual(
      Object.entries(found).map(([name, [status]]) => [name, status]),
      [
        ['a@file', 'warning'],
        ['b@file', 'warning'],
        ['c@file', 'enabled'],
        ['d@file', 'enabled'],
      ],
    )
    assert.match(
      found['a@file']?.[1][0] ?? '',
      /^router's TLSOptions configuration is conflicting with other routers on the same entrypoint and host/,
    )
  })

  it('of a router that names no host are warned of', (t) => {
    const found = routersOf(
      'a: {rule: "Path(`/`)", service: s, tls: {options: m}}, b: {rule: "HostRegexp(`x`)", service: s, tls: {options: m}}',
      'm: {}',
      t,
    )
    assert.deepEqual([found['a@file']?.[0], found['b@file']?.[0]], ['warning', 'enabled'])
  })

  it('that are unknown and harmless have no effect and are named', (t) => {
    const resolver = new TlsResolver()
    t.after(() => resolver.close())
    const text = 'tls: {options: {m: {minVersion: TLS12, cipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_RC4_128_SHA]}}}'
    const { warnings, plans } = resolver.resolve({ file: text })
    for (const word of ['minVersion: "TLS12"', 'TLS_RSA_WITH_RC4_128_SHA'])
      assert.ok(
        warnings.some((warning) => warning.includes(word)),
        word,
      )
    assert.equal(plans.tlsOptions.get('m@file')?.minVersion, 'TLSv1.2')
  })
})

describe('certificates', () => {
  it('change their plan only when they change', (t) => {
    const resolver = new TlsResolver()
    t.after(() => resolver.close())
    const [first, second] = [1, 2].map(() => resolver.resolve({ file: `http: {${service}}` }).plans)
    assert.deepEqual(second?.certificate, first?.certificate)
    assert.deepEqual(second?.tls, first?.tls)
  })

  it('of a store that two providers define are those of nobody', (t) => {
    const resolver = new TlsResolver()
    t.after(() => resolver.close())
    const made = issueCertificate({ commonName: 'd', names: ['d.local'] })
    const store = `tls: {stores: {default: {defaultCertificate: {certFile: ${JSON.stringify(made.certificate)}, keyFile: ${JSON.stringify(made.key)}}}}}`
    const names = (routing: Record<string, string>): (readonly string[])[] =>
      [...resolver.resolve(routing).plans.certificate.values()].map((plan) => plan.names)
    assert.deepEqual(names({ file: store }), [['d', 'd.local']])
    assert.match(names({ file: store, http: store })[0]?.join() ?? '', /traefik\.default/)
  })

  it('given as files are read from them', (t) => {
    const resolver = new TlsResolver()
    t.after(() => resolver.close())
    const made = issueCertificate({ commonName: 'f', names: ['F.local'] })
    const files = { '/f.crt': made.certificate, '/f.key': made.key }
    const { plans, state } = resolver.resolve({ file: 'tls: {certificates: [{certFile: /f.crt, keyFile: /f.key}]}' }, files)
    const [plan] = [...plans.certificate.values()].filter(({ rank }) => rank >= 0)
    assert.deepEqual([plan?.names, plan?.keyType], [['f', 'f.local'], 'ecdsa'])
    assert.equal(state.certificates.size, 1)
  })
})

describe('the material that outlives generations', () => {
  it('has another ticket secret when its time is over, and says so', () => {
    const clock = new ManualClock()
    let changes = 0
    const material = new TlsMaterial(clock, silentLogger, () => (changes += 1))
    const first = material.ticketSecret
    clock.advance(ticketSecretLifetimeMs - 1)
    assert.deepEqual([material.ticketSecret, changes], [first, 0])
    clock.advance(1)
    assert.equal(changes, 1)
    assert.notEqual(material.ticketSecret, first)
    material.close()
    assert.equal(clock.pending, 0)
  })

  it('has another self-signed certificate before the last one ends', () => {
    const clock = new ManualClock()
    const material = new TlsMaterial(clock, silentLogger, () => {})
    const first = material.selfSigned
    clock.advance(300 * 24 * 3600_000)
    assert.equal(material.selfSigned, first)
    clock.advance(60 * 24 * 3600_000)
    assert.notEqual(material.selfSigned.id, first.id)
    material.close()
  })
})

describe('OCSP responses', () => {
  const authority = issueCertificate({ commonName: 'CA', authority: true })

  async function responderOf(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    const server = createServer((request, response) => {
      request.resume()
      answer(request, response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => {
      server.close()
      server.closeAllConnections()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ocsp`
  }

  function leafFor(url: string): { readonly made: ReturnType<typeof issueCertificate>; readonly certificate: ServerCertificate } {
    const made = issueCertificate({ commonName: 'a', names: ['a.local'], issuer: authority, ocspUrl: url })
    return { made, certificate: rememberingCertificateReader()(made.certificate + authority.certificate, made.key) }
  }

  it('are fetched once, renewed hourly, and forgotten with their certificate', async (t) => {
    const clock = new ManualClock()
    const asked: string[] = []
    const url = await responderOf(t, (request, response) => {
      asked.push(`${request.method} ${request.headers['content-type']}`)
      response.end(ocspResponse({ certificate: leaf.made, issuer: authority, thisUpdate: new Date(clock.now()) }))
    })
    const leaf = leafFor(url)
    let changes = 0
    const staples = new OcspStaples({ clock, logger: silentLogger, onChange: () => (changes += 1) })
    assert.equal(staples.staple(leaf.certificate, {}), '')
    await until('the response is there', () => changes === 1)
    assert.notEqual(staples.staple(leaf.certificate, {}), '')
    staples.settle()
    assert.deepEqual(asked, ['POST application/ocsp-request'])
    await until('the renewal is ordered', () => clock.pending === 1)
    clock.advance(3600_000)
    await until('it is renewed', () => changes === 2)
    await until('the next renewal is ordered', () => clock.pending === 1)
    staples.settle()
    assert.equal(clock.pending, 0)
    staples.close()
  })

  it('that are no good are not stapled', async (t) => {
    const clock = new ManualClock()
    const answers: readonly ((response: ServerResponse) => void)[] = [
      (response) => response.end(ocspResponse({ certificate: leaf.made, issuer: authority, status: 'revoked' })),
      (response) => response.end('nonsense'),
      (response) => response.writeHead(500).end(),
      (response) => response.end(Buffer.alloc(100_000)),
      (response) => response.destroy(),
    ]
    let count = 0
    const url = await responderOf(t, (_request, response) => {
      answers[count]?.(response)
      count += 1
    })
    const leaf = leafFor('http://unused.invalid/')
    let changes = 0
    const staples = new OcspStaples({ clock, logger: silentLogger, onChange: () => (changes += 1) })
    for (let round = 1; round <= answers.length; round += 1) {
      staples.staple(leaf.certificate, { 'http://unused.invalid/': url })
      await until('it failed', () => clock.pending === 1)
      assert.deepEqual([staples.staple(leaf.certificate, { 'http://unused.invalid/': url }), changes, count], ['', 0, round])
      clock.advance(300_000)
    }
    staples.close()
  })

  it('are not asked for where nobody could be asked', () => {
    const clock = new ManualClock()
    const made = issueCertificate({ commonName: 'a', names: ['a.local'] })
    const staples = new OcspStaples({ clock, logger: silentLogger, onChange: () => {} })
    assert.equal(staples.staple(rememberingCertificateReader()(made.certificate, made.key), {}), '')
    assert.equal(clock.pending, 0)
  })
})
