import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { readOcspResponse } from '../../src/std/ocsp.ts'
import { startBackend } from '../support/backend.ts'
import { type Certificate, issueCertificate } from '../support/certificates.ts'
import { helloMessage, helloRecords } from '../support/client-hello.ts'
import { ocspResponse } from '../support/ocsp-responder.ts'
import { replaceFile, TestRouter } from '../support/test-router.ts'
import { openTls, SecureClient, SecureHttp2Client } from '../support/tls-client.ts'
import { until } from '../support/until.ts'

const authority = issueCertificate({ commonName: 'Clients', authority: true })
const client = issueCertificate({ commonName: 'client', issuer: authority })
const withClient: ConnectionOptions = { cert: client.certificate, key: client.key }

const install = 'workers: 1\nentryPoints: {secure: {address: "127.0.0.1:0"}}'

interface Servers {
  readonly url: string
  readonly tcp: string
}

/** Routers that need a client certificate beside one that does not. */
function routing({ url, tcp }: Servers, openOptions = ''): string {
  const router = (name: string, host: string, options: string): string =>
    `${name}: {rule: "Host(\`${host}\`)", service: s, tls: {${options}}}`
  const mutual = 'options: m'
  const routers = [
    router('open', 'open.local', openOptions),
    router('exact', 'mtls.local', mutual),
    router('wild', '*.wild.local', mutual),
    router('puny', 'xn--bcher-kva.local', mutual),
    `path: {rule: "PathPrefix(\`/\`)", service: s, priority: 1, tls: {${mutual}}}`,
  ]
  return [
    `http: {routers: {${routers.join(', ')}}, services: {s: {loadBalancer: {servers: [{url: "${url}"}]}}}}`,
    `tcp: {routers: {t: {rule: "HostSNI(\`tcp.local\`)", service: t, tls: {options: m}}}, services: {t: {loadBalancer: {servers: [{address: "${tcp}"}]}}}}`,
    `tls: {options: {m: {clientAuth: {caFiles: [${JSON.stringify(authority.certificate)}]}}}}`,
  ].join('\n')
}

async function servers(t: TestContext): Promise<Servers> {
  const backend = await startBackend(t, 'served')
  const tcp = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('greeting')
  }).listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  t.after(() => tcp.close())
  return { url: backend.url, tcp: `127.0.0.1:${(tcp.address() as AddressInfo).port}` }
}

/** Waits for the end of a connection, whatever it ends by. */
function closed(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

type AnyClient = Pick<SecureClient, 'ask' | 'close'>

const clients: Readonly<Record<string, (port: number, options: ConnectionOptions) => Promise<AnyClient>>> = {
  'HTTP/1.1': (port, options) => SecureClient.open(port, options),
  'HTTP/2': (port, options) => SecureHttp2Client.open(port, options),
}

/** Status of one request, or 'refused' when the connection was not to be had. */
async function statusOf(open: Promise<AnyClient>, host: string): Promise<number | 'refused'> {
  let client: AnyClient | undefined
  try {
    client = await open
    return (await client.ask(host)).status
  } catch {
    return 'refused'
  } finally {
    client?.close()
  }
}

/** A session that a client may resume. */
async function sessionOf(port: number, options: ConnectionOptions): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  socket.on('error', () => {})
  const [session]: Buffer[] = await once(socket, 'session')
  socket.destroy()
  assert.ok(session !== undefined)
  return session
}

const names: readonly { readonly name: string; readonly sni: string; readonly host: string }[] = [
  { name: 'an exact name', sni: 'mtls.local', host: 'mtls.local' },
  { name: 'a wildcard', sni: 'a.wild.local', host: 'a.wild.local' },
  { name: 'upper case', sni: 'MTLS.Local', host: 'mtls.LOCAL:8443' },
  { name: 'a trailing dot', sni: 'mtls.local.', host: 'mtls.local.' },
  { name: 'punycode', sni: 'XN--BCHER-KVA.local', host: 'xn--bcher-kva.local' },
]

for (const [protocol, open] of Object.entries(clients)) {
  describe(`R22 a router that needs client certificates, over ${protocol}`, () => {
    it('serves nobody without one, whatever way leads to it', async (t) => {
      const router = await TestRouter.start(t, { install, routing: routing(await servers(t)) })
      const port = router.port('secure')
      for (const { name, sni, host } of names) {
        assert.equal(await statusOf(open(port, { servername: sni, ...withClient }), host), 200, `${name} with a certificate`)
        assert.equal(await statusOf(open(port, { servername: sni }), host), 'refused', `${name} without`)
        assert.equal(await statusOf(open(port, { servername: 'open.local' }), host), 421, `${name} by way of another server name`)
        assert.equal(await statusOf(open(port, { servername: 'nobody.local' }), host), 421, `${name} by way of an unknown server name`)
        assert.equal(await statusOf(open(port, {}), host), 421, `${name} without a server name`)
      }
      // A router without a host gets connections of the default options only, so that it can serve nobody by them.
      assert.equal(await statusOf(open(port, { servername: 'nobody.local' }), 'nobody.local'), 421)
      assert.equal(await statusOf(open(port, { servername: 'mtls.local', ...withClient }), 'nobody.local'), 200)
      // And the other way round: what was shown to one host was not meant for another.
      assert.equal(await statusOf(open(port, { servername: 'mtls.local', ...withClient }), 'open.local'), 421)
    })

    it('is no host that a connection to another one can be used for', async (t) => {
      const router = await TestRouter.start(t, { install, routing: routing(await servers(t)) })
      const client = await open(router.port('secure'), { servername: 'open.local' })
      t.after(() => client.close())
      const statuses: number[] = []
      for (const host of ['open.local', 'mtls.local', 'open.local']) statuses.push((await client.ask(host)).status)
      assert.deepEqual(statuses, [200, 421, 200])
    })

    it('takes no session in its place that was made with another host', async (t) => {
      const router = await TestRouter.start(t, { install, routing: routing(await servers(t)) })
      const port = router.port('secure')
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const session = await sessionOf(port, { servername: 'open.local', maxVersion })
        assert.equal(await statusOf(open(port, { servername: 'mtls.local', maxVersion, session }), 'mtls.local'), 'refused')
        assert.equal(await statusOf(open(port, { servername: 'open.local', maxVersion, session }), 'mtls.local'), 421)
        const known = await sessionOf(port, { servername: 'mtls.local', maxVersion, ...withClient })
        assert.equal(await statusOf(open(port, { servername: 'open.local', maxVersion, session: known }), 'mtls.local'), 421)
        assert.equal(await statusOf(open(port, { servername: 'mtls.local', maxVersion, session: known }), 'mtls.local'), 200)
      }
    })

    it('asks for one from connections that were made before it did', async (t) => {
      const behind = await servers(t)
      const router = await TestRouter.start(t, { install, routing: routing(behind) })
      const port = router.port('secure')
      const client = await open(port, { servername: 'open.local' })
      t.after(() => client.close())
      assert.equal((await client.ask('open.local')).status, 200)
      router.route(routing(behind, 'options: m'))
      await until(
        'the new options count',
        async () => (await statusOf(open(port, { servername: 'open.local' }), 'open.local')) === 'refused',
      )
      assert.equal((await client.ask('open.local')).status, 421)
    })
  })
}

describe('R22 a TCP router that needs client certificates', () => {
  async function greeting(port: number, options: ConnectionOptions): Promise<string> {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
    let received = ''
    socket.on('data', (bytes: Buffer) => (received += bytes.toString()))
    socket.on('error', () => {})
    await closed(socket)
    return received
  }

  it('serves nobody without one', async (t) => {
    const router = await TestRouter.start(t, { install, routing: routing(await servers(t)) })
    const port = router.port('secure')
    assert.equal(await greeting(port, { servername: 'tcp.local', ...withClient }), 'greeting')
    assert.equal(await greeting(port, { servername: 'TCP.local.', ...withClient }), 'greeting')
    assert.equal(await greeting(port, { servername: 'tcp.local' }), '')
  })
})

describe('certificates of listeners', () => {
  const pathRouting = (url: string, tls: string): string =>
    `http: {routers: {all: {rule: "PathPrefix(\`/\`)", service: s, tls: {}}}, services: {s: {loadBalancer: {servers: [{url: "${url}"}]}}}}\ntls: ${tls}`

  async function commonNameAt(port: number, servername: string): Promise<string | undefined> {
    const socket = await openTls(port, { servername })
    socket.on('error', () => {})
    const subject = socket.getPeerX509Certificate()?.subject
    socket.destroy()
    return subject
  }

  it('are read again when their files change, without a connection lost', async (t) => {
    const backend = await startBackend(t, 'served')
    const router = await TestRouter.start(t, { install })
    const files = { cert: join(router.folder, 'a.crt'), key: join(router.folder, 'a.key') }
    const write = ({ certificate, key }: Certificate): void => {
      replaceFile(files.key, key)
      replaceFile(files.cert, certificate)
    }
    write(issueCertificate({ commonName: 'first', names: ['a.local'] }))
    router.route(pathRouting(backend.url, `{certificates: [{certFile: '${files.cert}', keyFile: '${files.key}'}]}`))
    const port = router.port('secure')
    await until('the first certificate is shown', async () => (await commonNameAt(port, 'a.local')) === 'CN=first')
    const client = await SecureClient.open(port, { servername: 'a.local' })
    t.after(() => client.close())
    assert.equal((await client.ask('a.local')).status, 200)
    write(issueCertificate({ commonName: 'second', names: ['a.local'] }))
    await until('the second certificate is shown', async () => (await commonNameAt(port, 'a.local')) === 'CN=second')
    assert.equal((await client.ask('a.local')).status, 200)
  })

  it('that have expired or cannot be used are named in the log, without what is secret in them', async (t) => {
    const expired = issueCertificate({ commonName: 'old.local', names: ['old.local'], notAfter: new Date('2021-01-01') })
    const other = issueCertificate({ commonName: 'other.local', names: ['other.local'] })
    const pair = (certificate: string, key: string): string => `{certFile: ${JSON.stringify(certificate)}, keyFile: ${JSON.stringify(key)}}`
    const broken = other.key.replace(/[A-Za-z]{8}/, 'SECRET//')
    const tls = `{certificates: [${pair(expired.certificate, expired.key)}, ${pair(other.certificate, expired.key)}, ${pair(other.certificate, broken)}, {certFile: /no.crt, keyFile: /no.key}]}`
    const router = await TestRouter.start(t, { install, routing: pathRouting('http://127.0.0.1:1', tls) })
    for (const pattern of [
      /old\.local expired on 2021-01-01/,
      /private key is not that of/,
      /no private key that can be read/,
      /\/no\.crt is neither/,
    ]) {
      await router.logged(pattern)
    }
    assert.ok(!JSON.stringify(router.log()).includes('SECRET//'))
  })

  it('are stapled with what their authority says of them', async (t) => {
    const requests: Buffer[] = []
    const responder = createHttpServer((request, response) => {
      request.on('data', (chunk: Buffer) => requests.push(chunk))
      request.on('end', () => response.end(ocspResponse({ certificate: leaf, issuer: authority })))
    }).listen(0, '127.0.0.1')
    await once(responder, 'listening')
    t.after(() => responder.close())
    const url = `http://127.0.0.1:${(responder.address() as AddressInfo).port}/`
    const leaf: Certificate = issueCertificate({
      commonName: 'a',
      names: ['a.local'],
      issuer: authority,
      ocspUrl: 'http://responder.invalid/',
    })
    const chain = JSON.stringify(leaf.certificate + authority.certificate)
    const tls = `{certificates: [{certFile: ${chain}, keyFile: ${JSON.stringify(leaf.key)}}]}`
    const stapling = `${install}\nocsp: {responderOverrides: {"http://responder.invalid/": "${url}"}}`
    const router = await TestRouter.start(t, { install: stapling, routing: pathRouting('http://127.0.0.1:1', tls) })
    const stapled = async (): Promise<Buffer | null> => {
      const socket = connect({
        port: router.port('secure'),
        host: '127.0.0.1',
        servername: 'a.local',
        rejectUnauthorized: false,
        requestOCSP: true,
      })
      const [response]: (Buffer | null)[] = await once(socket, 'OCSPResponse')
      socket.destroy()
      return response ?? null
    }
    const response = await until('a response is stapled', stapled)
    const [x509, issuer] = [leaf, authority].map((each) => new X509Certificate(each.certificate)) as [X509Certificate, X509Certificate]
    assert.equal(readOcspResponse(response, x509, issuer, Date.now()).status, 'good')
    assert.ok(requests.length > 0)
  })
})

it('R30 a client that breaks off its handshake costs nobody else anything', async (t) => {
  const router = await TestRouter.start(t, { install, routing: routing(await servers(t)) })
  const port = router.port('secure')
  const broken = Array.from({ length: 20 }, () => connect({ port, host: '127.0.0.1', servername: 'mtls.local', rejectUnauthorized: false }))
  for (const socket of broken) {
    socket.on('error', () => {})
    socket.once('connect', () => socket.destroy())
  }
  await Promise.all(broken.map(closed))
  assert.equal(await statusOf(SecureClient.open(port, { servername: 'open.local' }), 'open.local'), 200)
  assert.deepEqual(
    router.log().filter(({ level }) => level === 'error'),
    [],
  )
})

describe('R27 handshakes for acme-tls/1', () => {
  it('are refused, as long as nobody here answers challenges, and serve nothing', async (t) => {
    const router = await TestRouter.start(t, { install, routing: routing(await servers(t)) })
    const socket = connect({
      port: router.port('secure'),
      host: '127.0.0.1',
      servername: 'open.local',
      rejectUnauthorized: false,
      ALPNProtocols: ['acme-tls/1'],
    })
    const [error]: NodeJS.ErrnoException[] = await once(socket, 'error')
    assert.match(error?.code ?? '', /NO_APPLICATION_PROTOCOL/)
  })

  it('that stop half-way end in the time that a handshake has', async (t) => {
    const router = await TestRouter.start(t, {
      install: 'entryPoints: {secure: {address: "127.0.0.1:0", transport: {respondingTimeouts: {readTimeout: 300ms}}}}',
      routing: routing(await servers(t)),
    })
    const named = { serverName: 'open.local', versions: [0x0303] }
    const challenge = helloRecords(helloMessage({ ...named, alpn: ['acme-tls/1'] }))
    for (const bytes of [challenge.subarray(0, 20), challenge, helloRecords(helloMessage({ ...named, alpn: [] }))]) {
      const socket = connectTcp(router.port('secure'), '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.write(bytes)
      await new Promise<void>((resolve) => socket.once('close', () => resolve()))
    }
    assert.equal(await statusOf(SecureClient.open(router.port('secure'), { servername: 'open.local' }), 'open.local'), 200)
  })
})

it('R28 no early data is taken: session tickets do not allow any', async (t) => {
  const router = await TestRouter.start(t, { install, routing: routing(await servers(t)) })
  const parameters = ['s_client', '-connect', `127.0.0.1:${router.port('secure')}`, '-servername', 'open.local', '-tls1_3', '-ign_eof']
  const program = spawn('openssl', parameters, { stdio: ['pipe', 'pipe', 'ignore'] })
  t.after(() => program.kill('SIGKILL'))
  program.stdin.write('GET / HTTP/1.1\r\nHost: open.local\r\nConnection: close\r\n\r\n')
  const tickets = (await text(program.stdout)).match(/Max Early Data: \d+/g)
  assert.deepEqual([...new Set(tickets)], ['Max Early Data: 0'])
})

it('R34 HTTP/3 is not spoken by half: who asks for it is told so, nothing listens, and no client is sent there', async (t) => {
  const router = await TestRouter.start(t, {
    install: 'entryPoints: {secure: {address: "127.0.0.1:0", http3: {}}}',
    routing: routing(await servers(t)),
  })
  await router.logged(/http3/)
  const port = router.port('secure')
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, resolve)
  })
  const secure = await openTls(port, { servername: 'open.local', ALPNProtocols: ['http/1.1'] })
  secure.on('error', () => {})
  t.after(() => secure.destroy())
  const answered = once(secure, 'data')
  secure.write('GET / HTTP/1.1\r\nHost: open.local\r\n\r\n')
  const head = String((await answered)[0])
  assert.match(head, /^HTTP\/1\.1 200/)
  assert.doesNotMatch(head, /alt-svc/i)
})
