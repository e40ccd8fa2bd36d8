/** A router as users start it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { until } from './until.ts'

/** The command line of the checkout. */
export const tidegate = resolve(import.meta.dirname, '..', '..', 'bin', 'tidegate')

/** How a process is started besides its arguments. */
export interface ProcessOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Another command line in front, such as a shell's. */
  readonly command?: readonly string[]
  /** Descriptors from 3 on. */
  readonly descriptors?: readonly number[]
}

/** A running or ended process. */
export class RouterProcess {
  /** All that it wrote so far. */
  output = ''
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown[]>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'close')
    child.stdout?.on('data', (bytes: Buffer) => (this.output += bytes.toString()))
    child.stderr?.on('data', (bytes: Buffer) => (this.output += bytes.toString()))
  }

  /** Starts one; what still runs at the end of the test is killed. */
  static start(t: Pick<TestContext, 'after'>, parameters: readonly string[], options: ProcessOptions = {}): RouterProcess {
    const [command = tidegate, ...rest] = [...(options.command ?? [tidegate]), ...parameters]
    const child = spawn(command, rest, {
      cwd: options.cwd,
      // What the caller's environment says about Tidegate is not for this one.
      env: { PATH: process.env['PATH'] ?? '', HOME: options.cwd ?? '/nowhere', NODE_COMPILE_CACHE: compileCache, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', ...(options.descriptors ?? [])],
    })
    const started = new RouterProcess(child)
    t.after(async () => {
      if (!started.isOver) child.kill('SIGKILL')
      await started.#exited
    })
    return started
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits for the end; gives the exit code, or null when a signal ended it. */
  async exitCode(): Promise<number | null> {
    await this.#exited
    return this.#child.exitCode
  }

  /** Waits until something stands in its output. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return until(`output: ${pattern}`, () => {
      const match = pattern.exec(this.output)
      if (match === null && this.isOver)
        throw new Error(`it ended with ${this.#child.exitCode ?? this.#child.signalCode}, output:\n${this.output}`)
      return match
    })
  }
}

const compileCache = process.env['NODE_COMPILE_CACHE'] ?? join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'tidegate')

/** Runs a command to its end. */
export async function runTidegate(
  t: Pick<TestContext, 'after'>,
  parameters: readonly string[],
  options: ProcessOptions = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const started = RouterProcess.start(t, parameters, options)
  const code = await started.exitCode()
  return { code, output: started.output }
}
