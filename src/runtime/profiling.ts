/** Profiles of the threads of the process, as V8 makes them. */
import { getHeapSnapshot, getHeapStatistics, type HeapInfo } from 'node:v8'
import type { Worker } from 'node:worker_threads'
import type { Clock } from '../std/clock.ts'

/** A thread that can be profiled. */
export interface Profiled {
  /** "main" or "worker 1". */
  readonly name: string
  heapStatistics(): Promise<HeapInfo>
  /** Samples the CPU for a while; resolves with a `.cpuprofile`, JSON. */
  cpuProfile(ms: number): Promise<string>
  /** Everything in the thread's heap, a `.heapsnapshot`. The thread stands still meanwhile. Rejects when it is too long. */
  heapSnapshot(): Promise<Uint8Array>
}

/** Longest heap snapshot, in bytes. */
const snapshotBytesMax = 512 * 1024 * 1024

/** The main thread. */
export function profiledMain(clock: Clock): Profiled {
  return {
    name: 'main',
    heapStatistics: async () => getHeapStatistics(),
    async cpuProfile(ms) {
      // Seldom needed, so it is not there from the start.
      const { Session } = await import('node:inspector/promises')
      const session = new Session()
      session.connect()
      try {
        await session.post('Profiler.enable')
        await session.post('Profiler.start')
        await new Promise<void>((resolve) => clock.after(ms, resolve))
        const { profile } = await session.post('Profiler.stop')
        return JSON.stringify(profile)
      } finally {
        session.disconnect()
      }
    },
    heapSnapshot: () => collect(getHeapSnapshot()),
  }
}

/** A worker. */
export function profiledWorker(worker: Worker, row: number, clock: Clock): Profiled {
  return {
    name: `worker ${row}`,
    heapStatistics: () => worker.getHeapStatistics(),
    async cpuProfile(ms) {
      const profile = await worker.startCpuProfile()
      await new Promise<void>((resolve) => clock.after(ms, resolve))
      return profile.stop()
    },
    heapSnapshot: async () => collect(await worker.getHeapSnapshot()),
  }
}

async function collect(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    const part = Buffer.from(String(chunk))
    bytes += part.length
    if (bytes > snapshotBytesMax) throw new Error(`heap snapshot: longer than ${snapshotBytesMax} bytes`)
    chunks.push(part)
  }
  return Buffer.concat(chunks)
}
