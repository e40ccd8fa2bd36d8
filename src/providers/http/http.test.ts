import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { test, type TestContext } from 'node:test'
import { issueCertificate } from '../../../test/support/certificates.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { ProviderRig, rulesOf } from '../../../test/support/provider-rig.ts'
import type { HttpProviderOptions } from '../../config/install/providers/http.ts'
import { http } from './http.ts'

// Without a limit of time the only timer is that of the next turn.
const defaults: HttpProviderOptions = { endpoint: '', headers: {}, maxResponseBodySize: -1, pollInterval: 5000, pollTimeout: 0 }

const yaml = (host: string): string => `http:\n  routers:\n    a: {rule: Host(\`${host}\`), service: s}\n`

interface Conf {
  readonly port: number
  readonly requests: IncomingMessage[]
}

async function serve(t: TestContext, answer: RequestListener, make: (listener: RequestListener) => Server = createServer): Promise<Conf> {
  const requests: IncomingMessage[] = []
  const server = make((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { port: address.port, requests }
}

function run(t: TestContext, options: Partial<HttpProviderOptions>): { rig: ProviderRig; clock: ManualClock } {
  const clock = new ManualClock()
  const rig = new ProviderRig(clock)
  rig.start(http, { ...defaults, ...options })
  t.after(() => rig.close())
  return { rig, clock }
}

/** Turns the clock once the provider waits for its next turn; until then a question is under way. */
async function nextTurn(clock: ManualClock, ms: number): Promise<void> {
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
  clock.advance(ms)
}

const bodies = [
  { name: 'YAML', body: yaml('a.test'), rules: { a: 'Host(`a.test`)' } },
  { name: 'JSON', body: '{"http": {"routers": {"j": {"rule": "Path(`/`)", "service": "s"}}}}', rules: { j: 'Path(`/`)' } },
  { name: 'YAML that begins like JSON', body: '{http: {routers: {y: {rule: Path(`/`), service: s}}}}', rules: { y: 'Path(`/`)' } },
  { name: 'an empty configuration', body: '', rules: {} },
]

for (const each of bodies) {
  test(`takes ${each.name}`, async (t) => {
    const conf = await serve(t, (_, response) => response.end(each.body))
    const { rig } = run(t, { endpoint: `http://127.0.0.1:${conf.port}/` })
    assert.deepEqual(rulesOf((await rig.published()).routing), each.rules)
  })
}

test('sends the headers of the configuration, Host among them, and the query of the endpoint', async (t) => {
  const conf = await serve(t, (_, response) => response.end(yaml('a.test')))
  const { rig } = run(t, { endpoint: `http://u:p%40@127.0.0.1:${conf.port}/x?token=1`, headers: { 'host': 'conf.test', 'X-Token': 't' } })
  await rig.published()
  const [request] = conf.requests
  assert.equal(request?.url, '/x?token=1')
  assert.equal(request?.headers.host, 'conf.test')
  assert.equal(request?.headers['x-token'], 't')
  assert.equal(request?.headers.authorization, `Basic ${Buffer.from('u:p@').toString('base64')}`)
})

test('asks again after the poll interval and passes over what did not change', async (t) => {
  let host = 'one.test'
  const conf = await serve(t, (_, response) => response.end(yaml(host)))
  const { rig, clock } = run(t, { endpoint: `http://127.0.0.1:${conf.port}/` })
  assert.deepEqual(rulesOf((await rig.published()).routing), { a: 'Host(`one.test`)' })
  await nextTurn(clock, 5000)
  await nextTurn(clock, 0)
  assert.equal(conf.requests.length, 2)
  assert.deepEqual(rig.waiting, [])
  host = 'two.test'
  await nextTurn(clock, 5000)
  assert.deepEqual(rulesOf((await rig.published()).routing), { a: 'Host(`two.test`)' })
})

const failures: readonly { name: string; options?: Partial<HttpProviderOptions>; answer: RequestListener; message: RegExp }[] = [
  { name: 'a status that is not 200', answer: (_, response) => response.writeHead(500).end('http: {}'), message: /status 500$/ },
  {
    name: 'a redirect',
    answer: (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    message: /status 302, redirects are not followed/,
  },
  {
    name: 'an answer that is too large',
    options: { maxResponseBodySize: 10 },
    answer: (_, response) => response.end('x: '.repeat(100)),
    message: /more than 10 bytes/,
  },
  {
    name: 'a chunked answer that is too large',
    options: { maxResponseBodySize: 10 },
    answer: (_, response) => {
      response.write('x'.repeat(8))
      response.end('x'.repeat(8))
    },
    message: /more than 10 bytes/,
  },
  { name: 'an answer that is no UTF-8', answer: (_, response) => response.end(Buffer.from([0x61, 0xff])), message: /not UTF-8/ },
  { name: 'a connection that is cut', answer: (request) => request.socket.destroy(), message: /socket hang up|ECONNRESET/ },
]

for (const each of failures) {
  test(`keeps the last configuration after ${each.name}, and asks again soon`, async (t) => {
    let broken = true
    const conf = await serve(t, (request, response) => (broken ? each.answer(request, response) : response.end('')))
    const { rig, clock } = run(t, { endpoint: `http://user:secret@127.0.0.1:${conf.port}/conf?key=secret`, ...each.options })
    const [message = ''] = await rig.complained()
    assert.match(message, each.message)
    assert.doesNotMatch(message, /secret/)
    broken = false
    await nextTurn(clock, 500)
    assert.deepEqual(rulesOf((await rig.published()).routing), {})
  })
}

test('gives up a question that takes too long', async (t) => {
  const conf = await serve(t, (_, response) => response.write('http:'))
  const { rig, clock } = run(t, { endpoint: `http://127.0.0.1:${conf.port}/`, pollTimeout: 3000 })
  while (conf.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
  clock.advance(3000)
  assert.deepEqual(await rig.complained(), [`cannot read http://127.0.0.1:${conf.port}/: no answer within 3000 ms`])
})

test('reports a broken text once, with its places, and keeps the last good one', async (t) => {
  let body = yaml('a.test')
  const conf = await serve(t, (_, response) => response.end(body))
  const { rig, clock } = run(t, { endpoint: `http://127.0.0.1:${conf.port}/c.yml` })
  await rig.published()
  body = 'http:\n  routers:\n    a: {rulle: x}\n'
  await nextTurn(clock, 5000)
  const lines = await rig.complained()
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', new RegExp(`^http://127\\.0\\.0\\.1:${conf.port}/c\\.yml:3:\\d+: .*rulle.*did you mean "rule"`))
  await nextTurn(clock, 5000)
  await nextTurn(clock, 0)
  assert.equal(conf.requests.length, 3)
  assert.deepEqual(rig.waiting, [])
})

test('asks at once when it is told to', async (t) => {
  let host = 'one.test'
  const conf = await serve(t, (_, response) => response.end(yaml(host)))
  const clock = new ManualClock()
  const rig = new ProviderRig(clock)
  const provider = rig.start(http, { ...defaults, endpoint: `http://127.0.0.1:${conf.port}/` })
  t.after(() => rig.close())
  await rig.published()
  host = 'two.test'
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
  provider.reload?.()
  assert.deepEqual(rulesOf((await rig.published()).routing), { a: 'Host(`two.test`)' })
})

test('checks the certificate of the server against the authority given', async (t) => {
  const authority = issueCertificate({ commonName: 'ca', authority: true })
  const server = issueCertificate({ commonName: 'conf', names: ['127.0.0.1'], issuer: authority })
  const make = (listener: RequestListener): Server => createTlsServer({ cert: server.certificate, key: server.key }, listener)
  const conf = await serve(t, (_, response) => response.end(yaml('tls.test')), make)
  const endpoint = `https://127.0.0.1:${conf.port}/`
  const tls = { ca: '', cert: '', key: '', insecureSkipVerify: false }
  const trusting = run(t, { endpoint, tls: { ...tls, ca: authority.certificate } })
  assert.deepEqual(rulesOf((await trusting.rig.published()).routing), { a: 'Host(`tls.test`)' })
  const careless = run(t, { endpoint, tls: { ...tls, insecureSkipVerify: true } })
  await careless.rig.published()
  const distrusting = run(t, { endpoint })
  assert.match((await distrusting.rig.complained()).join(), /certificate/)
})

const refused: readonly { options: Partial<HttpProviderOptions>; message: RegExp }[] = [
  { options: { endpoint: '' }, message: /non-empty endpoint/ },
  { options: { endpoint: 'no url' }, message: /is not a URL/ },
  { options: { endpoint: 'file:///etc/passwd' }, message: /scheme "file"/ },
  { options: { endpoint: 'http://x/', pollInterval: 0 }, message: /pollInterval/ },
]

for (const each of refused) {
  test(`refuses ${JSON.stringify(each.options)}`, () => {
    assert.throws(() => new ProviderRig(new ManualClock()).start(http, { ...defaults, ...each.options }), each.message)
  })
}
