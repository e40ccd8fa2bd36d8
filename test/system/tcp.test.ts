import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it, type TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { Talk, dialStream, dialTlsStream, startStreamServer, startTlsStreamServer } from '../support/stream-rig.ts'
import { TestRouter } from '../support/test-router.ts'
import { until } from '../support/until.ts'

const sslRequest = '\0\0\0\x08\x04\xd2\x16\x2f'

/** A router with one entry point `t`, its TCP routers and services as YAML, and one HTTP and one HTTPS router. */
function start(t: TestContext, tcp: string, more = '', http = true): Promise<TestRouter> {
  const httpPart = http
    ? 'http: {routers: {plain: {rule: "Host(`h.local`)", service: noop@internal}, secure: {rule: "Host(`s.local`)", service: noop@internal, tls: {}}}}\n'
    : ''
  return TestRouter.start(t, {
    install: `workers: 0\nentryPoints: {t: {address: "127.0.0.1:0", transport: {lifeCycle: {graceTimeOut: 0}${more}}}}`,
    routing: `${httpPart}tcp: ${tcp}`,
  })
}

function service(name: string, address: string, more = ''): string {
  return `${name}: {loadBalancer: {servers: [{address: "${address}"}]${more}}}`
}

const get = (host: string): string => `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`

describe('one entry point for all', () => {
  async function everything(t: TestContext): Promise<{ port: number; router: TestRouter }> {
    const plain = await startStreamServer(t, (talk) => talk.say('plain '))
    const secret = await startStreamServer(t, (talk) => talk.say('terminated '))
    const own = await startTlsStreamServer(t, 'pass.local', (talk) => talk.say('passed '))
    const router = await start(
      t,
      `{routers: {
        near: {rule: "HostSNI(\`*\`) && ClientIP(\`127.0.0.9\`)", service: plain},
        end: {rule: "HostSNI(\`end.local\`)", service: secret, tls: {}},
        pass: {rule: "HostSNI(\`pass.local\`)", service: own, tls: {passthrough: true}},
        same: {rule: "HostSNI(\`s.local\`)", service: secret, tls: {}},
        off: {rule: "HostSNI(\`off.local\`)", service: nothere, tls: {}},
        any: {rule: "HostSNI(\`*\`)", service: secret, tls: {}}
      }, services: {${service('plain', plain.address)}, ${service('secret', secret.address)}, ${service('own', own.address)}}}`,
    )
    return { port: router.port('t'), router }
  }

  it('tells TCP, HTTP, HTTPS, TLS for TCP and passthrough apart', async (t) => {
    const { port } = await everything(t)
    const near = await dialStream(t, port, '127.0.0.9')
    near.say('x')
    await near.hears('plain ')

    const http = await dialStream(t, port)
    http.say(get('h.local'))
    assert.match(await http.closed(), /^HTTP\/1\.1 418 /)

    const wrong = await dialStream(t, port)
    wrong.say(get('s.local'))
    assert.match(await wrong.closed(), /^HTTP\/1\.1 404 /)

    const end = await dialTlsStream(t, port, 'end.local')
    await end.talk.hears('terminated ')
    const pass = await dialTlsStream(t, port, 'pass.local')
    assert.equal(pass.certificate, 'pass.local')
    await pass.talk.hears('passed ')

    // The HTTPS router names the host as well, and comes first.
    const secure = await dialTlsStream(t, port, 's.local')
    secure.talk.say(get('s.local'))
    assert.match(await secure.talk.closed(), /^HTTP\/1\.1 418 /)
    const unknown = await dialTlsStream(t, port, 'zzz.local')
    await unknown.talk.hears('terminated ')
  })

  it('R23: reads a ClientHello byte by byte', async (t) => {
    const { port } = await everything(t)
    const outer = await dialStream(t, port)
    const hello = await helloOf('pass.local')
    for (const byte of hello) {
      outer.socket.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    // The server's own first record is a handshake record.
    await outer.hears('\x16\x03')
  })

  it('R23: closes on what only begins like TLS', async (t) => {
    const { port } = await everything(t)
    for (const bytes of ['\x80\x2e\x01\x03\x01', '\x16\x03\x01\xff\xff\x01', '\x16\x03\x01\x00\x05hello', '\x16\x02\x00\x00\x01\x01']) {
      const talk = await dialStream(t, port)
      talk.say(bytes)
      assert.doesNotMatch(await talk.closed(), /HTTP|plain|terminated/)
    }
  })

  it('never lets a lower router have connections of one that is out of use', async (t) => {
    const { port } = await everything(t)
    await assert.rejects(dialTlsStream(t, port, 'off.local'))
  })

  it('takes HTTP/2 and what only begins like it', async (t) => {
    const { port } = await everything(t)
    const http2 = await dialStream(t, port)
    http2.say('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0')
    await http2.hears('\0\0\0\x04\x01\0\0\0\0')
    const http1 = await dialStream(t, port)
    http1.say('P')
    await new Promise((resolve) => setImmediate(resolve))
    http1.say(`UT / HTTP/1.1\r\nHost: h.local\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
    assert.match(await http1.closed(), /^HTTP\/1\.1 418 /)
  })
})

/** The ClientHello that Node's client sends for a name. */
async function helloOf(servername: string): Promise<Buffer> {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const client = connectTls({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
  client.on('error', () => {})
  const [socket] = await once(server, 'connection')
  const [hello] = await once(socket, 'data')
  client.destroy()
  socket.destroy()
  server.close()
  return hello
}

describe('Postgres', () => {
  async function postgres(t: TestContext): Promise<number> {
    const ended = await startStreamServer(t, (talk) => talk.say('in clear behind '))
    const own = await startTlsStreamServer(t, 'own.local', (talk) => talk.say('its own TLS '))
    // A server that is asked for TLS first, and then speaks it.
    const asked = await startStreamServer(t, (talk) => {
      talk.socket.once('data', (chunk: Buffer) => {
        if (chunk.toString('latin1') !== sslRequest) return
        talk.say('S')
        void dialStream(t, own.port).then(({ socket }) => {
          talk.socket.pipe(socket)
          socket.pipe(talk.socket)
        })
      })
    })
    const refusing = await startStreamServer(t, (talk) => talk.socket.once('data', () => talk.say('N')))
    const tcp = `{routers: {
      ended: {rule: "HostSNI(\`ended.local\`)", service: ended, tls: {}},
      own: {rule: "HostSNI(\`own.local\`)", service: asked, tls: {passthrough: true}},
      refusing: {rule: "HostSNI(\`refusing.local\`)", service: refusing, tls: {passthrough: true}}
    }, services: {${service('ended', ended.address)}, ${service('asked', asked.address)}, ${service('refusing', refusing.address)}}}`
    return (await start(t, tcp, ', respondingTimeouts: {readTimeout: 300ms}')).port('t')
  }

  async function ask(t: TestContext, port: number): Promise<Talk> {
    const talk = await dialStream(t, port)
    talk.say(sslRequest)
    assert.equal(await talk.hears('S'), 'S')
    talk.socket.removeAllListeners('data')
    return talk
  }

  it('ends TLS that was asked for in its way', async (t) => {
    const port = await postgres(t)
    const { talk } = await dialTlsStream(t, port, 'ended.local', { over: (await ask(t, port)).socket })
    await talk.hears('in clear behind ')
  })

  it('leaves TLS to the server, asking it in the same way', async (t) => {
    const port = await postgres(t)
    const { talk, certificate } = await dialTlsStream(t, port, 'own.local', { over: (await ask(t, port)).socket })
    assert.equal(certificate, 'own.local')
    await talk.hears('its own TLS ')
  })

  it('closes where the server has no TLS, or nobody has the name', async (t) => {
    const port = await postgres(t)
    for (const name of ['refusing.local', 'zzz.local', 's.local']) {
      const { socket } = await ask(t, port)
      await assert.rejects(dialTlsStream(t, port, name, { over: socket }), name)
    }
  })

  it('R26: refuses bytes that come behind the request in clear', async (t) => {
    const port = await postgres(t)
    const talk = await dialStream(t, port)
    talk.say(`${sslRequest}\x16\x03\x01`)
    assert.equal(await talk.closed(), '')
  })

  it('R26: takes no plain text after the answer', async (t) => {
    const port = await postgres(t)
    const talk = await ask(t, port)
    talk.say(get('h.local'))
    const again = new Talk(talk.socket)
    assert.doesNotMatch(await again.closed(), /HTTP/)
  })

  for (const [stage, bytes] of [
    ['before the first byte', ''],
    ['within the request', sslRequest.slice(0, 5)],
    ['after the answer', sslRequest],
    ['within the ClientHello', '\x16\x03\x01\x02\x00\x01'],
  ] as const)
    it(`R26: closes a client that is silent ${stage}`, async (t) => {
      const port = await postgres(t)
      const talk = await dialStream(t, port)
      if (bytes !== '') talk.say(bytes)
      assert.equal(await talk.closed(), bytes === sslRequest ? 'S' : '')
    })

  it('is told that there is no TLS where no TCP router speaks it', async (t) => {
    const router = await start(t, '{}')
    const talk = await dialStream(t, router.port('t'))
    talk.say(sslRequest)
    assert.equal(await talk.closed(), 'N')
  })
})

describe('TCP services', () => {
  const all = 'r: {rule: "HostSNI(`*`)", service: s}'

  it('let the server speak first', async (t) => {
    const server = await startStreamServer(t, (talk) => talk.say('SSH-2.0-x\r\n'))
    const router = await start(t, `{routers: {${all}}, services: {${service('s', server.address)}}}`, '', false)
    assert.equal(await (await dialStream(t, router.port('t'))).hears('\n'), 'SSH-2.0-x\r\n')
  })

  it('keep half-closed connections for as long as the transport says', async (t) => {
    const server = await startStreamServer(t, (talk) => talk.socket.on('end', () => talk.socket.end(`got ${talk.received}`)))
    const transports = 'serversTransports: {ever: {terminationDelay: -1ms}}'
    const routing = `{routers: {${all}}, services: {${service('s', server.address, ', serversTransport: ever')}}, ${transports}}`
    const router = await start(t, routing, '', false)
    const talk = await dialStream(t, router.port('t'))
    talk.say('question')
    talk.socket.end()
    assert.equal(await talk.hears('got question'), 'got question')
    await talk.closed()
  })

  it('keep half-closed connections over TLS too', async (t) => {
    const server = await startStreamServer(t, (talk) => talk.socket.on('end', () => talk.socket.end(`got ${talk.received}`)))
    const transports = 'serversTransports: {ever: {terminationDelay: -1ms}}'
    const routers = 'r: {rule: "HostSNI(`half.local`)", service: s, tls: {}}'
    const routing = `{routers: {${routers}}, services: {${service('s', server.address, ', serversTransport: ever')}}, ${transports}}`
    const router = await start(t, routing, '', false)
    const { talk } = await dialTlsStream(t, router.port('t'), 'half.local')
    talk.say('question')
    talk.socket.end()
    assert.equal(await talk.hears('got question'), 'got question')
    await talk.closed()
  })

  it('end a half-closed connection that is silent', async (t) => {
    const server = await startStreamServer(t, () => {})
    const routing = `{routers: {${all}}, services: {${service('s', server.address)}}}`
    const router = await start(t, routing, '', false)
    const talk = await dialStream(t, router.port('t'))
    talk.socket.end()
    assert.equal(await talk.closed(), '')
    await until('the server is told', () => server.connections[0]?.hasEnded)
  })

  it('go on to the next server when one cannot be reached, and close when none can', async (t) => {
    const down = await startStreamServer(t)
    const up = await startStreamServer(t, (talk) => talk.say('here'))
    await down.close()
    const servers = `servers: [{address: "${down.address}"}, {address: "${up.address}"}]`
    const routing = `{routers: {${all}}, services: {s: {loadBalancer: {${servers}}}}}`
    const router = await start(t, routing, '', false)
    for (let i = 0; i < 4; i += 1) await (await dialStream(t, router.port('t'))).hears('here')
    await router.logged(/cannot connect to the server/)
    await up.close()
    assert.equal(await (await dialStream(t, router.port('t'))).closed(), '')
  })

  for (const [version, expected] of [
    [1, /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\nhello$/],
    [2, /^\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01[^]{4}hello$/],
  ] as const)
    it(`tell the server who the client is, by version ${version} of the PROXY protocol`, async (t) => {
      const server = await startStreamServer(t, () => {})
      const transports = `serversTransports: {p: {proxyProtocol: {version: ${version}}}}`
      const routing = `{routers: {${all}}, services: {${service('s', server.address, ', serversTransport: p')}}, ${transports}}`
      const router = await start(t, routing, '', false)
      ;(await dialStream(t, router.port('t'))).say('hello')
      const [talk] = await until('a connection', () => (server.connections.length > 0 ? server.connections : null))
      assert.ok(talk !== undefined)
      assert.match(await talk.hears('hello'), expected)
    })

  it('speak TLS to the server, and check who it is', async (t) => {
    const server = await startTlsStreamServer(t, 'db.local', (talk) => talk.say('over TLS'))
    const transports = 'serversTransports: {blind: {tls: {insecureSkipVerify: true}}}'
    const blind = `blind: {loadBalancer: {servers: [{address: "${server.address}", tls: true}], serversTransport: blind}}`
    const strict = `strict: {loadBalancer: {servers: [{address: "${server.address}", tls: true}]}}`
    const routers = 'a: {rule: "HostSNI(`*`) && ClientIP(`127.0.0.9`)", service: blind}, b: {rule: "HostSNI(`*`)", service: strict}'
    const router = await start(t, `{routers: {${routers}}, services: {${blind}, ${strict}}, ${transports}}`, '', false)
    await (await dialStream(t, router.port('t'), '127.0.0.9')).hears('over TLS')
    assert.equal(await (await dialStream(t, router.port('t'))).closed(), '')
  })

  it('live on through reloads, the removal of their router included', async (t) => {
    const server = await startStreamServer(t)
    const routing = `tcp: {routers: {${all}}, services: {${service('s', server.address)}}}`
    const router = await start(t, routing.slice('tcp: '.length), '', false)
    const talk = await dialStream(t, router.port('t'))
    talk.say('one ')
    await talk.hears('one ')
    router.route('http: {routers: {x: {rule: "Host(`x`)", service: noop@internal}}}')
    const other = await until('the router has gone', async () => {
      const probe = await dialStream(t, router.port('t'))
      probe.say(get('x'))
      const answer = await Promise.race([probe.hears('HTTP/1.1 418'), probe.hears(get('x'))])
      return answer.startsWith('HTTP/1.1 418')
    })
    assert.ok(other)
    talk.say('two ')
    assert.equal(await talk.hears('two '), 'one two ')
  })
})

describe('TCP middlewares', () => {
  async function guarded(t: TestContext, middleware: string): Promise<number> {
    const server = await startStreamServer(t)
    const routing = `{routers: {r: {rule: "HostSNI(\`*\`)", service: s, middlewares: [m]}}, services: {${service('s', server.address)}}, middlewares: {m: ${middleware}}}`
    return (await start(t, routing, '', false)).port('t')
  }

  for (const kind of ['ipAllowList', 'ipWhiteList'])
    it(`${kind} lets only its addresses pass`, async (t) => {
      const port = await guarded(t, `{${kind}: {sourceRange: ["127.0.0.8/31", "10.0.0.1"]}}`)
      const near = await dialStream(t, port, '127.0.0.9')
      near.say('hi')
      await near.hears('hi')
      assert.equal(await (await dialStream(t, port)).closed(), '')
    })

  it('inFlightConn limits the connections of one address, and counts those that have ended no more', async (t) => {
    const port = await guarded(t, '{inFlightConn: {amount: 2}}')
    const talks = [await dialStream(t, port), await dialStream(t, port)]
    for (const talk of talks) {
      talk.say('hi')
      await talk.hears('hi')
    }
    assert.equal(await (await dialStream(t, port)).closed(), '')
    const other = await dialStream(t, port, '127.0.0.9')
    other.say('hi')
    await other.hears('hi')
    talks[0]?.socket.destroy()
    await until('a place is free', async () => {
      const talk = await dialStream(t, port)
      talk.say('hi')
      return (await Promise.race([talk.closed(), talk.hears('hi')])) === 'hi'
    })
  })
})
