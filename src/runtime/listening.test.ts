import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { installForTest } from '../../test/support/config.ts'
import { BoardAllocator } from '../board/allocator.ts'
import { createBoard } from '../board/board.ts'
import type { InstallConfiguration } from '../config/install/install.ts'
import { activatedDescriptors, Listening } from './listening.ts'

function entryPoints(addresses: Readonly<Record<string, string>>): InstallConfiguration {
  const lines = Object.entries(addresses).map(([name, address]) => `${name}: {address: "${address}"}`)
  return installForTest(`entryPoints: {${lines.join(', ')}}`)
}

/** A port that somebody listens on until the test ends. */
async function takenPort(t: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

function portsOf(listening: Listening): Record<string, number> {
  return Object.fromEntries(listening.addresses.map(({ name, port }) => [name, port]))
}

describe('reserving addresses', () => {
  it('finds ports for those that leave it open, and keeps them', async () => {
    const listening = new Listening(new Map())
    await listening.reserve(entryPoints({ one: '127.0.0.1:0', two: '127.0.0.1:0' }))
    const before = portsOf(listening)
    assert.ok(before['one'] !== before['two'] && before['one'] !== 0)
    await listening.reserve(entryPoints({ three: '127.0.0.1:0', two: '127.0.0.1:0', one: '127.0.0.1:0' }))
    const after = portsOf(listening)
    assert.deepEqual([after['one'], after['two']], [before['one'], before['two']])
  })

  it('refuses what is taken with the name of the entry point, and changes nothing', async (t) => {
    const port = await takenPort(t)
    const listening = new Listening(new Map())
    await listening.reserve(entryPoints({ one: '127.0.0.1:0' }))
    const before = listening.addresses
    await assert.rejects(
      listening.reserve(entryPoints({ one: '127.0.0.1:0', two: '127.0.0.1:0', three: `127.0.0.1:${port}` })),
      new RegExp(`^Error: entryPoints\\.three\\.address: cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
    )
    assert.equal(listening.addresses, before)
  })

  it('does not bind what our own workers listen on: that would take connections from them', async (t) => {
    const port = await takenPort(t)
    const listening = new Listening(new Map([['old', [3]]]))
    // Stands for workers of ours: with a descriptor nothing is bound.
    await listening.reserve(entryPoints({ old: `:${port}` }))
    await listening.reserve(entryPoints({ new: `127.0.0.1:${port}` }))
    assert.deepEqual(portsOf(listening), { new: port })
    await listening.reserve(entryPoints({ renamed: `127.0.0.1:${port}` }))
    assert.deepEqual(portsOf(listening), { renamed: port })
    await assert.rejects(listening.reserve(entryPoints({ wider: `0.0.0.0:${port}` })), /wider.*EADDRINUSE/)
  })

  it('gives entry points places of their own on the board', async () => {
    const board = createBoard({ rows: 1, counters: 64, gauges: 8, cells: 2100 })
    const places = new BoardAllocator(board, () => 0)
    const listening = new Listening(new Map())
    await listening.reserve(entryPoints({ one: '127.0.0.1:0', two: '127.0.0.1:0' }))
    const plans = listening.plans(places)
    assert.deepEqual(
      plans.map(({ name, counters, connections }) => [name, counters, connections]),
      [
        ['one', 1, 1],
        ['two', 10, 2],
      ],
    )
    assert.deepEqual(listening.plans(places), plans)
  })
})

describe('socket activation', () => {
  it('keeps descriptors whatever the address says, for as long as the entry point is there', async () => {
    const listening = new Listening(new Map([['web', [3, 4]]]))
    await listening.reserve(entryPoints({ web: '127.0.0.1:1', other: '127.0.0.1:0' }))
    assert.deepEqual([listening.pinsWorkers, listening.descriptorsOf(2), listening.descriptorsOf(3)], [true, ['web'], []])
    await listening.reserve(entryPoints({ web: '127.0.0.1:2' }))
    assert.deepEqual([listening.addresses[0]?.port, listening.addresses[0]?.descriptors], [1, [3, 4]])
    await listening.reserve(entryPoints({ other: '127.0.0.1:0' }))
    await listening.reserve(entryPoints({ web: '127.0.0.1:0' }))
    assert.deepEqual([listening.pinsWorkers, listening.addresses[0]?.descriptors], [false, []])
  })

  const cases: { name: string; env: Record<string, string>; found: Record<string, number[]> }[] = [
    { name: 'nothing', env: {}, found: {} },
    { name: 'for another process', env: { LISTEN_PID: '8', LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' }, found: {} },
    { name: 'several', env: { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'web:api:web' }, found: { web: [3, 5], api: [4] } },
    { name: 'without names', env: { LISTEN_PID: '7', LISTEN_FDS: '1' }, found: { '': [3] } },
  ]
  for (const { name, env, found } of cases) {
    it(`finds ${name}`, () => {
      assert.deepEqual(Object.fromEntries(activatedDescriptors(env, 7)), found)
    })
  }
})
