/**
 * Gets hold of the worker threads that a router in this process starts, so that a test can end one as a crash would. The product knows nothing
 * of it.
 */
import { syncBuiltinESMExports } from 'node:module'
import workerThreads, { BroadcastChannel, Worker } from 'node:worker_threads'

/** Threads that run now, the oldest first. Threads of the password checks are not among them. */
export const liveWorkers: Worker[] = []

/** Heap of workers to come in MiB; 0: as the product has it. */
export const heapLimit = { mib: 0 }

/** What `worker-fault.ts` does in a worker that is told so. */
export type Fault = { readonly thread: number; readonly what: 'throw' | 'fill' }

/** Name of the channel that faults are ordered on. */
export const faultChannel = 'tidegate-test-faults'

const preload = new URL('worker-fault.ts', import.meta.url).href

workerThreads.Worker = class extends Worker {
  constructor(file: string | URL, options: ConstructorParameters<typeof Worker>[1] = {}) {
    const isRouterWorker = String(file).endsWith('/proxy/worker.ts')
    const limits = heapLimit.mib > 0 ? { resourceLimits: { maxOldGenerationSizeMb: heapLimit.mib } } : {}
    super(file, isRouterWorker ? { ...options, ...limits, execArgv: [`--import=${preload}`] } : options)
    if (!isRouterWorker) return
    liveWorkers.push(this)
    this.once('exit', () => liveWorkers.splice(liveWorkers.indexOf(this), 1))
  }
}
syncBuiltinESMExports()

/** Makes a worker fail. */
export function order(fault: Fault): void {
  const channel = new BroadcastChannel(faultChannel)
  channel.postMessage(fault)
  channel.close()
}
