import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { describe, it, type TestContext } from 'node:test'
import { startUdpServer, UdpTalk } from '../support/stream-rig.ts'
import { TestRouter } from '../support/test-router.ts'
import { until } from '../support/until.ts'

function routing(servers: readonly string[], more = ''): string {
  const list = servers.map((address) => `{address: "${address}"}`).join(', ')
  return `udp: {routers: {r: {service: s}}, services: {s: {loadBalancer: {servers: [${list}]}}${more}}}`
}

function start(
  t: TestContext,
  text: string,
  options: { readonly host?: string; readonly more?: string; readonly workers?: number } = {},
): Promise<TestRouter> {
  const { host = '127.0.0.1', more = '', workers = 0 } = options
  const install = `workers: ${workers}\nentryPoints: {u: {address: "${host}:0/udp", transport: {lifeCycle: {graceTimeOut: 0}}${more}}}`
  return TestRouter.start(t, { install, routing: text })
}

describe('UDP', () => {
  it('passes datagrams of every size and content, both ways', async (t) => {
    const server = await startUdpServer(t, 'a')
    const router = await start(t, routing([server.address]))
    const client = await UdpTalk.bind(t)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    assert.equal(await client.asks(bytes, router.port('u')), `a:${bytes.toString('latin1')}`)
    assert.equal(await client.asks('', router.port('u')), 'a:')
    const largest = Buffer.alloc(65_505, 'x')
    assert.equal((await client.asks(largest, router.port('u'))).length, 65_507)
  })

  it('keeps a client at its server, and gives others turns', async (t) => {
    const servers = [await startUdpServer(t, 'a'), await startUdpServer(t, 'b')]
    const router = await start(t, routing(servers.map(({ address }) => address)), { workers: 2 })
    const names: string[] = []
    for (let i = 0; i < 6; i += 1) {
      const client = await UdpTalk.bind(t)
      const answers = [await client.asks('x', router.port('u')), await client.asks('x', router.port('u'))]
      assert.equal(answers[0], answers[1])
      names.push(answers[0] ?? '')
    }
    // Exact over both workers.
    assert.equal(names.filter((name) => name === 'a:x').length, 3)
  })

  it('weighs services', async (t) => {
    const servers = [await startUdpServer(t, 'a'), await startUdpServer(t, 'b')]
    const [a, b] = servers.map(({ address }) => `{loadBalancer: {servers: [{address: "${address}"}]}}`)
    const services = `s: {weighted: {services: [{name: a, weight: 3}, {name: b}]}}, a: ${a}, b: ${b}`
    const router = await start(t, `udp: {routers: {r: {service: s}}, services: {${services}}}`)
    const names: string[] = []
    for (let i = 0; i < 8; i += 1) names.push(await (await UdpTalk.bind(t)).asks('x', router.port('u')))
    assert.equal(names.filter((name) => name === 'a:x').length, 6)
  })

  it('keeps sessions over changes that do not concern them, and ends those of servers that are gone', async (t) => {
    const servers = [await startUdpServer(t, 'a'), await startUdpServer(t, 'b')]
    const [a, b] = servers.map(({ address }) => address)
    const router = await start(t, routing([a ?? '']))
    const client = await UdpTalk.bind(t)
    const port = router.port('u')
    await client.asks('1', port)
    const sessionPort = servers[0]?.received[0]?.port
    router.route(routing([a ?? '', b ?? '']))
    await until('the second server gets somebody', async () => (await (await UdpTalk.bind(t)).asks('x', port)) === 'b:x')
    assert.equal(await client.asks('2', port), 'a:2')
    // The server sees the same client: it is the same session.
    assert.equal(servers[0]?.received.at(-1)?.port, sessionPort)
    router.route(routing([b ?? '']))
    await until('the session ends', async () => (await client.asks('3', port)) === 'b:3')
    router.route('udp: {routers: {r: {service: none}}, services: {s: {loadBalancer: {servers: []}}}}')
    await router.logged(/does not exist/)
    const before = servers[1]?.received.length
    await until('nobody is served', async () => {
      const count = servers[1]?.received.length
      client.say('4', port)
      await new Promise((resolve) => setImmediate(resolve))
      return count === servers[1]?.received.length && count !== undefined && count >= (before ?? 0)
    })
  })

  it('begins anew after a silence', async (t) => {
    const servers = [await startUdpServer(t, 'a'), await startUdpServer(t, 'b')]
    const router = await start(t, routing(servers.map(({ address }) => address)), { more: ', udp: {timeout: 40ms}' })
    const client = await UdpTalk.bind(t)
    const first = await client.asks('x', router.port('u'))
    await until('another server is asked', async () => {
      // Longer than the timeout and the granularity of its timer.
      await new Promise((resolve) => setTimeout(resolve, 120))
      return (await client.asks('x', router.port('u'))) !== first
    })
  })

  it('begins anew when the server is not there', async (t) => {
    const up = await startUdpServer(t, 'a')
    const down = await startUdpServer(t, 'b')
    down.close()
    const router = await start(t, routing([down.address, up.address]))
    const client = await UdpTalk.bind(t)
    await until('an answer', async () => {
      client.say('x', router.port('u'))
      await new Promise((resolve) => setTimeout(resolve, 10))
      return client.texts.includes('a:x')
    })
  })

  it('answers from the address that the datagram came to', async (t) => {
    const server = await startUdpServer(t, 'a')
    const router = await start(t, routing([server.address]), { host: '' })
    const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).filter(({ family }) => family === 'IPv4'))
    assert.ok(addresses.length > 0)
    for (const { address } of addresses) {
      // A socket on all addresses, so that every answer gets through.
      const any = await UdpTalk.bind(t, () => {}, '0.0.0.0')
      await any.asks('x', router.port('u'), address)
      assert.equal(any.received[0]?.address, address)
    }
  })

  it('takes PROXY headers off datagrams', async (t) => {
    const server = await startUdpServer(t, 'a')
    const router = await start(t, routing([server.address]), { more: ', proxyProtocol: {trustedIPs: ["127.0.0.1"]}' })
    const client = await UdpTalk.bind(t)
    const header = Buffer.from('0d0a0d0a000d0a515549540a2112000cc000020ac6336401045708ae', 'hex')
    assert.equal(await client.asks(Buffer.concat([header, Buffer.from('hi')]), router.port('u')), 'a:hi')
    assert.equal(await client.asks('bare', router.port('u')), 'a:bare')
    // Two clients behind one proxy are two sessions.
    assert.notEqual(server.received[0]?.port, server.received[1]?.port)
  })

  it('refuses a second instance on the same port', async (t) => {
    const server = await startUdpServer(t, 'a')
    const router = await start(t, routing([server.address]))
    await assert.rejects(
      TestRouter.start(t, { install: `workers: 0\nentryPoints: {u: {address: "127.0.0.1:${router.port('u')}/udp"}}` }),
      /entryPoints\.u\.address: cannot listen/,
    )
  })
})
