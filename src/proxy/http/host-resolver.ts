/** CNAME flattening (`hostResolver`): the name that a requested host is an alias of, which host rules match beside the host itself. */
import { Resolver } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { GlobalPlan } from '../../generation/plan.ts'

/** Tells the last name of a chain of CNAME records. */
export interface HostFlattener {
  /** The canonical name of a canonical host, '' when it is no alias; a promise while name servers are asked. */
  flatten(host: string): string | Promise<string>
}

/** What flattening needs of the outside. */
export interface HostFlattenerInput {
  /** Longest chain that is followed. */
  readonly depth: number
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** The CNAME records of a name; rejects with an error when there are none. */
  readonly resolveCname: (name: string) => Promise<readonly string[]>
}

/** How long an answer is believed, in milliseconds; Node does not tell the record's own time. */
const answerMs = 60_000
/** How long a failure of the name servers is believed, in milliseconds. */
const failureMs = 5_000
/** Hosts that are remembered at most; clients choose them. */
const knownMax = 10_000
/** Questions under way at most; hosts beyond are taken as they are. */
const pendingMax = 1_000
/** Patience with the name servers per question, in milliseconds. */
const timeoutMs = 2_000

interface Known {
  readonly flat: string
  readonly untilMs: number
}

/** Builds a flattener that remembers what it learnt. */
export function createHostFlattener(input: HostFlattenerInput): HostFlattener {
  const known = new Map<string, Known>()
  const pending = new Map<string, Promise<string>>()

  const remember = (host: string, flat: string, forMs: number): string => {
    if (known.size >= knownMax) known.clear()
    known.set(host, { flat, untilMs: input.now() + forMs })
    return flat
  }
  const ask = async (host: string): Promise<string> => {
    try {
      const { name, isFinal } = await followChain(host, input)
      return remember(host, name === host ? '' : name, isFinal ? answerMs : failureMs)
    } finally {
      pending.delete(host)
    }
  }
  return {
    flatten(host) {
      const entry = known.get(host)
      if (entry !== undefined && entry.untilMs > input.now()) return entry.flat
      if (host === '' || isIP(host) !== 0) return ''
      const waiting = pending.get(host)
      if (waiting !== undefined) return waiting
      if (pending.size >= pendingMax) return ''
      const answer = ask(host)
      pending.set(host, answer)
      return answer
    },
  }
}

async function followChain(host: string, input: HostFlattenerInput): Promise<{ name: string; isFinal: boolean }> {
  let name = host
  for (let step = 0; step < input.depth; step += 1) {
    try {
      const [target] = await input.resolveCname(name)
      if (target === undefined || target === '') break
      name = target.replace(/\.$/, '').toLowerCase()
    } catch (cause) {
      return { name, isFinal: saysNoRecord(cause) }
    }
  }
  return { name, isFinal: true }
}

function saysNoRecord(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : ''
  return code === 'ENODATA' || code === 'ENOTFOUND'
}

/** Gives flatteners to entry points: one for each setting, shared, so that a reload does not forget what was learnt. */
export class HostFlatteners {
  readonly #flatteners = new Map<string, HostFlattener>()

  /** The flattener of a setting; null when flattening is off. A file of name servers that cannot be read leaves the system's. */
  for(setting: GlobalPlan['hostResolver']): HostFlattener | null {
    if (setting === null) return null
    const key = `${setting.depth} ${setting.resolvConfig}`
    let flattener = this.#flatteners.get(key)
    if (flattener === undefined) {
      const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
      const servers = nameServers(setting.resolvConfig)
      if (servers.length > 0) resolver.setServers(servers)
      flattener = createHostFlattener({
        depth: setting.depth,
        now: () => performance.now(),
        resolveCname: (name) => resolver.resolveCname(name),
      })
      this.#flatteners.set(key, flattener)
    }
    return flattener
  }
}

/** Addresses in the `nameserver` lines of a resolv.conf(5) file. */
function nameServers(path: string): string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  const found: string[] = []
  for (const line of text.split('\n')) {
    const [word, address] = line.trim().split(/\s+/)
    if (word === 'nameserver' && address !== undefined && isIP(address) !== 0) found.push(address)
  }
  return found
}
