/** Which TLS options a connection to an entry point gets, by server name: those of the HTTPS routers that name the host. */
import type { RouterPlan } from '../../generation/plan.ts'
import { compileRe2 } from '../../std/re2.ts'

/** What is known for a server name. */
export interface HostOptions {
  /** Qualified name of the options. Where routers disagree the default ones: then requests to routers of other options are answered with 421. */
  readonly options: string
  /** How the HTTPS routers of the entry point want such connections: by naming the host, by taking any, or not at all. */
  readonly wanted: 'host' | 'any' | 'none'
  /** A pattern has led here, no name. */
  readonly isPattern: boolean
}

/** Name of the options that hold where no router says otherwise. */
export const defaultTlsOptions = 'default'

const forAny: HostOptions = { options: defaultTlsOptions, wanted: 'any', isPattern: false }
const forNone: HostOptions = { options: defaultTlsOptions, wanted: 'none', isPattern: false }

interface HostPattern {
  readonly matches: (host: string) => boolean
  readonly options: HostOptions
}

/** The hosts of one entry point's HTTPS routers; filled while a generation is built. */
export class HttpsHosts {
  readonly #hosts = new Map<string, HostOptions>()
  readonly #patterns = new Map<string, HostPattern>()
  #otherwise = forNone

  /** Adds a router that has TLS. */
  add(router: Pick<RouterPlan, 'tlsOptions' | 'tlsHosts' | 'tlsHostPatterns'>): void {
    const { tlsOptions, tlsHosts, tlsHostPatterns } = router
    for (const host of tlsHosts) {
      if (host === '*') this.#otherwise = forAny
      else this.#hosts.set(host, { options: agree(this.#hosts.get(host), tlsOptions), wanted: 'host', isPattern: false })
    }
    for (const source of tlsHostPatterns) {
      const known = this.#patterns.get(source)
      const matches = known?.matches ?? compilePattern(source)
      // A pattern names no host: TCP routers that do come before it.
      if (matches === null) continue
      this.#patterns.set(source, { matches, options: { options: agree(known?.options, tlsOptions), wanted: 'any', isPattern: true } })
    }
    if (tlsHosts.length === 0) this.#otherwise = forAny
  }

  /** Looks a canonical server name up; '' when the client named none. */
  find(serverName: string): HostOptions {
    if (serverName === '') return this.#otherwise
    const exact = this.#hosts.get(serverName)
    if (exact !== undefined) return exact
    const dot = serverName.indexOf('.')
    const wildcard = dot < 0 ? undefined : this.#hosts.get(`*${serverName.slice(dot)}`)
    if (wildcard !== undefined) return wildcard
    return this.#findByPattern(serverName) ?? this.#otherwise
  }

  #findByPattern(serverName: string): HostOptions | undefined {
    let found: HostOptions | undefined
    for (const { matches, options } of this.#patterns.values()) {
      if (!matches(serverName)) continue
      found = found === undefined || found.options === options.options ? options : forAny
    }
    return found
  }
}

function agree(known: HostOptions | undefined, options: string): string {
  return known === undefined || known.options === options ? options : defaultTlsOptions
}

function compilePattern(source: string): ((host: string) => boolean) | null {
  try {
    return compileRe2(source).testBytes
  } catch {
    // The rule is refused for it, so its router serves nobody.
    return null
  }
}
