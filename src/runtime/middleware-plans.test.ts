import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sameData } from '../std/same-data.ts'
import { SharedMemory } from './middleware-plans.ts'

test('memory stays the same from generation to generation, until its size changes or a generation does without', () => {
  const memory = new SharedMemory()
  const first = memory.take('a', 8)
  assert.equal(memory.take('a', 8), first)
  memory.turn()
  assert.equal(memory.take('a', 8), first)
  memory.turn()
  const larger = memory.take('a', 16)
  assert.equal(larger.byteLength, 16)
  memory.turn()
  memory.turn()
  assert.notEqual(memory.take('a', 16), larger)
})

test('two pieces of shared memory are never the same data', () => {
  const memory = new SharedArrayBuffer(8)
  assert.equal(sameData({ memory }, { memory }), true)
  assert.equal(sameData({ memory }, { memory: new SharedArrayBuffer(8) }), false)
})
