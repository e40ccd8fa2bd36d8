/** Plays one file of recorded answers: starts backends and router, takes the steps of every case, gives what came back. */
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Backend } from './backend.ts'
import { exchangeTcp, exchangeUdp, requestHttp, requestHttp2 } from './client.ts'
import type { CookieJar } from './client.ts'
import { splitLines } from './compare.ts'
import type { BackendSpec, Case, Group, Json, RequestSpec, Result, Step } from './format.ts'
import { jsonText, parseJson } from './json.ts'
import { RouterProcess } from './router-process.ts'
import { Workspace } from './workspace.ts'

/** Results of each case by its name. */
export type Results = Map<string, Result[]>

/** The name of the only case of a group whose router must not start. */
export const startCase = '(start)'

/** The cases of a group; one that must not start has one, even when none is written down. */
export function casesOf(group: Group): readonly Case[] {
  return group.cases ?? (group.startFails === true ? [{ name: startCase, expect: [{ exit: 'failed' }] }] : [])
}

type Note = { [key: string]: Json }

/** JSON as the recordings were written: a space after each comma and colon, and ASCII only. */
function spacedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, each]) => `${spacedJson(key)}: ${spacedJson(each)}`)
      .join(', ')}}`
  }
  return jsonText(value).replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** How often each value occurs, by name. */
function tally(values: readonly Json[]): Json {
  const counts: Record<string, number> = {}
  for (const name of values.map((value) => (typeof value === 'string' ? value : jsonText(value))).toSorted()) {
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

class GroupRun {
  readonly #group: Group
  readonly #command: string
  readonly #workspace = new Workspace()
  readonly #backends = new Map<string, Backend>()
  readonly #routingName: string
  #seen: Note[] = []
  #router: RouterProcess | undefined

  constructor(group: Group, command: string) {
    this.#group = group
    this.#command = command
    this.#routingName = group.routingFile ?? 'routing.yml'
  }

  async start(): Promise<void> {
    const group = this.#group
    await this.#workspace.reservePorts(group)
    if (!group.install && !group.args) await this.#workspace.reservePorts('${port:web}')
    for (const [name, spec] of Object.entries(group.backends ?? { a: {} })) {
      const filled: BackendSpec = parseJson(this.#workspace.fillText(jsonText(spec)))
      const backend = new Backend(name, filled, this.#workspace, (note) => this.#seen.push(note))
      this.#backends.set(name, backend)
      await backend.start()
      this.#workspace.backendPorts.set(name, backend.port)
    }
    for (const [name, text] of Object.entries(group.files ?? {})) this.#workspace.write(name, this.#workspace.fillText(text))
    if (group.routing !== undefined || group.routingText !== undefined) this.#writeRouting(group.routing ?? group.routingText ?? '')

    const parameters = group.args ? group.args.map((text) => this.#workspace.fillText(text)) : [this.#writeInstall()]
    const env = Object.fromEntries(Object.entries(group.env ?? {}).map(([key, value]) => [key, this.#workspace.fillText(value)]))
    this.#router = new RouterProcess(this.#command, parameters, this.#workspace.folder, env)
    if (group.startFails === true) return this.#router.waitUntilEnded()
    const portsOf = (isUdp: boolean): number[] =>
      [...this.#workspace.ports].filter(([name]) => name.startsWith('udp') === isUdp).map(([, port]) => port)
    await this.#router.waitUntilReady(portsOf(false), portsOf(true))
    await sleep((group.settle ?? 0.6) * 1000)
  }

  #writeInstall(): string {
    const install: { [key: string]: Json } = structuredClone(this.#group.install ?? {})
    install['entryPoints'] ??= { web: { address: '127.0.0.1:${port:web}' } }
    install['global'] ??= { checkNewVersion: false, sendAnonymousUsage: false }
    const given = install['providers']
    const providers: { [key: string]: Json } = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {}
    install['providers'] = providers
    providers['providersThrottleDuration'] ??= '20ms'
    const routing = join(this.#workspace.folder, this.#routingName)
    if (existsSync(routing)) providers['file'] ??= { filename: routing, watch: true }
    return `--configFile=${this.#workspace.write('install.yml', jsonText(this.#workspace.fill(install)))}`
  }

  /** Replaces the routing file in one go, as careful editors do. */
  #writeRouting(what: Json): void {
    const text = typeof what === 'string' ? this.#workspace.fillText(what) : jsonText(this.#workspace.fill(what))
    const next = this.#workspace.write(join(this.#routingName, '..', 'next.tmp'), text)
    renameSync(next, join(this.#workspace.folder, this.#routingName))
  }

  async results(only: string | undefined): Promise<Results> {
    if (this.#group.startFails === true) return new Map([[startCase, [{ exit: this.#router?.state ?? 'failed' }]]])
    const results: Results = new Map()
    for (const each of casesOf(this.#group)) {
      if (only !== undefined && !each.name.includes(only)) continue
      const dead = this.#router?.ended === true && results.size === 0
      results.set(each.name, dead ? [{ error: `the router did not start: ${this.#router?.logTail()}` }] : await this.#case(each))
    }
    return results
  }

  async #case(testCase: Case): Promise<Result[]> {
    const jar: CookieJar | undefined = testCase.jar === true ? new Map() : undefined
    const results: Result[] = []
    for (const step of testCase.steps ?? [testCase]) {
      try {
        results.push(await this.#step(step, jar))
      } catch (error) {
        results.push({ error: String(error) })
      }
    }
    if (testCase.compare !== 'same-backend') return results
    const backends = new Set(
      results.flatMap((result) => (Array.isArray(result['seen']) ? result['seen'] : [])).map((seen) => backendOf(seen)),
    )
    return [{ statuses: results.map((result) => result['status'] ?? null), sameBackend: backends.size === 1 }]
  }

  async #step(step: Step, jar: CookieJar | undefined): Promise<Result> {
    if (step.sleep !== undefined) return settled(step.sleep)
    if (step.routing !== undefined || step.routingText !== undefined) {
      this.#writeRouting(step.routing ?? step.routingText ?? '')
      return settled(step.settle ?? 1.2)
    }
    if (step.stopBackend !== undefined) {
      this.#backends.get(step.stopBackend)?.stop()
      return settled(step.settle ?? 0.2)
    }
    if (step.signal !== undefined) {
      this.#router?.signal(step.signal)
      return settled(step.settle ?? 0.5)
    }
    if (step.log !== undefined) {
      await settled(step.settle ?? 0.5)
      return { log: this.#log(step.log, step) }
    }
    return (step.repeat ?? 1) === 1 && (step.parallel ?? 1) === 1 ? this.#once(step, jar) : this.#many(step, jar)
  }

  #log(name: string, step: Step): Json {
    const path = join(this.#workspace.folder, name)
    if (!existsSync(path)) return null
    const lines = splitLines(readFileSync(path, 'utf8')).map((line) => this.#logLine(line, step))
    return lines.slice(-(step.last ?? 1000))
  }

  #logLine(line: string, { pick, mask }: Step): Json {
    if (!pick) {
      const text = this.#workspace.unfill(line)
      return mask === undefined ? text : text.replace(new RegExp(mask, 'g'), '#')
    }
    const fields = parseJson<{ [key: string]: Json }>(line)
    return Object.fromEntries(
      pick.map((key) => {
        return [key, parseJson(this.#workspace.unfill(spacedJson(fields[key] ?? null)))]
      }),
    )
  }

  async #once(step: Step, jar: CookieJar | undefined): Promise<Result> {
    this.#seen = []
    const result = await this.#exchange(step, jar)
    await settled(step.wait ?? 0.03)
    const seen = this.#seen
    if (seen.length > 0) result['seen'] = step.unordered === true ? seen.toSorted((a, b) => (backendOf(a) < backendOf(b) ? -1 : 1)) : seen
    return result
  }

  async #many(step: Step, jar: CookieJar | undefined): Promise<Result> {
    this.#seen = []
    const lanes = step.parallel ?? 1
    let left = Math.max(step.repeat ?? 1, lanes)
    const results: Result[] = []
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        results.push(await this.#exchange(step, jar))
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    const statuses = results.map((result) => result['status'] ?? result['failed'] ?? 'none')
    return { statuses: tally(statuses), backends: tally(this.#seen.map(backendOf)) }
  }

  #exchange(step: Step, jar: CookieJar | undefined): Promise<Result> {
    if (step.udp) return exchangeUdp(step.udp, this.#workspace)
    if (step.tcp) return exchangeTcp(step.tcp, this.#workspace)
    if (step.h2) return requestHttp2(step.h2, this.#workspace)
    if (step.to === undefined) throw new Error(`a step without a kind that is known: ${Object.keys(step).join(', ')}`)
    const request: RequestSpec = { ...step, to: step.to }
    return requestHttp(request, this.#workspace, jar)
  }

  async stop(): Promise<void> {
    await this.#router?.kill()
    for (const backend of this.#backends.values()) backend.end()
    this.#workspace.remove()
  }
}

function backendOf(seen: Json): string {
  return seen !== null && typeof seen === 'object' && !Array.isArray(seen) && typeof seen['backend'] === 'string' ? seen['backend'] : ''
}

async function settled(seconds: number): Promise<Result> {
  await sleep(seconds * 1000)
  return {}
}

/** Plays a group against a router's command; `only` picks the cases whose name contains it. */
export async function replayGroup(group: Group, command: string, only?: string): Promise<Results> {
  const run = new GroupRun(group, command)
  try {
    await run.start()
    return await run.results(only)
  } finally {
    await run.stop()
  }
}
