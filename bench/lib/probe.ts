/** Tidegate with the probe in every thread, and what the probe found. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tidegatePeer } from './peers.ts'
import type { Peer } from './peers.ts'

/** The environment that loads the probe; stalls go to the file. */
export function probeEnvironment(stallsFile: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${join(import.meta.dirname, '..', 'load', 'probe.ts')}`, TIDEGATE_BENCH_STALLS: stallsFile }
}

/** A peer whose threads are watched. */
export function probedTidegate(workers: number, stallsFile: string): Peer {
  return tidegatePeer('tidegate', `workers: ${workers}`, probeEnvironment(stallsFile))
}

/** The longest stall of each thread, in milliseconds: 0 is the control plane, the others are workers. */
export function longestStalls(file: string, fromLine = 0): { readonly lines: number; readonly byThread: Map<number, number> } {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  const byThread = new Map<number, number>()
  for (const line of lines.slice(fromLine)) {
    const { thread, stallMs }: { thread: number; stallMs: number } = JSON.parse(line)
    byThread.set(thread, Math.max(stallMs, byThread.get(thread) ?? 0))
  }
  return { lines: lines.length, byThread }
}
