/** The router under test: a process of its own, started as a user would, in the group's folder. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const readyMs = 15_000
const failMs = 8000

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(300) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A running router. */
export class RouterProcess {
  readonly #child: ChildProcess
  readonly #logFile: string

  constructor(command: string, parameters: readonly string[], folder: string, env: Readonly<Record<string, string>>) {
    this.#logFile = join(folder, 'router.log')
    const log = openSync(this.#logFile, 'w')
    // A process group of its own, so that whatever it starts ends with it.
    this.#child = spawn(command, parameters, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', log, log], detached: true })
    this.#child.on('error', () => {})
    closeSync(log)
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined
  }

  /** How the process ended, or that it runs. */
  get state(): 'started' | 'ok' | 'failed' {
    if (!this.ended) return 'started'
    return this.#child.exitCode === 0 ? 'ok' : 'failed'
  }

  /** The end of what it wrote. */
  logTail(): string {
    return readFileSync(this.#logFile, 'utf8').slice(-300)
  }

  /** Waits until all ports accept, or the process has ended, or time is up. */
  async waitUntilReady(ports: readonly number[], udpPorts: readonly number[] = []): Promise<void> {
    const end = performance.now() + readyMs
    while (performance.now() < end && !this.ended) {
      let open = 0
      for (const port of ports) if (await accepts(port)) open += 1
      if (open === ports.length && areUdpPortsBound(udpPorts)) return
      await sleep(50)
    }
  }

  /** Waits for an end that is expected. */
  async waitUntilEnded(): Promise<void> {
    if (this.ended) return
    await Promise.race([once(this.#child, 'exit'), sleep(failMs, undefined, { ref: false })])
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async kill(): Promise<void> {
    if (this.ended || this.#child.pid === undefined) return
    const exited = once(this.#child, 'exit')
    process.kill(-this.#child.pid, 'SIGKILL')
    await exited
  }
}

/**
 * Whether somebody has these UDP ports, as far as the system tells without their being touched: the router would not get one that is bound here, be it
 * for a moment.
 */
function areUdpPortsBound(ports: readonly number[]): boolean {
  const table = '/proc/net/udp'
  if (ports.length === 0 || !existsSync(table)) return true
  const bound = new Set(
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => Number.parseInt(/^\s*\d+: [\dA-F]+:([\dA-F]{4}) /.exec(line)?.[1] ?? '', 16)),
  )
  return ports.every((port) => bound.has(port))
}
