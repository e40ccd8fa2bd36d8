/** Load by wrk, and what a processor spends under it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cores } from './processes.ts'
import type { CpuTime, Measured } from './processes.ts'

/** A load: what is asked for, by how many connections, how long. */
export interface Load {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  /** A Lua script and its arguments. */
  readonly script?: string
  readonly scriptArguments?: readonly string[]
}

/** What wrk counted. */
export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Answers that were no 2xx, connections that failed, broke off or ran out of time. */
  readonly errors: number
}

/** A load with the processor time that the process under measurement spent on it. */
export interface Sample extends LoadResult {
  readonly userMicros: number
  readonly systemMicros: number
}

/** Runs wrk on the core that is not the proxy's. */
export async function runWrk(load: Load): Promise<LoadResult> {
  const parameters = ['-c', cores.rest, 'wrk', '-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', '10s']
  if (load.script !== undefined) parameters.push('-s', load.script)
  parameters.push(load.url, ...(load.scriptArguments ? ['--', ...load.scriptArguments] : []))
  const child = spawn('taskset', parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  await once(child, 'close')
  const total = /(\d+) requests in ([\d.]+)(ms|s|m)\b/.exec(output)
  if (!total) throw new Error(`wrk said:\n${output}`)
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(output)
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)
  const errors = [failed?.[1], ...(sockets?.slice(1) ?? [])].reduce((sum, count) => sum + Number(count ?? 0), 0)
  const unit = { ms: 0.001, s: 1, m: 60 }[total[3] ?? 's'] ?? 1
  return { requests: Number(total[1]), seconds: Number(total[2]) * unit, errors }
}

/** Runs a load and gives what the process spent on it. */
export async function measureLoad(measured: Measured, load: Load): Promise<Sample> {
  const before: CpuTime = measured.cpu()
  const result = await runWrk(load)
  const after = measured.cpu()
  return { ...result, userMicros: after.user - before.user, systemMicros: after.system - before.system }
}

/** The middle of several numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
