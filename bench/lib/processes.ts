/** Processes under measurement: started on a core of their own, waited for, measured with their children, ended. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Core of what is measured, and core of load and backend. With one core they share it. */
export const cores = existsSync('/sys/devices/system/cpu/cpu1') ? { proxy: '0', rest: '1' } : { proxy: '0', rest: '0' }

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100

/** A program on the machine, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Processor time in microseconds. */
export interface CpuTime {
  readonly user: number
  readonly system: number
}

/** A process and its children. */
export class Measured {
  readonly name: string
  readonly #child: ChildProcess
  readonly #logFile: string

  constructor(name: string, child: ChildProcess, logFile: string) {
    this.name = name
    this.#child = child
    this.#logFile = logFile
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** What it wrote. */
  log(): string {
    return readFileSync(this.#logFile, 'utf8')
  }

  /** Its process id and those of all its descendants. */
  tree(): number[] {
    const parents = new Map<number, number>()
    for (const entry of readdirSync('/proc')) {
      const stat = /^\d+$/.test(entry) ? readStat(Number(entry)) : undefined
      if (stat) parents.set(Number(entry), Number(stat[1]))
    }
    const tree = [this.pid]
    for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child)
    return tree
  }

  /** Processor time of all threads since the start. */
  cpu(): CpuTime {
    const sum = { user: 0, system: 0 }
    for (const stat of this.tree().map(readStat)) {
      sum.user += Number(stat?.[11] ?? 0)
      sum.system += Number(stat?.[12] ?? 0)
    }
    const microseconds = 1_000_000 / ticksPerSecond
    return { user: sum.user * microseconds, system: sum.system * microseconds }
  }

  /** Resident memory in bytes. */
  residentBytes(): number {
    return this.tree().reduce((sum, pid) => {
      const match = /^VmRSS:\s+(\d+) kB/m.exec(readOrEmpty(`/proc/${pid}/status`))
      return sum + Number(match?.[1] ?? 0) * 1024
    }, 0)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async end(): Promise<void> {
    if (this.ended) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3000)
    await exited
    clearTimeout(timer)
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // The process has ended meanwhile.
  }
}

/** Fields of /proc/pid/stat after the command, which may hold spaces: state is 0, parent 1, utime 11, stime 12. */
function readStat(pid: number): string[] | undefined {
  const text = readOrEmpty(`/proc/${pid}/stat`)
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** How a process is started. */
export interface StartOptions {
  readonly command: readonly string[]
  readonly folder: string
  readonly core: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a process pinned to a core. */
export function start(name: string, options: StartOptions): Measured {
  const logFile = join(options.folder, `${name.replaceAll(/[^\w-]/g, '-')}.log`)
  const log = openSync(logFile, 'w')
  const env = { ...process.env, ...options.env }
  const child = spawn('taskset', ['-c', options.core, ...options.command], { cwd: options.folder, env, stdio: ['ignore', log, log] })
  closeSync(log)
  return new Measured(name, child, logFile)
}

/** Waits until a port accepts; throws with the log's end when the process ends or time is up. */
export async function waitForPort(measured: Measured, port: number, timeoutMs = 30_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (performance.now() < end) {
    if (measured.ended) throw new Error(`${measured.name} ended:\n${measured.log().slice(-2000)}`)
    const socket = connect({ port, host: '127.0.0.1' })
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await sleep(5)
  }
  throw new Error(`${measured.name} does not listen on ${port}:\n${measured.log().slice(-2000)}`)
}
