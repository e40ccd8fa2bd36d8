/** A router in this process, with a folder of its own for its configuration and logs. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { App } from '../../src/app.ts'
import { loadInstall } from '../../src/config/sources/load-install.ts'
import { until } from './until.ts'

/** A line of the router's log. */
export type LogLine = Readonly<Record<string, string>> & { readonly level: string; readonly message: string }

/** Parts of an install configuration in YAML; `log` and the file provider are added. */
export interface RouterConfiguration {
  readonly install: string
  readonly routing?: string
}

/** A folder that goes with the test. */
export function temporaryFolder(t: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Replaces a file at once, as careful writers do. */
export function replaceFile(path: string, content: string): void {
  writeFileSync(`${path}.next`, content)
  renameSync(`${path}.next`, path)
}

/** A running router. */
export class TestRouter {
  readonly folder: string
  readonly installFile: string
  readonly routingFile: string
  readonly logFile: string
  #app: App | null = null

  private constructor(folder: string) {
    this.folder = folder
    this.installFile = join(folder, 'tidegate.yml')
    this.routingFile = join(folder, 'routing.yml')
    this.logFile = join(folder, 'router.log')
  }

  /** Starts a router that ends with the test. */
  static async start(t: Pick<TestContext, 'after'>, { install, routing = '' }: RouterConfiguration): Promise<TestRouter> {
    const router = new TestRouter(temporaryFolder(t))
    router.route(routing)
    router.write(install)
    const load = (): ReturnType<typeof loadInstall> =>
      loadInstall({ args: [`--configFile=${router.installFile}`], env: {}, cwd: router.folder })
    router.#app = await App.start({ load, env: {} })
    t.after(() => router.app.stop())
    return router
  }

  get app(): App {
    assert.ok(this.#app !== null)
    return this.#app
  }

  /** Writes an install configuration; what it does not say itself is log and file provider. */
  write(install: string): void {
    const log = /^log:/m.test(install) ? '' : `log: {level: DEBUG, format: json, filePath: '${this.logFile}'}\n`
    const providers = /^providers:/m.test(install)
      ? ''
      : `providers: {providersThrottleDuration: 0, file: {filename: '${this.routingFile}'}}\n`
    replaceFile(this.installFile, `${install}\n${log}${providers}`)
  }

  /** Writes a routing configuration. */
  route(routing: string): void {
    replaceFile(this.routingFile, routing)
  }

  /** Writes an install configuration and takes it into force; nothing may be wrong with it. */
  async reload(install: string): Promise<void> {
    this.write(install)
    assert.deepEqual(await this.app.reload('test'), [])
  }

  /** The port of an entry point. */
  port(entryPoint: string): number {
    const found = this.app.addresses.find((address) => address.entryPoint === entryPoint)
    assert.ok(found !== undefined, `entry point ${entryPoint}`)
    return found.port
  }

  /** What it has logged so far. */
  log(): LogLine[] {
    if (!existsSync(this.logFile)) return []
    return readFileSync(this.logFile, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): LogLine => JSON.parse(line))
  }

  /** Waits for a line of the log. */
  logged(pattern: RegExp): Promise<LogLine> {
    return until(`log: ${pattern}`, () => this.log().find((line) => pattern.test(line.message)))
  }
}
