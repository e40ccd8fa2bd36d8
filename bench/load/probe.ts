/**
 * Loaded into the measured process by `--import`: in every thread it takes the longest stall of the event loop in each second, and on SIGUSR2
 * it ends one worker, as a crash would. The product knows nothing of it.
 */
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import workerThreads, { isMainThread, threadId, Worker } from 'node:worker_threads'

const file = process.env['TIDEGATE_BENCH_STALLS']
const resolutionMs = 1

if (file !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  const timer = setInterval(() => {
    // The histogram holds the time between ticks of its own timer.
    const stallMs = Math.max(0, histogram.max / 1e6 - resolutionMs)
    histogram.reset()
    appendFileSync(file, `${JSON.stringify({ thread: threadId, stallMs: Math.round(stallMs * 100) / 100 })}\n`)
  }, 1000)
  timer.unref()
}

if (isMainThread) {
  const workers: Worker[] = []
  workerThreads.Worker = class extends Worker {
    constructor(...parameters: ConstructorParameters<typeof Worker>) {
      super(...parameters)
      workers.push(this)
      this.once('exit', () => workers.splice(workers.indexOf(this), 1))
    }
  }
  syncBuiltinESMExports()
  process.on('SIGUSR2', () => void workers[0]?.terminate())
}
