import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { ChangeFeed } from './change-feed.ts'

function rig() {
  const clock = new ManualClock()
  const shown = { mark: 'a' }
  const feed = new ChangeFeed({ clock, mark: () => shown.mark })
  const heard: string[] = []
  const wait = (known: string): Promise<void> =>
    feed.next(known).then((mark) => {
      heard.push(mark)
    })
  return { clock, shown, feed, heard, wait }
}

test('who knows another mark is answered at once', async () => {
  const { feed, clock } = rig()
  assert.equal(await feed.next(''), 'a')
  assert.equal(clock.pending, 0)
})

test('who knows the mark waits for another one, whether it is told or found', async () => {
  const { clock, shown, feed, heard, wait } = rig()
  const first = wait('a')
  clock.advance(10_000)
  assert.deepEqual(heard, [])
  shown.mark = 'b'
  clock.advance(500)
  await first
  const second = wait('b')
  shown.mark = 'c'
  feed.check()
  await second
  assert.deepEqual(heard, ['b', 'c'])
  clock.advance(500)
  assert.equal(clock.pending, 0)
})

test('nobody waits longer than 25 s', async () => {
  const { clock, heard, wait } = rig()
  const waiting = wait('a')
  clock.advance(25_000)
  await waiting
  assert.deepEqual(heard, ['a'])
})

test('at most 256 wait', async () => {
  const { feed, heard, wait } = rig()
  const waiting = Array.from({ length: 256 }, () => wait('a'))
  assert.equal(await feed.next('a'), 'a')
  assert.deepEqual(heard, [])
  feed.close()
  await Promise.all(waiting)
  assert.equal(heard.length, 256)
})

test('the end answers everybody, and who comes later', async () => {
  const { clock, feed, heard, wait } = rig()
  const waiting = wait('a')
  feed.close()
  await waiting
  await wait('a')
  assert.deepEqual([heard, clock.pending], [['a', 'a'], 0])
})
