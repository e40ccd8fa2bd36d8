/** Loads, and what a process spends under them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cores } from './processes.ts'
import type { CpuTime, Measured } from './processes.ts'

/** What a load generator counted. */
export interface LoadResult {
  /** Answers, handshakes, transfers: whatever the load is made of. */
  readonly requests: number
  readonly seconds: number
  /** Answers that were no 2xx, connections that failed, broke off or ran out of time. */
  readonly errors: number
}

/** Loads a proxy for so many seconds. */
export type Load = (seconds: number) => Promise<LoadResult>

/** A load with the processor time that the process under measurement spent on it. */
export interface Sample extends LoadResult {
  readonly userMicros: number
  readonly systemMicros: number
}

/** Runs a load and gives what the process spent on it. */
export async function measureLoad(measured: Measured, load: Load, seconds: number): Promise<Sample> {
  const before: CpuTime = measured.cpu()
  const result = await load(seconds)
  const after = measured.cpu()
  return { ...result, userMicros: after.user - before.user, systemMicros: after.system - before.system }
}

/** Runs a generator on the core that is not the proxy's, and gives all that it writes. */
export async function runGenerator(command: readonly string[]): Promise<string> {
  const child = spawn('taskset', ['-c', cores.rest, ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  await once(child, 'close')
  return output
}

/** The middle of several numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
