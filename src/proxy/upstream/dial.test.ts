import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls'
import { type Certificate, issueCertificate } from '../../../test/support/certificates.ts'
import { answerOk, ManualClock, testTransport, UpstreamRig } from '../../../test/support/upstream-rig.ts'
import type { TransportPlan } from '../../generation/plan.ts'
import { parseAltNames } from '../../generation/tls-settings.ts'
import { TimerWheel } from '../../std/timer-wheel.ts'
import type { TransportKind } from '../transport/choose.ts'

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function listen(server: Server, rig: UpstreamRig, path?: string): Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  rig.closes({
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  })
}

for (const kind of ['handle', 'socket'] satisfies TransportKind[]) {
  describe(`dialling with ${kind} transports`, () => {
    const rig = new UpstreamRig(kind)
    after(() => rig.close())

    describe('R29: TLS to servers', () => {
      const authority = issueCertificate({ commonName: 'Test CA', authority: true })
      const stranger = issueCertificate({ commonName: 'Other CA', authority: true })
      const sec = issueCertificate({
        commonName: 'sec.local',
        names: ['sec.local', 'spiffe://example.org/service'],
        issuer: authority,
        serial: 2,
      })
      const wild = issueCertificate({ commonName: 'wild', names: ['*.wild.local', '127.0.0.1'], issuer: authority, serial: 3 })
      const client = issueCertificate({ commonName: 'client.local', names: ['client.local'], issuer: authority, serial: 4 })
      const ports = new Map<string, number>()
      const seen: { servername: string | false | null; alpn: string | false | null }[] = []

      async function serve(name: string, certificate: Certificate, options: TlsOptions = {}): Promise<void> {
        const server = createTlsServer(
          { cert: certificate.certificate, key: certificate.key, ALPNProtocols: ['h2', 'http/1.1'], ...options },
          (socket: TLSSocket) => {
            seen.push({ servername: socket.servername, alpn: socket.alpnProtocol })
            socket.on('error', () => {})
            socket.on('data', () => socket.write(answerOk(name)))
          },
        )
        server.on('tlsClientError', () => {})
        await listen(server, rig)
        ports.set(name, portOf(server))
      }

      before(async () => {
        await serve('sec', sec)
        await serve('wild', wild)
        await serve('mtls', sec, { requestCert: true, ca: authority.certificate, maxVersion: 'TLSv1.2' })
        await serve('mtls13', sec, { requestCert: true, ca: authority.certificate, minVersion: 'TLSv1.3' })
        await serve('old', sec, { maxVersion: 'TLSv1.2' })
      })

      const trusts = { rootCas: [authority.certificate] }
      const cases: { name: string; server: string; host?: string; plan: Partial<TransportPlan>; status: number }[] = [
        { name: 'an unknown authority', server: 'sec', plan: {}, status: 500 },
        { name: 'insecureSkipVerify', server: 'sec', plan: { insecureSkipVerify: true }, status: 200 },
        { name: 'rootCAs and the right serverName', server: 'sec', plan: { ...trusts, serverName: 'sec.local' }, status: 200 },
        { name: 'serverName in other case', server: 'sec', plan: { ...trusts, serverName: 'SEC.Local' }, status: 200 },
        { name: 'a wrong serverName', server: 'sec', plan: { ...trusts, serverName: 'other.local' }, status: 500 },
        { name: 'an address that the certificate lacks', server: 'sec', plan: trusts, status: 500 },
        { name: 'an address that the certificate has', server: 'wild', plan: trusts, status: 200 },
        { name: 'the name of the url', server: 'sec', host: 'localhost', plan: trusts, status: 500 },
        { name: 'another authority', server: 'sec', plan: { rootCas: [stranger.certificate], serverName: 'sec.local' }, status: 500 },
        { name: 'no authority at all', server: 'sec', plan: { rootCas: [''], serverName: 'sec.local' }, status: 500 },
        {
          name: 'peerCertSANs of an unknown type',
          server: 'sec',
          plan: { ...trusts, serverName: 'sec.local', peerCertSans: [{ type: 'Fruit', value: 'sec.local' }] },
          status: 500,
        },
        {
          name: 'several authorities',
          server: 'sec',
          plan: { rootCas: [stranger.certificate, authority.certificate], serverName: 'sec.local' },
          status: 200,
        },
        { name: 'a wildcard', server: 'wild', plan: { ...trusts, serverName: 'x.wild.local' }, status: 200 },
        { name: 'a wildcard does not reach two labels', server: 'wild', plan: { ...trusts, serverName: 'x.y.wild.local' }, status: 500 },
        { name: 'no client certificate, TLS 1.2', server: 'mtls', plan: { insecureSkipVerify: true }, status: 502 },
        { name: 'no client certificate, TLS 1.3', server: 'mtls13', plan: { insecureSkipVerify: true }, status: 502 },
        {
          name: 'a client certificate, TLS 1.2',
          server: 'mtls',
          plan: { insecureSkipVerify: true, certificates: [{ cert: client.certificate, key: client.key }] },
          status: 200,
        },
        {
          name: 'a client certificate, TLS 1.3',
          server: 'mtls13',
          plan: { insecureSkipVerify: true, certificates: [{ cert: client.certificate, key: client.key }] },
          status: 200,
        },
        {
          name: 'a key that does not belong to its certificate',
          server: 'mtls',
          plan: { insecureSkipVerify: true, certificates: [{ cert: client.certificate, key: sec.key }] },
          status: 500,
        },
        {
          name: 'peerCertURI',
          server: 'sec',
          plan: { ...trusts, serverName: 'sec.local', peerCertUri: 'spiffe://example.org/service' },
          status: 200,
        },
        {
          name: 'another peerCertURI',
          server: 'sec',
          plan: { ...trusts, serverName: 'sec.local', peerCertUri: 'spiffe://example.org/other' },
          status: 500,
        },
        {
          name: 'peerCertSANs',
          server: 'sec',
          plan: { ...trusts, serverName: 'sec.local', peerCertSans: [{ type: 'DNSName', value: 'sec.local' }] },
          status: 200,
        },
        {
          name: 'other peerCertSANs',
          server: 'sec',
          plan: { ...trusts, serverName: 'sec.local', peerCertSans: [{ type: 'DNSName', value: 'other.local' }] },
          status: 500,
        },
        {
          name: 'one of several peerCertSANs',
          server: 'sec',
          plan: {
            ...trusts,
            serverName: 'sec.local',
            peerCertSans: [
              { type: 'DNSName', value: 'other.local' },
              { type: 'URI', value: 'spiffe://example.org/service' },
            ],
          },
          status: 200,
        },
        {
          name: 'peerCertSANs with skip and rootCAs',
          server: 'sec',
          plan: { ...trusts, insecureSkipVerify: true, peerCertSans: [{ type: 'DNSName', value: 'sec.local' }] },
          status: 200,
        },
        {
          name: 'wrong peerCertSANs with skip and rootCAs',
          server: 'sec',
          plan: { ...trusts, insecureSkipVerify: true, peerCertSans: [{ type: 'DNSName', value: 'x.local' }] },
          status: 500,
        },
        {
          name: 'peerCertSANs with skip and no rootCAs',
          server: 'sec',
          plan: { insecureSkipVerify: true, peerCertSans: [{ type: 'DNSName', value: 'sec.local' }] },
          status: 500,
        },
        {
          name: 'a cipher suite',
          server: 'sec',
          plan: { insecureSkipVerify: true, maxVersion: 'VersionTLS12', cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'] },
          status: 200,
        },
        {
          name: 'a cipher suite that the server lacks',
          server: 'sec',
          plan: { insecureSkipVerify: true, maxVersion: 'VersionTLS12', cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'] },
          status: 502,
        },
        {
          name: 'an unknown cipher suite falls back to verification',
          server: 'sec',
          plan: { insecureSkipVerify: true, cipherSuites: ['TLS_FAST'] },
          status: 500,
        },
        {
          name: 'minVersion and maxVersion',
          server: 'sec',
          plan: { insecureSkipVerify: true, minVersion: 'VersionTLS12', maxVersion: 'VersionTLS13' },
          status: 200,
        },
        { name: 'minVersion alone', server: 'sec', plan: { insecureSkipVerify: true, minVersion: 'VersionTLS13' }, status: 200 },
        {
          name: 'minVersion that the server lacks',
          server: 'old',
          plan: { insecureSkipVerify: true, minVersion: 'VersionTLS13' },
          status: 502,
        },
        {
          name: 'an unknown version falls back to verification',
          server: 'sec',
          plan: { insecureSkipVerify: true, maxVersion: 'VersionTLS99' },
          status: 500,
        },
        {
          name: 'versions in the wrong order fall back to verification',
          server: 'sec',
          plan: { insecureSkipVerify: true, minVersion: 'VersionTLS13', maxVersion: 'VersionTLS12' },
          status: 500,
        },
      ]
      for (const { name, server, host, plan, status } of cases) {
        it(`${name}: ${status}`, async () => {
          const url = `https://${host ?? '127.0.0.1'}:${ports.get(server)}`
          const upstreams = rig.upstreams()
          const { sink } = rig.send(upstreams, url, {}, testTransport(plan))
          await sink.done
          assert.equal(sink.status, status, sink.body)
          if (status === 200) assert.equal(sink.body, server)
        })
      }

      it('offers HTTP/1.1 alone, and the name as SNI unless it is an address', async () => {
        seen.length = 0
        const url = `https://127.0.0.1:${ports.get('sec')}`
        await rig.send(rig.upstreams(), url, {}, testTransport({ ...trusts, serverName: 'sec.local' })).sink.done
        await rig.send(rig.upstreams(), url, {}, testTransport({ insecureSkipVerify: true })).sink.done
        assert.deepEqual(seen, [
          { servername: 'sec.local', alpn: 'http/1.1' },
          { servername: false, alpn: 'http/1.1' },
        ])
      })

      it('keeps connections, each name its own', async () => {
        seen.length = 0
        const url = `https://127.0.0.1:${ports.get('sec')}`
        const upstreams = rig.upstreams()
        for (const serverName of ['sec.local', 'sec.local', 'SEC.local'])
          await rig.send(upstreams, url, {}, testTransport({ ...trusts, serverName })).sink.done
        assert.equal(seen.length, 2)
      })

      it('a server that does not speak TLS is 500', async () => {
        const { url } = await rig.serve((socket) => socket.write('what?\r\n'))
        const { sink, listener } = rig.send(
          rig.upstreams(),
          url.replace('http:', 'https:'),
          {},
          testTransport({ insecureSkipVerify: true }),
        )
        await sink.done
        assert.equal(sink.status, 500)
        assert.deepEqual(listener.settled, ['upstream_tls'])
      })

      it('a handshake that never ends is 504 after ten seconds', async () => {
        const clock = new ManualClock()
        const hello = Promise.withResolvers<void>()
        const { url } = await rig.serve(() => hello.resolve())
        const upstreams = rig.upstreams({ wheel: new TimerWheel(clock) })
        const { sink } = rig.send(upstreams, url.replace('http:', 'https:'), {}, testTransport({ insecureSkipVerify: true }))
        await hello.promise
        clock.advance(10_100)
        await sink.done
        assert.equal(sink.status, 504)
        assert.equal(upstreams.connectionCount, 0)
      })
    })

    it('reaches a server on a Unix socket', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'upstream-'))
      const path = join(folder, 'app.sock')
      const received: string[] = []
      const server = createServer((socket) =>
        socket.on('data', (chunk) => (received.push(chunk.toString()), socket.write(answerOk('unix')))),
      )
      await listen(server, rig, path)
      const { sink, exchange } = rig.send(rig.upstreams(), `unix://${path}`, { target: '/x', host: '' })
      await sink.done
      rmSync(folder, { recursive: true })
      assert.equal(sink.body, 'unix')
      assert.match(received[0] ?? '', /^GET \/x HTTP\/1\.1\r\nHost: localhost\r\n/)
      assert.equal(exchange.serverUrl, `unix://${path}`)
    })

    it('reaches a server by name, whatever address it listens on', async () => {
      const { server } = await rig.serve((socket) => socket.write(answerOk('named')))
      const { sink } = rig.send(rig.upstreams(), `http://localhost:${server.port}`)
      await sink.done
      assert.equal(sink.body, 'named')
    })

    it('reaches an address that maps IPv4 into IPv6', async () => {
      const { server } = await rig.serve((socket) => socket.write(answerOk('mapped')))
      const { sink } = rig.send(rig.upstreams(), `http://[::ffff:127.0.0.1]:${server.port}`)
      await sink.done
      assert.equal(sink.body, 'mapped')
    })

    describe('forward proxies', () => {
      it('plain requests go there with an absolute target and credentials', async () => {
        const { server } = await rig.serve((socket) => socket.write(answerOk('proxied')))
        const upstreams = rig.upstreams({ env: { HTTP_PROXY: `http://joe:secret@127.0.0.1:${server.port}` } })
        const { sink } = rig.send(upstreams, 'http://backend.example:81', { target: '/x?y' })
        await sink.done
        assert.equal(sink.body, 'proxied')
        const authorization = Buffer.from('joe:secret').toString('base64')
        assert.match(
          server.received[0] ?? '',
          new RegExp(`^GET http://backend.example:81/x\\?y HTTP/1.1\r\nHost: p.local\r\nProxy-Authorization: Basic ${authorization}\r\n`),
        )
      })

      it('TLS goes through a tunnel', async () => {
        const authority = issueCertificate({ commonName: 'CA', authority: true })
        const certificate = issueCertificate({ commonName: 'b', names: ['backend.example'], issuer: authority, serial: 2 })
        const backend = createTlsServer({ cert: certificate.certificate, key: certificate.key }, (socket) =>
          socket.on('data', () => socket.write(answerOk('tunnelled'))),
        )
        await listen(backend, rig)
        const heads: string[] = []
        const proxy = createServer((socket) => {
          socket.once('data', (head) => {
            heads.push(head.toString())
            const tunnel = connect(portOf(backend), '127.0.0.1', () => {
              socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
              socket.pipe(tunnel).pipe(socket)
            })
            tunnel.on('error', () => socket.destroy())
            socket.on('error', () => tunnel.destroy())
          })
        })
        await listen(proxy, rig)
        const upstreams = rig.upstreams({ env: { HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}` } })
        const { sink } = rig.send(upstreams, 'https://backend.example:444', {}, testTransport({ rootCas: [authority.certificate] }))
        await sink.done
        assert.equal(sink.body, 'tunnelled')
        assert.deepEqual(heads, ['CONNECT backend.example:444 HTTP/1.1\r\nHost: backend.example:444\r\n\r\n'])
      })

      it('a proxy that cannot be used is 500', async () => {
        const { sink } = rig.send(rig.upstreams({ env: { HTTP_PROXY: 'socks5://127.0.0.1:1' } }), 'http://backend.example')
        await sink.done
        assert.equal(sink.status, 500)
      })

      it('a proxy that refuses is 502', async () => {
        const { server } = await rig.serve((socket) =>
          socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
        )
        const upstreams = rig.upstreams({ env: { HTTPS_PROXY: `http://127.0.0.1:${server.port}` } })
        const { sink } = rig.send(upstreams, 'https://backend.example')
        await sink.done
        assert.equal(sink.status, 502)
      })
    })
  })
}

describe('parseAltNames', () => {
  it('reads DNS names and URIs, quoted ones too, and passes over the rest', () => {
    assert.deepEqual(parseAltNames('DNS:a.b, IP Address:127.0.0.1, URI:spiffe://x/y, DNS:"odd, DNS:evil", othername:"x, URI:z", DNS:*.c'), [
      { type: 'DNSName', value: 'a.b' },
      { type: 'URI', value: 'spiffe://x/y' },
      { type: 'DNSName', value: 'odd, DNS:evil' },
      { type: 'DNSName', value: '*.c' },
    ])
    assert.deepEqual(parseAltNames(''), [])
  })
})
