import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testBalancing } from '../../../test/support/balancing.ts'
import { answerOk, testBoard, testExchange, type TestRequest, testTransport, UpstreamRig } from '../../../test/support/upstream-rig.ts'
import { type Board, fixedCells, serverState } from '../../board/board.ts'
import type { LoadBalancerPlan, ServerPlan, StickyPlan, TransportPlan, WeightedPlan } from '../../generation/plan.ts'
import { processMs } from '../../std/process-clock.ts'
import type { Handler } from '../http/exchange.ts'
import { buildService } from './build-service.ts'

const sequenceCell = fixedCells.count
const firstStateCell = fixedCells.count + 8
const sticky: StickyPlan = { name: 's', secure: false, httpOnly: false, sameSite: '', maxAge: 0, path: '/', domain: '' }
const transport = testTransport()

function serverPlan(url: string, index: number, changes: Partial<ServerPlan> = {}): ServerPlan {
  return {
    url,
    weight: 1,
    preservePath: false,
    fenced: false,
    stateCell: firstStateCell + index,
    historyCell: 0,
    latencyCell: 0,
    inFlight: 1 + index,
    ...changes,
  }
}

function loadBalancer(servers: readonly ServerPlan[], changes: Partial<LoadBalancerPlan> = {}): LoadBalancerPlan {
  return {
    kind: 'loadBalancer',
    name: 'lb@file',
    servers,
    ...testBalancing(),
    sticky: null,
    passHostHeader: true,
    transport: transport.name,
    flushIntervalMs: 100,
    middlewares: [],
    sequenceCell,
    counters: 7,
    ...changes,
  }
}

function weighted(services: WeightedPlan['services'], changes: Partial<WeightedPlan> = {}): WeightedPlan {
  return { kind: 'weighted', name: 'w@file', services, sticky: null, middlewares: [], sequenceCell, counters: 0, ...changes }
}

function setState(board: Board, index: number, state: number): void {
  Atomics.store(board.cells, firstStateCell + index, state)
  Atomics.add(board.cells, fixedCells.serverEpoch, 1)
}

describe('buildService', () => {
  const rig = new UpstreamRig('handle')
  after(() => rig.close())

  /** Three servers that answer with their letter. */
  async function serveThree(): Promise<string[]> {
    const urls: string[] = []
    for (const letter of ['a', 'b', 'c']) urls.push((await rig.serve((socket) => socket.write(answerOk(letter)))).url)
    return urls
  }

  function build(plan: LoadBalancerPlan | WeightedPlan, board: Board, services: Readonly<Record<string, Handler>> = {}): Handler {
    const upstreams = rig.upstreams({ board })
    return buildService(plan, {
      board,
      wheel: upstreams.wheel,
      processMs,
      warn: () => {},
      upstreams,
      random: () => 0,
      transport: (name): TransportPlan | undefined => (name === transport.name ? transport : undefined),
      service: (name) => services[name] ?? (() => assert.fail(`service ${name} was asked for`)),
    })
  }

  async function ask(handler: Handler, request: TestRequest = {}) {
    const { exchange, sink } = testExchange(request)
    await handler(exchange)
    await sink.done
    return { exchange, sink, body: sink.body, setCookie: sink.header('set-cookie') }
  }

  async function askMany(handler: Handler, times: number): Promise<string> {
    let bodies = ''
    for (let turn = 0; turn < times; turn += 1) bodies += (await ask(handler)).body
    return bodies
  }

  function assertNoServer({ sink, exchange }: Awaited<ReturnType<typeof ask>>): void {
    assert.equal(sink.status, 503)
    assert.equal(sink.body, 'no available server\n')
    assert.deepEqual(sink.headers, [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['X-Content-Type-Options', 'nosniff'],
    ])
    assert.equal(exchange.reason, 'no_healthy_server')
  }

  describe('load balancer', () => {
    it('takes turns by weight and says which server it was', async () => {
      const urls = await serveThree()
      const board = testBoard()
      const handler = build(loadBalancer(urls.map((url, index) => serverPlan(url, index, { weight: [2, 1, 0][index] ?? 0 }))), board)
      assert.equal(await askMany(handler, 6), 'aabaab')
      const { exchange } = await ask(handler)
      assert.equal(exchange.serverUrl, urls[0])
      assert.equal(exchange.serviceName, 'lb@file')
      assert.equal(exchange.serviceCounters, 7)
      assert.equal(`http://${exchange.serverAddress}`, urls[0])
      assert.deepEqual([...board.gauges.subarray(1, 4)], [0, 0, 0])
    })

    it('counts what is in flight', async () => {
      const { url } = await rig.serve(() => {})
      const board = testBoard()
      const handler = build(loadBalancer([serverPlan(url, 0)]), board)
      const { exchange } = testExchange()
      void handler(exchange)
      assert.equal(board.gauges[1], 1)
      exchange.abort('client_gone')
      assert.equal(board.gauges[1], 0)
    })

    it('leaves out servers that are down, at once, and takes them back', async () => {
      const board = testBoard()
      const handler = build(loadBalancer((await serveThree()).map((url, index) => serverPlan(url, index))), board)
      setState(board, 1, serverState.down)
      setState(board, 2, serverState.draining)
      assert.equal(await askMany(handler, 3), 'aaa')
      setState(board, 0, serverState.down)
      assertNoServer(await ask(handler))
      setState(board, 1, serverState.up)
      assert.equal(await askMany(handler, 2), 'bb')
    })

    it('answers 503 without servers, with none of weight, and with fenced ones alone', async () => {
      const [url = ''] = await serveThree()
      for (const servers of [
        [],
        [serverPlan(url, 0, { weight: 0 })],
        [serverPlan(url, 0, { weight: -1 })],
        [serverPlan(url, 0, { fenced: true })],
      ]) {
        assertNoServer(await ask(build(loadBalancer(servers), testBoard())))
        assertNoServer(await ask(build(loadBalancer(servers, { sticky }), testBoard())))
      }
    })

    it('uses servers of weight 0 where the strategy ignores weights', async () => {
      const [url = ''] = await serveThree()
      assert.equal((await ask(build(loadBalancer([serverPlan(url, 0, { weight: 0 })], { strategy: 'p2c' }), testBoard()))).body, 'a')
    })

    it('measures servers where the strategy asks for it', async () => {
      const handler = build(
        loadBalancer(
          (await serveThree()).map((url, index) => serverPlan(url, index)),
          { strategy: 'leasttime' },
        ),
        testBoard(),
      )
      assert.deepEqual((await askMany(handler, 3)).split('').toSorted(), ['a', 'b', 'c'])
    })

    it('takes turns by itself when the board has no cell for it', async () => {
      const board = testBoard()
      const handler = build(
        loadBalancer(
          (await serveThree()).map((url, index) => serverPlan(url, index, { stateCell: 0 })),
          { sequenceCell: 0 },
        ),
        board,
      )
      assert.equal(await askMany(handler, 6), 'abcabc')
      assert.equal(Atomics.load(board.cells, fixedCells.serverEpoch), 0)
    })

    it('sticks to the server that the cookie names', async () => {
      const urls = await serveThree()
      const board = testBoard()
      const handler = build(
        loadBalancer(
          urls.map((url, index) => serverPlan(url, index)),
          { sticky },
        ),
        board,
      )
      const first = await ask(handler)
      assert.equal(first.body, 'a')
      assert.match(first.setCookie ?? '', /^s=[0-9a-f]{16}; Path=\/$/)
      const cookie = (first.setCookie ?? '').slice(0, 18)
      for (let turn = 0; turn < 4; turn += 1) {
        const again = await ask(handler, { headers: [['Cookie', cookie]] })
        assert.deepEqual([again.body, again.setCookie], ['a', undefined])
      }
      const renewed = await ask(handler, { headers: [['Cookie', `s=${urls[0]}`]] })
      assert.deepEqual([renewed.body, renewed.setCookie], ['a', first.setCookie])
      setState(board, 0, serverState.draining)
      assert.equal((await ask(handler, { headers: [['Cookie', cookie]] })).body, 'a')
      setState(board, 0, serverState.down)
      const moved = await ask(handler, { headers: [['Cookie', cookie]] })
      assert.notEqual(moved.body, 'a')
      assert.ok(moved.setCookie !== undefined && moved.setCookie !== first.setCookie)
    })

    it('keeps sticky clients on a fenced server and sends no new ones', async () => {
      const urls = await serveThree()
      const handler = build(
        loadBalancer(
          urls.slice(0, 2).map((url, index) => serverPlan(url, index, { fenced: index === 0 })),
          { sticky },
        ),
        testBoard(),
      )
      assert.equal(await askMany(handler, 3), 'bbb')
      assert.equal((await ask(handler, { headers: [['Cookie', `s=${urls[0]}`]] })).body, 'a')
    })

    it('honours no cookie for a server of weight 0', async () => {
      const urls = await serveThree()
      const handler = build(
        loadBalancer(
          urls.slice(0, 2).map((url, index) => serverPlan(url, index, { weight: index })),
          { sticky },
        ),
        testBoard(),
      )
      assert.equal((await ask(handler, { headers: [['Cookie', `s=${urls[0]}`]] })).body, 'b')
    })

    it('sets the cookie also when the server cannot be reached', async () => {
      const { sink } = await ask(build(loadBalancer([serverPlan('http://127.0.0.1:99999', 0)], { sticky }), testBoard()))
      assert.equal(sink.status, 502)
      assert.match(sink.header('set-cookie') ?? '', /^s=/)
    })

    it('refuses to be built without its transport or with an unknown strategy', () => {
      assert.throws(
        () => build(loadBalancer([], { transport: 'nowhere@file' }), testBoard()),
        /lb@file: there is no servers transport nowhere@file/,
      )
      assert.throws(() => build(loadBalancer([serverPlan('http://bad host', 0)]), testBoard()), /server url http:\/\/bad host/)
    })
  })

  describe('weighted service', () => {
    function child(letter: string): Handler {
      return (exchange) => {
        exchange.status = 200
        exchange.startResponse()
        exchange.sink.writeText(exchange, letter)
        exchange.sink.end(exchange)
      }
    }
    const services = { 'ca@file': child('a'), 'cb@file': child('b'), 'cc@docker': child('c') }

    it('takes turns by weight, children listed twice have two shares', async () => {
      const entry = (name: string, weight: number) => ({ name, weight, stateCells: [] })
      assert.equal(await askMany(build(weighted([entry('ca@file', 3), entry('cb@file', 1)]), testBoard(), services), 8), 'aaabaaab')
      assert.equal(
        await askMany(build(weighted([entry('ca@file', 1), entry('ca@file', 1), entry('cb@file', 1)]), testBoard(), services), 6),
        'aabaab',
      )
      assert.equal(await askMany(build(weighted([entry('ca@file', 0), entry('cb@file', 1)]), testBoard(), services), 3), 'bbb')
      assert.equal(await askMany(build(weighted([entry('ca@file', -1), entry('cb@file', 1)]), testBoard(), services), 3), 'bbb')
    })

    it('answers 503 when nothing is left', async () => {
      assertNoServer(await ask(build(weighted([]), testBoard())))
      assertNoServer(await ask(build(weighted([{ name: 'ca@file', weight: 0, stateCells: [] }], { sticky }), testBoard(), services)))
    })

    it('leaves out children whose servers are all down', async () => {
      const board = testBoard()
      const plan = weighted([
        { name: 'ca@file', weight: 1, stateCells: [firstStateCell, firstStateCell + 1] },
        { name: 'cb@file', weight: 1, stateCells: [] },
      ])
      const handler = build(plan, board, services)
      setState(board, 0, serverState.down)
      assert.equal(await askMany(handler, 4), 'abab')
      setState(board, 1, serverState.down)
      assert.equal(await askMany(handler, 4), 'bbbb')
      setState(board, 0, serverState.up)
      assert.match(await askMany(handler, 4), /a/)
    })

    it('sticks by the names of configuration', async () => {
      const plan = weighted(
        [
          { name: 'ca@file', weight: 1, stateCells: [] },
          { name: 'cb@file', weight: 1, stateCells: [], configuredName: 'cb@file' },
          { name: 'cc@docker', weight: 1, stateCells: [] },
        ],
        { sticky },
      )
      const handler = build(plan, testBoard(), services)
      const first = await ask(handler)
      assert.deepEqual([first.body, first.setCookie], ['a', 's=6959097001d10501; Path=/'])
      const byName = async (value: string): Promise<string> => (await ask(handler, { headers: [['Cookie', `s=${value}`]] })).body
      assert.equal(await byName('6959097001d10501'), 'a')
      assert.equal(await byName('653d130401510114'), 'b')
      assert.equal(await byName('cc@docker'), 'c')
    })
  })
})
