import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Purge, purgeDigest, purgeLines, PurgeRing, purgeRingCells } from './purge-ring.ts'

function cells(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(purgeRingCells * 4))
}

describe('the ring of purges', () => {
  it('gives each reader each purge once, as it was written', () => {
    const shared = cells()
    const [writer, one, two] = [new PurgeRing(shared), new PurgeRing(shared), new PurgeRing(shared)]
    const purges: Purge[] = [
      { kind: 'url', digest: purgeDigest('url', 'a.local/x'), atMs: 1_790_000_000_123 },
      { kind: 'tag', digest: purgeDigest('tag', 'x'), atMs: 4_000_000_000_999 },
      { kind: 'all', digest: '', atMs: 0 },
    ]
    assert.deepEqual([one.hasNews, one.read(5)], [false, []])
    for (const purge of purges) writer.write(purge)
    assert.deepEqual([one.hasNews, one.read(5), one.hasNews, one.read(5)], [true, purges, false, []])
    writer.write(purges[0]!)
    assert.deepEqual(two.read(5), [...purges, purges[0]])
    assert.deepEqual(one.read(5), [purges[0]])
  })

  it('tells a reader that comes too late to drop everything', () => {
    const shared = cells()
    const [writer, reader] = [new PurgeRing(shared), new PurgeRing(shared)]
    for (let count = 0; count <= purgeLines; count += 1) writer.write({ kind: 'tag', digest: purgeDigest('tag', 'x'), atMs: 1 })
    assert.deepEqual(reader.read(77), [{ kind: 'all', digest: '', atMs: 77 }])
    assert.deepEqual(reader.read(78), [])
  })

  it('goes on when its count wraps', () => {
    const shared = cells()
    shared[0] = 2 ** 31 - 1
    const [writer, reader] = [new PurgeRing(shared), new PurgeRing(shared)]
    const purge: Purge = { kind: 'url', digest: purgeDigest('url', 'y'), atMs: 9 }
    for (let count = 0; count < 3; count += 1) writer.write(purge)
    assert.deepEqual(reader.read(1), [purge, purge, purge])
  })

  it('waits for a line that is being written', () => {
    const shared = cells()
    const reader = new PurgeRing(shared)
    Atomics.add(shared, 0, 1)
    assert.deepEqual([reader.hasNews, reader.read(1), reader.hasNews], [true, [], true])
  })
})
