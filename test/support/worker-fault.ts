/** Loaded into workers by `worker-threads.ts`: fails as it is told. */
import { BroadcastChannel, threadId } from 'node:worker_threads'
import type { Fault } from './worker-threads.ts'

const channel = new BroadcastChannel('tidegate-test-faults')
channel.onmessage = (event: unknown) => {
  const { thread, what } = (event as { readonly data: Fault }).data
  if (thread !== threadId) return
  if (what === 'throw') throw new Error('ordered by a test')
  const kept: number[][] = []
  for (;;) kept.push(Array.from({ length: 100_000 }, () => Math.random()))
}
channel.unref()
