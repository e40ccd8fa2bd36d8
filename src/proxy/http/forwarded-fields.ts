/**
 * The fields by which servers are told how a client reached the router, as far as they follow from entry point and host. They are put together
 * once for each host, as text, so that a request copies them in one piece.
 */
import { ownText, type HeaderList } from './header-list.ts'
import { canonicalHost, portOfHost } from './host.ts'

/** Most hosts remembered; they come from clients, so the memory is bounded. */
const hostsMax = 1024
/** Longer hosts are not remembered. */
const hostLengthMax = 255

/** A host as clients send it. */
export class KnownHost {
  /** Canonical form for matching. */
  readonly host: string
  readonly #hostRaw: string
  readonly #entryPoint: EntryPointFields
  #proto = ''
  #text = ''
  #names: string[] = []
  #keys: string[] = []
  #values: string[] = []

  constructor(hostRaw: string, entryPoint: EntryPointFields) {
    this.host = canonicalHost(hostRaw)
    this.#hostRaw = hostRaw
    this.#entryPoint = entryPoint
  }

  /** Adds X-Forwarded-Proto, -Port, -Host and -Server, and with them those that the entry point asks for. `proto` is http, https, ws or wss. */
  addTo(headers: HeaderList, proto: string): void {
    if (proto !== this.#proto) this.#prepare(proto)
    const names = this.#names
    const keys = this.#keys
    const values = this.#values
    headers.more = this.#text
    let line = headers.raw.length
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index]!
      const value = values[index]!
      headers.pushLine(name, keys[index]!, value, line)
      line += name.length + value.length + 4
    }
  }

  #prepare(proto: string): void {
    const { hostname, addsScheme } = this.#entryPoint
    const fields = [
      ['X-Forwarded-Proto', proto],
      ['X-Forwarded-Port', forwardedPort(this.#hostRaw, proto)],
    ] as [string, string][]
    if (this.#hostRaw !== '') fields.push(['X-Forwarded-Host', this.#hostRaw])
    fields.push(['X-Forwarded-Server', hostname])
    if (addsScheme) fields.push(['X-Forwarded-Scheme', proto], ['X-Scheme', proto])
    this.#proto = proto
    this.#names = fields.map(([name]) => name)
    this.#keys = fields.map(([name]) => name.toLowerCase())
    this.#values = fields.map(([, value]) => value)
    this.#text = ownText(fields.map(([name, value]) => `${name}: ${value}\r\n`).join(''))
  }
}

/** The hosts that the clients of an entry point ask for. */
export class EntryPointFields {
  /** Name of this machine, in bytes. */
  readonly hostname: string
  /** Whether X-Forwarded-Scheme and X-Scheme are told as well. */
  readonly addsScheme: boolean
  readonly #hosts = new Map<string, KnownHost>()

  constructor(hostname: string, addsScheme: boolean) {
    this.hostname = hostname
    this.addsScheme = addsScheme
  }

  /** What is known of a host as sent. */
  find(hostRaw: string): KnownHost {
    return this.#hosts.get(hostRaw) ?? this.#add(hostRaw)
  }

  #add(hostRaw: string): KnownHost {
    if (hostRaw.length > hostLengthMax) return new KnownHost(hostRaw, this)
    // Memory of its own: a piece of a head would keep all of it.
    const own = ownText(hostRaw)
    const made = new KnownHost(own, this)
    if (this.#hosts.size >= hostsMax) this.#hosts.clear()
    this.#hosts.set(own, made)
    return made
  }
}

/** Port that the client asked for: that of the host, else the one that its protocol has. */
export function forwardedPort(hostRaw: string, proto: string): string {
  const port = portOfHost(hostRaw)
  if (port !== '') return port
  return proto === 'https' || proto === 'wss' ? '443' : '80'
}
