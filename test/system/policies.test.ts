import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it, type TestContext } from 'node:test'
import { startBackend } from '../support/backend.ts'
import { askOnce } from '../support/http-client.ts'
import { type ProtocolClient, type ProtocolQuestion, protocols } from '../support/protocol-clients.ts'
import { TestRouter } from '../support/test-router.ts'
import { until } from '../support/until.ts'

/** What a server is told of a request. */
interface Seen {
  readonly path: string | undefined
  readonly headers: IncomingMessage['headers']
}

interface Policy {
  readonly name: string
  /** Options of the entry point besides its address. */
  readonly entryPoint?: string
  readonly question: ProtocolQuestion
  readonly status: number
  /** What the server saw; `scheme` is that of the client's connection. */
  readonly sees?: (seen: Seen, scheme: string) => void
}

const long = 'x'.repeat(9000)
const tall = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`x-${index}`, 'x'.repeat(1000)]))
const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, '1']))

/** Each holds over every protocol alike, so that none is a way around it. */
const policies: readonly Policy[] = [
  {
    name: 'R11 paths are forwarded in canonical form',
    question: { path: '/x/../%61dmin//b' },
    status: 200,
    sees: ({ path }) => assert.equal(path, '/admin/b'),
  },
  { name: 'R11 a broken escape is refused', question: { path: '/a%zz' }, status: 400 },
  {
    name: 'R11 a path that leaves the root stays in it',
    question: { path: '/../../etc' },
    status: 200,
    sees: ({ path }) => assert.equal(path, '/etc'),
  },
  {
    name: 'encoded characters that are forbidden are refused',
    entryPoint: 'http: {encodedCharacters: {allowEncodedSlash: false}}',
    question: { path: '/a%2Fb' },
    status: 400,
  },
  {
    name: 'semicolons of a query are encoded',
    entryPoint: 'http: {encodeQuerySemicolons: true}',
    question: { path: '/a?x=1;y' },
    status: 200,
    sees: ({ path }) => assert.equal(path, '/a?x=1%3By'),
  },
  { name: 'R14 the host is matched in canonical form', question: { host: 'A.Local.:8080' }, status: 200 },
  { name: 'a host that no router has is not found', question: { host: 'b.local' }, status: 404 },
  { name: 'R7 CONNECT is refused', question: { method: 'CONNECT', path: 'a.local:80', host: 'a.local:80' }, status: 501 },
  {
    name: 'a head that is too long is refused',
    entryPoint: 'http: {maxHeaderBytes: 2000}',
    question: { headers: tall },
    status: 431,
  },
  { name: 'too many fields are refused', entryPoint: 'http: {maxHeaderCount: 10}', question: { headers: many }, status: 431 },
  {
    name: 'fields within the limits pass',
    entryPoint: 'http: {maxHeaderBytes: 20000, maxHeaderCount: 40}',
    question: { headers: { ...many, 'x-long': long } },
    status: 200,
    sees: ({ headers }) => assert.equal(headers['x-long'], long),
  },
  {
    name: 'R17 fields with an underscore are refused',
    entryPoint: 'http: {underscoreHeadersStrategy: reject}',
    question: { headers: { x_a: '1' } },
    status: 400,
  },
  {
    name: 'R17 fields with an underscore are dropped',
    entryPoint: 'http: {underscoreHeadersStrategy: delete}',
    question: { headers: { x_a: '1' } },
    status: 200,
    sees: ({ headers }) => assert.equal(headers['x_a'], undefined),
  },
  {
    name: 'R18 nobody may say whom he speaks for',
    question: {
      headers: { 'x-forwarded-for': '192.0.2.9', 'x-forwarded-proto': 'ftp', 'x-forwarded-host': 'evil', 'x-real-ip': '192.0.2.9' },
    },
    status: 200,
    sees: ({ headers }, scheme) =>
      assert.deepEqual(
        ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip'].map((name) => headers[name]),
        ['127.0.0.1', scheme, 'a.local', '127.0.0.1'],
      ),
  },
  {
    name: 'R18 but who is trusted may',
    entryPoint: 'forwardedHeaders: {trustedIPs: [127.0.0.1]}',
    question: { headers: { 'x-forwarded-for': '192.0.2.9', 'x-forwarded-proto': 'https' } },
    status: 200,
    sees: ({ headers }) => assert.deepEqual([headers['x-forwarded-for'], headers['x-forwarded-proto']], ['192.0.2.9, 127.0.0.1', 'https']),
  },
  {
    name: 'a body that stops is given up in time',
    entryPoint: 'transport: {respondingTimeouts: {readTimeout: 300ms}}',
    question: { method: 'POST', stopsInBody: true },
    status: 408,
  },
]

async function started(
  t: TestContext,
  entryPoint = '',
): Promise<{ router: TestRouter; port: number; seen: Seen[]; install: string; routing: (path: string) => string }> {
  const seen: Seen[] = []
  const backend = await startBackend(t, (request, response) => {
    seen.push({ path: request.url, headers: request.headers })
    // An upload is never answered here before it has ended.
    request.resume()
    if (request.url === '/never') response.writeHead(200).write('some')
    else request.on('end', () => response.end('served'))
  })
  const install = `workers: 1\nentryPoints: {web: {address: "127.0.0.1:0"${entryPoint === '' ? '' : `, ${entryPoint}`}}}`
  const routing = (path: string): string => {
    const rule = `rule: "Host(\`a.local\`) && PathPrefix(\`${path}\`)", service: s`
    return `http: {routers: {plain: {${rule}}, secure: {${rule}, tls: {}}}, services: {s: {loadBalancer: {servers: [{url: "${backend.url}"}]}}}}`
  }
  const router = await TestRouter.start(t, { install, routing: routing('/') })
  return { router, port: router.port('web'), seen, install, routing }
}

async function opened(t: TestContext, open: (port: number) => Promise<ProtocolClient>, port: number): Promise<ProtocolClient> {
  const client = await open(port)
  t.after(() => client.close())
  return client
}

describe('policies hold over every protocol', () => {
  for (const { name, entryPoint, question, status, sees } of policies) {
    it(name, async (t) => {
      const { port, seen } = await started(t, entryPoint)
      for (const [protocol, { scheme, open }] of Object.entries(protocols)) {
        seen.length = 0
        const client = await opened(t, open, port)
        assert.equal((await client.ask(question)).status, status, protocol)
        if (sees === undefined) continue
        assert.equal(seen.length, 1, protocol)
        sees(seen[0]!, scheme)
      }
    })
  }

  it('an answer that takes too long is cut', async (t) => {
    const { port } = await started(t, 'transport: {respondingTimeouts: {writeTimeout: 300ms}}')
    for (const [protocol, { open }] of Object.entries(protocols)) {
      const client = await opened(t, open, port)
      assert.equal((await client.ask({ path: '/never' })).isWhole, false, protocol)
    }
  })

  it('idle connections end in time, and so do those that have had their requests', async (t) => {
    for (const transport of ['respondingTimeouts: {idleTimeout: 200ms}', 'keepAliveMaxRequests: 1', 'keepAliveMaxTime: 1ms']) {
      const { port } = await started(t, `transport: {${transport}}`)
      for (const [protocol, { open }] of Object.entries(protocols)) {
        const client = await opened(t, open, port)
        const answer = await client.ask()
        assert.deepEqual([answer.status, answer.isWhole], [200, true], protocol)
        // A connection may be younger than the clock's tick at its first request.
        if (transport.startsWith('keepAliveMaxTime')) while ((await client.ask()).status === 200);
        await client.over
      }
    }
  })

  it('connections that say nothing end in time', async (t) => {
    const { port } = await started(t, 'transport: {respondingTimeouts: {readTimeout: 300ms, idleTimeout: 300ms}}')
    for (const { open } of Object.values(protocols)) await (await opened(t, open, port)).over
    assert.equal((await askOnce(port, '/', { host: 'a.local' }))?.status, 200)
  })

  it('a hundred reloads cost no connection a request', async (t) => {
    const { router, port, routing } = await started(t)
    const clients = await Promise.all(Object.values(protocols).map(({ open }) => opened(t, open, port)))
    let isReloading = true
    const asking = clients.map(async (client) => {
      let asked = 0
      while (isReloading) {
        const { status, isWhole } = await client.ask({ path: '/a/b' })
        assert.deepEqual([status, isWhole], [200, true])
        asked += 1
      }
      return asked
    })
    for (let round = 0; round < 100; round += 1) {
      router.route(routing(round % 2 === 0 ? '/a' : '/'))
      await until('it is in force', async () => (await askOnce(port, '/c', { host: 'a.local' }))?.status === (round % 2 === 0 ? 404 : 200))
    }
    isReloading = false
    for (const asked of await Promise.all(asking)) assert.ok(asked > 50)
  })
})
