/**
 * What a group of cases works with: its folder, ports, addresses of backends and certificates, and the placeholders that stand for them in
 * the recordings, such as `${port:web}`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { issueCertificate } from '../support/certificates.ts'
import type { Certificate } from '../support/certificates.ts'
import type { Json } from './format.ts'
import { jsonText } from './json.ts'
import { freePort } from './ports.ts'

/** Headers that depend on how a message travels, not on what it says. */
const droppedHeaders = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'proxy-connection'])

const placeholder = /\$\{(port|backend|cert|key|ca|dir|hostname)(?::([^}]*))?\}/g

/** A certificate and its key as files. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

/** The folder, ports, addresses and certificates of one group. */
export class Workspace {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'golden-'))
  readonly ports = new Map<string, number>()
  readonly backendPorts = new Map<string, number>()
  readonly #certificates = new Map<string, CertificateFiles>()
  #authority: Certificate | undefined

  /** Ports that strings will ask for; found before, since that needs waiting and filling does not. */
  async reservePorts(value: unknown): Promise<void> {
    for (const [, name] of jsonText(value).matchAll(/\$\{port:([^}]*)\}/g)) {
      if (name !== undefined && !this.ports.has(name)) this.ports.set(name, await freePort())
    }
  }

  /** The port of an entry point. */
  port(name: string): number {
    const port = this.ports.get(name)
    if (port === undefined) throw new Error(`port ${name}: no string of the group names it`)
    return port
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** The authority that signs every certificate of the group. */
  authority(): Certificate {
    if (!this.#authority) {
      this.#authority = issueCertificate({ commonName: 'Golden CA', organization: 'Golden', authority: true })
      this.write('ca.pem', this.#authority.certificate)
    }
    return this.#authority
  }

  /** Files of a certificate for a name such as a.local or *.b.local. */
  certificate(name: string): CertificateFiles {
    const known = this.#certificates.get(name)
    if (known) return known
    const request = {
      commonName: name,
      organization: 'Golden',
      names: [name],
      issuer: this.authority(),
      serial: 1000 + this.#certificates.size,
    }
    const made = issueCertificate(request)
    const safe = name.replaceAll('*', 'star')
    const files = { certificate: this.write(`${safe}.crt`, made.certificate), key: this.write(`${safe}.key`, made.key) }
    this.#certificates.set(name, files)
    return files
  }

  /** The text with placeholders replaced. */
  fillText(text: string): string {
    return text.replace(placeholder, (_, kind: string, argument = '') => this.#placeholderValue(kind, argument))
  }

  #placeholderValue(kind: string, argument: string): string {
    if (kind === 'port') return String(this.port(argument))
    if (kind === 'backend') {
      const port = this.backendPorts.get(argument)
      if (port === undefined) throw new Error(`backend ${argument}: not in the group`)
      return `127.0.0.1:${port}`
    }
    if (kind === 'cert') return this.certificate(argument).certificate
    if (kind === 'key') return this.certificate(argument).key
    if (kind === 'hostname') return hostname()
    if (kind === 'dir') return this.folder
    this.authority()
    return join(this.folder, 'ca.pem')
  }

  /** The same data with placeholders replaced in every string and key. */
  fill(value: Json): Json {
    if (typeof value === 'string') return this.fillText(value)
    if (Array.isArray(value)) return value.map((each) => this.fill(each))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [this.fillText(key), this.fill(each)]))
  }

  /** The reverse, for what was received: addresses and paths of this run become placeholders again. */
  unfill(text: string): string {
    let out = text
    for (const [name, port] of this.backendPorts)
      out = out.replace(new RegExp(`\\b127\\.0\\.0\\.1:${port}\\b`, 'g'), `$\${backend:${name}}`)
    for (const [name, port] of this.ports) {
      out = out.replace(new RegExp(`(?<=:)${port}\\b`, 'g'), `$\${port:${name}}`)
      out = out.replace(new RegExp(`(?<=["' ])${port}(?=["' ,]|$)`, 'g'), `$\${port:${name}}`)
      if (out === String(port)) out = `\${port:${name}}`
    }
    return out.replaceAll(this.folder, '$${dir}').replaceAll(hostname(), '$${hostname}')
  }

  /** Headers as they are compared: lower case, sorted by name, without those of the connection. */
  tidyHeaders(headers: readonly (readonly [string, string])[]): [string, string][] {
    return (
      headers
        .map(([name, value]): [string, string] => [name.toLowerCase(), value])
        // Go's client adds `Accept-Encoding: gzip` by itself.
        .filter(([name, value]) => !droppedHeaders.has(name) && name !== 'x-reply' && !(name === 'accept-encoding' && value === 'gzip'))
        .map(([name, value]): [string, string] => [name, this.unfill(value)])
        .toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
    )
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Long bodies are compared by their start and length. */
export function shorten(body: Buffer): string {
  const text = body.toString('latin1')
  return text.length <= 300 ? text : `${text.slice(0, 60)}… ${text.length} bytes`
}
