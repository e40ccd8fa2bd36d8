import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { after, describe, it } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { type Certificate, issueCertificate } from '../../../test/support/certificates.ts'
import { TlsResolver, TlsRig } from '../../../test/support/tls-rig.ts'

const authority = issueCertificate({ commonName: 'Clients', authority: true })
const stranger = issueCertificate({ commonName: 'Clients', authority: true })
const client = issueCertificate({ commonName: 'client', organization: 'Test', issuer: authority })
const forged = issueCertificate({ commonName: 'client', issuer: stranger })

const service = 'services: {s: {loadBalancer: {servers: [{url: "http://127.0.0.1:1"}]}}}'

function pair({ certificate, key }: Certificate): string {
  return `{certFile: ${JSON.stringify(certificate)}, keyFile: ${JSON.stringify(key)}}`
}

/** A router for `<name>.local` with each of the options. */
function routingOf(options: Readonly<Record<string, string>>, more = ''): string {
  const routers = Object.keys(options).map((name) => `${name}: {rule: "Host(\`${name}.local\`)", service: s, tls: {options: ${name}}}`)
  const sets = Object.entries(options).map(([name, text]) => `${name}: ${text}`)
  return `http: {routers: {${routers.join(', ')}}, ${service}}\ntls: {options: {${sets.join(', ')}}${more}}`
}

const caFiles = `caFiles: [${JSON.stringify(authority.certificate)}]`
const withClient: ConnectionOptions = { cert: client.certificate, key: client.key }
const withForged: ConnectionOptions = { cert: forged.certificate, key: forged.key }

describe('client certificates', async () => {
  const types: readonly {
    readonly name: string
    readonly text: string
    readonly none: boolean
    readonly own: boolean
    readonly forged: boolean
  }[] = [
    { name: 'none', text: 'clientAuthType: NoClientCert', none: true, own: true, forged: true },
    { name: 'request', text: 'clientAuthType: RequestClientCert', none: true, own: true, forged: true },
    { name: 'any', text: 'clientAuthType: RequireAnyClientCert', none: false, own: true, forged: true },
    { name: 'ifgiven', text: `clientAuthType: VerifyClientCertIfGiven, ${caFiles}`, none: true, own: true, forged: false },
    { name: 'require', text: `clientAuthType: RequireAndVerifyClientCert, ${caFiles}`, none: false, own: true, forged: false },
    { name: 'cas', text: caFiles, none: false, own: true, forged: false },
  ]
  const options = Object.fromEntries(types.map(({ name, text }) => [name, `{clientAuth: {${text}}}`]))
  const broken = {
    nocas: '{clientAuth: {clientAuthType: RequireAndVerifyClientCert}}',
    ifnocas: '{clientAuth: {clientAuthType: VerifyClientCertIfGiven}}',
    badca: '{clientAuth: {caFiles: [/nowhere.pem]}}',
    emptyca: '{clientAuth: {caFiles: [""]}}',
    badtype: '{clientAuth: {clientAuthType: Sometimes}}',
  }
  const rig = await TlsRig.start(routingOf({ ...options, ...broken }))
  after(() => rig.close())

  for (const { name, none, own, forged: takesForged } of types) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`${name} over ${maxVersion}`, async () => {
        const served = async (more: ConnectionOptions): Promise<boolean> =>
          (await rig.connect({ servername: `${name}.local`, maxVersion, ...more })).error === ''
        assert.deepEqual([await served({}), await served(withClient), await served(withForged)], [none, own, takesForged])
      })
    }
  }

  for (const name of Object.keys(broken)) {
    it(`R24 ${name} refuses everyone`, async () => {
      assert.notEqual((await rig.connect({ servername: `${name}.local`, ...withClient })).error, '')
    })
  }

  it('tells who the client is', async () => {
    const { facts } = await rig.connect({ servername: 'require.local', ...withClient })
    assert.equal(facts?.clientSubject, 'CN=client,O=Test')
    assert.equal(facts?.clientCertificate?.subject, 'O=Test\nCN=client')
  })

  it('R25 resumes under the same options only, and knows the client then', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await rig.connect({ servername: 'require.local', maxVersion, ...withClient })
      const session = first.session
      assert.ok(session !== undefined)
      const again = await rig.connect({ servername: 'require.local', maxVersion, session })
      assert.deepEqual([again.error, again.resumed, again.facts?.clientSubject], ['', true, 'CN=client,O=Test'])
      const elsewhere = await rig.connect({ servername: 'none.local', maxVersion, session })
      assert.deepEqual([elsewhere.error, elsewhere.resumed], ['', false])
      const { session: weak } = await rig.connect({ servername: 'none.local', maxVersion })
      assert.ok(weak !== undefined)
      assert.notEqual((await rig.connect({ servername: 'require.local', maxVersion, session: weak })).error, '')
      assert.notEqual((await rig.connect({ servername: 'cas.local', maxVersion, session })).error, '')
    }
  })
})

describe('sessions', () => {
  const plain = routingOf({ plain: '{}', off: '{disableSessionTickets: true}' })

  it('R25 are resumed by every worker', async (t) => {
    const resolver = new TlsResolver()
    const rigs = [await TlsRig.start(plain, resolver), await TlsRig.start(plain, resolver)] as const
    t.after(() => rigs.forEach((rig) => rig.close()))
    const { session } = await rigs[0].connect({ servername: 'plain.local' })
    assert.ok(session !== undefined)
    assert.ok((await rigs[1].connect({ servername: 'plain.local', session })).resumed)
  })

  it('R25 are not resumed under another secret, or when tickets are off', async (t) => {
    const rigs = [await TlsRig.start(plain), await TlsRig.start(plain)] as const
    t.after(() => rigs.forEach((rig) => rig.close()))
    const { session } = await rigs[0].connect({ servername: 'plain.local' })
    assert.ok(session !== undefined)
    const other = await rigs[1].connect({ servername: 'plain.local', session })
    assert.deepEqual([other.error, other.resumed], ['', false])
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const off = await rigs[0].connect({ servername: 'off.local', maxVersion })
      const again = await rigs[0].connect({
        servername: 'off.local',
        maxVersion,
        ...(off.session === undefined ? {} : { session: off.session }),
      })
      assert.deepEqual([again.error, again.resumed], ['', false])
    }
  })

  it('R25 end when the options behind them change', async (t) => {
    const rig = await TlsRig.start(routingOf({ m: `{clientAuth: {${caFiles}}}` }))
    t.after(() => rig.close())
    const { session } = await rig.connect({ servername: 'm.local', ...withClient })
    assert.ok(session !== undefined)
    rig.serve(routingOf({ m: `{clientAuth: {caFiles: [${JSON.stringify(stranger.certificate)}]}}` }))
    assert.notEqual((await rig.connect({ servername: 'm.local', session })).error, '')
  })
})

describe('certificates', () => {
  const ecdsa = issueCertificate({ commonName: 'dual.local', names: ['dual.local'] })
  const rsa = issueCertificate({ commonName: 'dual.local', names: ['dual.local'], keyType: 'rsa' })
  const table: readonly { readonly name: string; readonly options: ConnectionOptions; readonly shown: string }[] = [
    { name: 'an exact name', options: { servername: 'a.wild.local' }, shown: 'DNS:a.wild.local' },
    { name: 'a wildcard', options: { servername: 'b.wild.local' }, shown: 'DNS:*.wild.local' },
    { name: 'a name in upper case', options: { servername: 'A.Wild.LOCAL' }, shown: 'DNS:a.wild.local' },
    { name: 'two labels below a wildcard', options: { servername: 'a.b.wild.local' }, shown: 'DNS:default.local' },
    { name: 'the bare domain of a wildcard', options: { servername: 'wild.local' }, shown: 'DNS:default.local' },
    { name: 'no name', options: {}, shown: 'DNS:ip.local, IP Address:127.0.0.1' },
    { name: 'an unknown name', options: { servername: 'nobody.local' }, shown: 'DNS:default.local' },
    { name: 'a store that does not serve', options: { servername: 'elsewhere.local' }, shown: 'DNS:default.local' },
  ]

  it('are chosen by name', async (t) => {
    const listed = [['a.wild.local'], ['*.wild.local'], ['ip.local', '127.0.0.1']].map((names) =>
      pair(issueCertificate({ commonName: names[0] ?? '', names })),
    )
    const other = issueCertificate({ commonName: 'elsewhere.local', names: ['elsewhere.local'] })
    const mismatched = `{certFile: ${JSON.stringify(ecdsa.certificate)}, keyFile: ${JSON.stringify(rsa.key)}}`
    const stored = pair(other).replace('}', ', stores: [other]}')
    const fallback = issueCertificate({ commonName: 'default.local', names: ['default.local'] })
    const more = `, certificates: [${mismatched}, ${[...listed, stored].join(', ')}], stores: {default: {defaultCertificate: ${pair(fallback)}}}`
    const rig = await TlsRig.start(routingOf({ x: '{}' }, more))
    t.after(() => rig.close())
    for (const { name, options, shown } of table) {
      const outcome = await rig.connect(options)
      assert.deepEqual([outcome.error, outcome.certificate], ['', shown], name)
    }
    assert.deepEqual(rig.faults, [])
  })

  it('of both kinds serve one name, each for the clients that can use it', async (t) => {
    const rig = await TlsRig.start(routingOf({ x: '{}' }, `, certificates: [${pair(rsa)}, ${pair(ecdsa)}]`))
    t.after(() => rig.close())
    const cipherOf = async (options: ConnectionOptions): Promise<string | undefined> =>
      (await rig.connect({ servername: 'dual.local', ...options })).facts?.cipher
    const tls12: ConnectionOptions = { maxVersion: 'TLSv1.2' }
    assert.match((await cipherOf(tls12)) ?? '', /ECDHE_ECDSA/)
    assert.match((await cipherOf({ ...tls12, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })) ?? '', /ECDHE_RSA/)
    assert.match((await cipherOf({ ...tls12, sigalgs: 'RSA-PSS+SHA256:RSA+SHA256' })) ?? '', /ECDHE_RSA/)
    assert.match((await cipherOf({ sigalgs: 'RSA-PSS+SHA256' })) ?? '', /^TLS_AES/)
  })

  it('expired ones give way to sound ones', async (t) => {
    const names = ['old.local']
    const expired = issueCertificate({ commonName: 'old.local', names, serial: 7, notAfter: new Date('2021-01-01') })
    const sound = issueCertificate({ commonName: 'old.local', names, keyType: 'rsa' })
    const rig = await TlsRig.start(routingOf({ x: '{}' }, `, certificates: [${pair(expired)}, ${pair(sound)}]`))
    t.after(() => rig.close())
    assert.match((await rig.connect({ servername: 'old.local', maxVersion: 'TLSv1.2' })).facts?.cipher ?? '', /ECDHE_RSA/)
  })

  it('are made where there are none', async (t) => {
    const rig = await TlsRig.start(routingOf({ x: '{}' }))
    t.after(() => rig.close())
    const [first, second] = [await rig.connect({ servername: 'x.local' }), await rig.connect({})]
    assert.match(first.certificate, /^DNS:[0-9a-f]{32}\.[0-9a-f]{32}\.traefik\.default$/)
    assert.equal(second.certificate, first.certificate)
  })
})

describe('options', () => {
  const sets = {
    min13: '{minVersion: VersionTLS13}',
    max12: '{maxVersion: VersionTLS12}',
    old: '{minVersion: VersionTLS10}',
    suite: '{cipherSuites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]}',
    p384: '{curvePreferences: [CurveP384]}',
    pq: '{curvePreferences: [X25519MLKEM768]}',
    h1: '{alpnProtocols: [http/1.1]}',
    strict: '{sniStrict: true}',
    badsuite: '{cipherSuites: [TLS_NOPE]}',
    lost: '{cipherSuites: [TLS_RSA_WITH_RC4_128_SHA]}',
    badcurve: '{curvePreferences: [CurveP111]}',
    swapped: '{minVersion: VersionTLS13, maxVersion: VersionTLS12}',
  }
  const tls11: ConnectionOptions = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }
  const tls12: ConnectionOptions = { maxVersion: 'TLSv1.2' }
  const table: readonly { readonly host: string; readonly options?: ConnectionOptions; readonly expected: RegExp }[] = [
    { host: 'min13', expected: /^1\.3/ },
    { host: 'min13', options: tls12, expected: /PROTOCOL_VERSION/ },
    { host: 'max12', expected: /^1\.2/ },
    { host: 'old', options: tls11, expected: /^1\.1/ },
    { host: 'suite', options: tls11, expected: /PROTOCOL_VERSION/ },
    { host: 'suite', options: tls12, expected: /AES_256_GCM_SHA384/ },
    { host: 'suite', options: { ...tls12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }, expected: /HANDSHAKE_FAILURE/ },
    { host: 'p384', options: { ecdhCurve: 'P-384' }, expected: /^1\.3/ },
    { host: 'p384', options: { ecdhCurve: 'P-256' }, expected: /HANDSHAKE_FAILURE/ },
    { host: 'pq', options: { ecdhCurve: 'X25519MLKEM768' }, expected: /^1\.3/ },
    { host: 'pq', options: { ecdhCurve: 'X25519' }, expected: /HANDSHAKE_FAILURE/ },
    { host: 'h1', options: { ALPNProtocols: ['h2', 'http/1.1'] }, expected: /http\/1\.1$/ },
    { host: 'h1', options: { ALPNProtocols: ['h2'] }, expected: /NO_APPLICATION_PROTOCOL/ },
    { host: 'min13', options: { ALPNProtocols: ['http/1.1', 'h2'] }, expected: /h2$/ },
    { host: 'min13', options: { ALPNProtocols: ['acme-tls/1'] }, expected: /NO_APPLICATION_PROTOCOL/ },
    { host: 'strict', expected: /UNRECOGNIZED_NAME/ },
    { host: 'badsuite', expected: /ACCESS_DENIED/ },
    { host: 'lost', expected: /ACCESS_DENIED/ },
    { host: 'badcurve', expected: /ACCESS_DENIED/ },
    { host: 'swapped', expected: /ACCESS_DENIED/ },
    { host: 'nobody', options: tls12, expected: /^1\.2/ },
  ]

  it('say how TLS is spoken', async (t) => {
    const rig = await TlsRig.start(routingOf(sets))
    t.after(() => rig.close())
    for (const { host, options, expected } of table) {
      const { error, facts, alpn } = await rig.connect({ servername: `${host}.local`, ...options })
      assert.match(error === '' ? `${facts?.version} ${facts?.cipher} ${alpn}` : error, expected, `${host} ${JSON.stringify(options)}`)
    }
    assert.deepEqual(rig.faults, [])
  })

  it('R24 that contradict each other give the default ones, and nobody is served by ones that are defined twice', async (t) => {
    const routers =
      'x: {rule: "Host(`c.local`) && Path(`/x`)", service: s, tls: {options: m}}, y: {rule: "Host(`c.local`)", service: s, tls: {}}'
    const rig = await TlsRig.start(`http: {routers: {${routers}}, ${service}}\ntls: {options: {m: {clientAuth: {${caFiles}}}}}`)
    t.after(() => rig.close())
    assert.match((await rig.connect({ servername: 'c.local', ...withClient })).facts?.policy ?? '', /^default#/)
    assert.equal((await rig.connect({ servername: 'other.local' })).error, '')
    const resolver = new TlsResolver()
    t.after(() => resolver.close())
    const options = 'tls: {options: {default: {minVersion: VersionTLS13}}}'
    rig.acceptor.serve(resolver.serving({ file: options, http: options }))
    assert.match((await rig.connect({ servername: 'other.local' })).error, /ACCESS_DENIED/)
  })

  it('hold for patterns of hosts too, unless the patterns contradict each other', async (t) => {
    const pattern = (name: string, regexp: string, options: string): string =>
      `${name}: {rule: "HostRegexp(\`${regexp}\`)", service: s, tls: {options: ${options}}}`
    const routers = [pattern('p', '^p[0-9]+[.]local$', 'm13'), pattern('q', '^p1[.]local$', 'm12')].join(', ')
    const rig = await TlsRig.start(
      `http: {routers: {${routers}}, ${service}}\ntls: {options: {m13: {minVersion: VersionTLS13}, m12: {maxVersion: VersionTLS12}}}`,
    )
    t.after(() => rig.close())
    const policyOf = async (options: ConnectionOptions): Promise<string | undefined> =>
      (await rig.connect(options)).facts?.policy.replace(/#.*/, '')
    assert.equal(await policyOf({ servername: 'p2.local' }), 'm13@file')
    assert.equal(await policyOf({ servername: 'p2.local', ...tls12 }), 'default')
    assert.equal(await policyOf({ servername: 'p1.local' }), 'default')
  })
})

describe('connections', () => {
  it('R30 that break off or are slow cost only themselves', async (t) => {
    const rig = await TlsRig.start(routingOf({ x: '{}' }))
    t.after(() => rig.close())
    for (const bytes of [Buffer.alloc(0), Buffer.from([22, 3, 1, 2]), Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
      const socket = connectTcp(rig.port, '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      socket.end(bytes)
      socket.resume()
      socket.destroy()
    }
    assert.equal((await rig.connect({ servername: 'x.local' })).error, '')
  })
})
