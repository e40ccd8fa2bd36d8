import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readyBody, testBoard, testExchange } from '../../../test/support/upstream-rig.ts'
import { type Board, fixedCells, serverState } from '../../board/board.ts'
import type { FailoverPlan, MirroringPlan } from '../../generation/plan.ts'
import type { BodyConsumer } from '../http/body.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { respondText } from '../http/respond.ts'
import { buildFailover } from './failover.ts'
import { buildHighestRandomWeight } from './highest-random-weight.ts'
import { buildMirroring } from './mirroring.ts'
import { LocalSequence } from './sequence.ts'

/** A service that notes what it was asked, with the body, and answers. */
class Noting {
  readonly asked: string[] = []
  readonly handler: Handler

  constructor(status = 200, name = '') {
    this.handler = (exchange) => {
      const answer = (body: string): void => {
        this.asked.push(`${exchange.method} ${exchange.path} ${body}`.trim())
        exchange.responseHeaders.add('By', name)
        respondText(exchange, status, name, null)
      }
      if (exchange.body === null) answer('')
      else exchange.body.start(new Reading(answer))
    }
  }
}

class Reading implements BodyConsumer {
  readonly #whole: (body: string) => void
  #text = ''

  constructor(whole: (body: string) => void) {
    this.#whole = whole
  }

  onBodyChunk(chunk: Buffer): void {
    this.#text += chunk.toString('latin1')
  }

  onBodyEnd(): void {
    this.#whole(this.#text)
  }

  onBodyError(reason: string): void {
    this.#whole(reason)
  }
}

async function ask(handler: Handler, pieces: readonly string[] | null = null, chunked = false): Promise<string> {
  const { exchange, sink } = testExchange(pieces === null ? {} : { method: 'POST', body: readyBody(pieces, chunked) })
  await handler(exchange)
  await sink.done
  exchange.finish()
  return `${sink.status} ${sink.body}`.trim()
}

const mainCell = fixedCells.count
const spareCell = fixedCells.count + 1

function failover(changes: Partial<FailoverPlan>, services: Readonly<Record<string, Noting>>, board: Board = testBoard()): Handler {
  const plan: FailoverPlan = {
    kind: 'failover',
    name: 'f@file',
    service: 'main',
    fallback: 'spare',
    stateCells: [mainCell],
    fallbackStateCells: null,
    errors: null,
    middlewares: [],
    ...changes,
  }
  return buildFailover(plan, board, (name) => services[name]?.handler ?? assert.fail(name))
}

describe('failover', () => {
  it('asks the second service while the first is down, and nobody while both are', async () => {
    const board = testBoard()
    const services = { main: new Noting(200, 'main'), spare: new Noting(200, 'spare') }
    const handler = failover({ fallbackStateCells: [spareCell] }, services, board)
    assert.equal(await ask(handler), '200 main')
    Atomics.store(board.cells, mainCell, serverState.down)
    assert.equal(await ask(handler), '200 spare')
    Atomics.store(board.cells, spareCell, serverState.down)
    assert.equal(await ask(handler), '503 Service Unavailable')
    Atomics.store(board.cells, mainCell, serverState.up)
    assert.equal(await ask(handler), '200 main')
  })

  it('asks the second service with the same body where the answer of the first is in the list', async () => {
    for (const [status, answer] of [
      [502, '404 spare'],
      [404, '404 main'],
    ] as const) {
      const services = { main: new Noting(status, 'main'), spare: new Noting(404, 'spare') }
      const handler = failover({ stateCells: null, errors: { status: [[500, 599]], bodyBytesMax: -1 } }, services)
      assert.equal(await ask(handler, ['some ', 'body'], true), answer)
      assert.deepEqual(services.spare.asked, status === 502 ? ['POST / some body'] : [])
    }
  })

  it('refuses bodies that are too long to be sent twice, however they come', async () => {
    for (const chunked of [false, true]) {
      const services = { main: new Noting(200, 'main'), spare: new Noting(200, 'spare') }
      const handler = failover({ stateCells: null, errors: { status: [[500, 599]], bodyBytesMax: 8 } }, services)
      assert.equal(await ask(handler, ['some ', 'body'], chunked), '413 Request body too large')
      assert.deepEqual([services.main.asked, services.spare.asked], [[], []])
    }
  })
})

function mirroring(changes: Partial<MirroringPlan>, services: Readonly<Record<string, Noting>>): Handler {
  const plan: MirroringPlan = {
    kind: 'mirroring',
    name: 'm@file',
    service: 'main',
    mirrors: [{ name: 'copy', percent: 100 }],
    mirrorBody: true,
    bodyBytesMax: -1,
    middlewares: [],
    sequenceCell: 0,
    ...changes,
  }
  return buildMirroring(plan, new LocalSequence(), (name) => services[name]?.handler ?? assert.fail(name))
}

describe('mirroring', () => {
  for (const percent of [0, 1, 10, 33, 50, 99, 100]) {
    it(`sends ${percent} of a hundred`, async () => {
      const services = { main: new Noting(200, 'main'), copy: new Noting(500, 'copy') }
      const handler = mirroring({ mirrors: [{ name: 'copy', percent }] }, services)
      for (let turn = 0; turn < 200; turn += 1) assert.equal(await ask(handler), '200 main')
      assert.equal(services.copy.asked.length, 2 * percent)
    })
  }

  const bodies: readonly { name: string; changes: Partial<MirroringPlan>; copied: readonly string[] }[] = [
    { name: 'copies bodies', changes: {}, copied: ['POST / some body'] },
    { name: 'copies a body of just the size', changes: { bodyBytesMax: 9 }, copied: ['POST / some body'] },
    { name: 'does not mirror a longer one', changes: { bodyBytesMax: 8 }, copied: [] },
    { name: 'leaves the body out', changes: { mirrorBody: false }, copied: ['POST /'] },
  ]
  for (const { name, changes, copied } of bodies) {
    for (const chunked of [false, true]) {
      it(`${name}${chunked ? ', chunked' : ''}; the main service gets it whole`, async () => {
        const services = { main: new Noting(200, 'main'), copy: new Noting(200, 'copy') }
        assert.equal(await ask(mirroring(changes, services), ['some ', 'body'], chunked), '200 main')
        assert.deepEqual([services.main.asked, services.copy.asked], [['POST / some body'], copied])
      })
    }
  }

  it('sends no copy of a request whose client has left', async () => {
    const services = { main: new Noting(200, 'main'), copy: new Noting(200, 'copy') }
    const { exchange } = testExchange()
    await mirroring({}, { ...services, main: { asked: [], handler: () => {} } as unknown as Noting })(exchange)
    exchange.abort('client_gone')
    exchange.finish()
    assert.deepEqual(services.copy.asked, [])
  })

  it('keeps no place for copies of requests that are over, which are only asked about', async () => {
    const services = { main: new Noting(200, 'main'), copy: new Noting(200, 'copy') }
    const handler = mirroring({}, services)
    for (let count = 0; count < 2000; count += 1) {
      const { exchange } = testExchange()
      exchange.finished = true
      await handler(exchange)
    }
    services.copy.asked.length = 0
    await ask(handler)
    assert.equal(services.copy.asked.length, 1)
  })

  it('copies the request as it was before the main service changed it', async () => {
    const main = new Noting(200, 'main')
    const copy = new Noting(200, 'copy')
    const changing: Handler = (exchange: Exchange) => {
      exchange.path = '/changed'
      return main.handler(exchange)
    }
    await ask(mirroring({}, { main: { asked: [], handler: changing } as unknown as Noting, copy }))
    assert.deepEqual([main.asked, copy.asked], [['GET /changed'], ['GET /']])
  })
})

describe('highestRandomWeight', () => {
  it('keeps a client on its service, and moves it only while that one is down', async () => {
    const board = testBoard()
    const names = ['a', 'b', 'c']
    const services = new Map(names.map((name) => [name, new Noting(200, name)]))
    const children = names.map((name, index) => ({ name, configuredName: name, weight: 1, stateCells: [fixedCells.count + index] }))
    const plan = { kind: 'highestRandomWeight', name: 'h@file', services: children, middlewares: [] } as const
    const handler = buildHighestRandomWeight(plan, board, (name) => services.get(name)?.handler ?? assert.fail(name))
    const first = await ask(handler)
    assert.equal(await ask(handler), first)
    const cell = fixedCells.count + names.indexOf(first.slice('200 '.length))
    Atomics.store(board.cells, cell, serverState.down)
    Atomics.add(board.cells, fixedCells.serverEpoch, 1)
    assert.notEqual(await ask(handler), first)
    Atomics.store(board.cells, cell, serverState.up)
    Atomics.add(board.cells, fixedCells.serverEpoch, 1)
    assert.equal(await ask(handler), first)
  })
})
