import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { createServer as createTlsServer, type Server } from 'node:tls'
import { issueCertificate } from '../../../test/support/certificates.ts'
import { answerOk, type NotingSink, readyBody, testTransport, UpstreamRig } from '../../../test/support/upstream-rig.ts'
import { resetFrame, settingsFrame } from '../http2/frames.ts'

const rig = new UpstreamRig('handle')
const sessions: ServerHttp2Session[] = []

after(() => {
  rig.close()
  for (const session of sessions) session.destroy()
})

async function listen(server: Server | Http2SecureServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  rig.closes({ close: () => void server.close() })
  return (server.address() as AddressInfo).port
}

describe('servers with TLS', () => {
  const authority = issueCertificate({ commonName: 'Test CA', authority: true })
  const certificate = issueCertificate({ commonName: 'a', names: ['127.0.0.1'], issuer: authority, serial: 2 })
  const identity = { cert: certificate.certificate, key: certificate.key }
  const http2 = { readIdleTimeoutMs: 0, pingTimeoutMs: 15_000 }
  const transport = testTransport({ rootCas: [authority.certificate], http2 })
  let both: string
  let old: string
  let picky: string
  const versions: string[] = []

  before(async () => {
    const server = createSecureServer({ ...identity, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion)
      response.end(request.httpVersion)
    })
    server.on('session', (session) => sessions.push(session))
    both = `https://127.0.0.1:${await listen(server)}`
    const sockets: Socket[] = []
    const plain = createTlsServer({ ...identity, ALPNProtocols: ['http/1.1'] }, (socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.on('data', () => socket.write(answerOk('1.1')))
    })
    old = `https://127.0.0.1:${await listen(plain)}`
    const refusing = createTlsServer({ ...identity, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      if (socket.alpnProtocol === 'h2') {
        socket.write(settingsFrame([]), 'latin1')
        socket.on('data', (chunk) => {
          if (chunk.includes('PRI ')) socket.write(resetFrame(1, 13), 'latin1')
        })
      } else {
        socket.on('data', () => socket.write(answerOk('1.1 after all')))
      }
    })
    picky = `https://127.0.0.1:${await listen(refusing)}`
    rig.closes({ close: () => sockets.forEach((socket) => socket.destroy()) })
  })

  it('are asked by HTTP/2 when they offer it, all at once on one connection', async () => {
    const upstreams = rig.upstreams()
    const sinks = Array.from({ length: 20 }, () => rig.send(upstreams, both, {}, transport).sink)
    await Promise.all(sinks.map((sink) => sink.done))
    assert.deepEqual(new Set(sinks.map(({ body }) => body)), new Set(['2.0']))
    assert.equal(upstreams.connectionCount, 1)
  })

  it('are asked by HTTP/1.1 when the transport leaves HTTP/2 out', async () => {
    const { sink } = rig.send(rig.upstreams(), both, {}, testTransport({ rootCas: [authority.certificate], http2: null }))
    await sink.done
    assert.equal(sink.body, '1.1')
  })

  it('are asked by HTTP/1.1 when they offer nothing else', async () => {
    const upstreams = rig.upstreams()
    const sinks = Array.from({ length: 5 }, () => rig.send(upstreams, old, { method: 'POST', body: readyBody(['x']) }, transport).sink)
    await Promise.all(sinks.map((sink) => sink.done))
    assert.deepEqual(new Set(sinks.map(({ body }) => body)), new Set(['1.1']))
    const again = rig.send(upstreams, old, {}, transport).sink
    await again.done
    assert.equal(again.body, '1.1')
    assert.equal(upstreams.connectionCount, 5)
  })

  it('are asked by HTTP/1.1 when they insist on it', async () => {
    const { sink } = rig.send(rig.upstreams(), picky, {}, transport)
    await sink.done
    assert.equal(sink.body, '1.1 after all')
  })

  it('fail for all who wait when they cannot be trusted', async () => {
    const upstreams = rig.upstreams()
    const sinks = Array.from({ length: 3 }, () => rig.send(upstreams, both, {}, testTransport({ http2 })).sink)
    await Promise.all(sinks.map((sink) => sink.done))
    assert.deepEqual(
      sinks.map(({ status }: NotingSink) => status),
      [500, 500, 500],
    )
    assert.equal(upstreams.connectionCount, 0)
  })
})
