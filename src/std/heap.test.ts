import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { releaseStartupMemory } from './heap.ts'

test('threads may do it at the same time', async () => {
  const source = `import(${JSON.stringify(new URL('./heap.ts', import.meta.url).href)}).then(({ releaseStartupMemory }) => {
    for (let round = 0; round < 20; round += 1) releaseStartupMemory()
  })`
  const ended = [1, 2, 3].map(() => new Promise<number>((resolve) => new Worker(source, { eval: true }).on('exit', resolve)))
  for (let round = 0; round < 20; round += 1) releaseStartupMemory()
  assert.deepEqual(await Promise.all(ended), [0, 0, 0])
})
