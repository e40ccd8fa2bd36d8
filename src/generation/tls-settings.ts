/** TLS towards servers: what a servers transport's plan means for Node's TLS. Verification is on unless the plan turns it off. */
import { isIP } from 'node:net'
import {
  checkServerIdentity,
  type ConnectionOptions,
  createSecureContext,
  getCACertificates,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'
import type { TransportPlan } from './plan.ts'
import { tls13Suites, tlsCipherSuites, tlsVersions } from './tls-names.ts'

/** What a dial needs besides the connection. */
export type TlsConnectOptions = Pick<
  ConnectionOptions,
  'secureContext' | 'servername' | 'rejectUnauthorized' | 'checkServerIdentity' | 'ALPNProtocols'
>

/** The TLS side of a servers transport; contexts are made when the first connection needs one. */
export class TlsSettings {
  readonly #plan: TransportPlan
  readonly #isDefault: boolean
  #context: SecureContext | null = null

  constructor(plan: TransportPlan) {
    this.#plan = plan
    this.#isDefault = !isSound(plan)
  }

  /** Options for a connection to `host`; throws when certificate, key and authorities cannot be used together. */
  optionsFor(host: string): TlsConnectOptions {
    // A setting that cannot be used drops all of them but verification, as recorded of Traefik: it fails closed.
    const plan = this.#isDefault ? null : this.#plan
    this.#context ??= createSecureContext(plan === null ? { ca: systemRoots() } : contextOptions(plan))
    const name = plan === null || plan.serverName === '' ? host : plan.serverName
    const sans = plan === null ? [] : wantedSans(plan)
    const skipsName = plan?.insecureSkipVerify === true
    return {
      secureContext: this.#context,
      // RFC 6066 §3: an address is no server name.
      servername: isIP(name) === 0 ? name : '',
      rejectUnauthorized: !skipsName || sans.length > 0,
      checkServerIdentity: (_host, certificate) => (skipsName ? undefined : checkName(name, certificate)) ?? checkSans(sans, certificate),
      ALPNProtocols: ['http/1.1'],
    }
  }
}

function isSound(plan: TransportPlan): boolean {
  if (plan.minVersion !== '' && !tlsVersions.has(plan.minVersion)) return false
  if (plan.maxVersion !== '' && !tlsVersions.has(plan.maxVersion)) return false
  if (plan.minVersion !== '' && plan.maxVersion !== '' && plan.minVersion > plan.maxVersion) return false
  return plan.cipherSuites.every((name) => tlsCipherSuites.has(name))
}

function contextOptions(plan: TransportPlan): SecureContextOptions {
  const options: SecureContextOptions = { ca: plan.rootCas.length > 0 ? [...plan.rootCas] : systemRoots() }
  if (plan.certificates.length > 0) {
    options.cert = plan.certificates.map((certificate) => certificate.cert)
    options.key = plan.certificates.map((certificate) => certificate.key)
  }
  const min = tlsVersions.get(plan.minVersion)
  const max = tlsVersions.get(plan.maxVersion)
  if (min !== undefined) options.minVersion = min
  if (max !== undefined) options.maxVersion = max
  if (plan.cipherSuites.length > 0)
    options.ciphers = [...plan.cipherSuites.map((name) => tlsCipherSuites.get(name) ?? ''), ...tls13Suites].join(':')
  return options
}

let roots: string[] | null = null

/** The authorities that the system trusts; Node's own where the system has none. */
function systemRoots(): string[] {
  if (roots === null) {
    const system = getCACertificates('system')
    roots = system.length > 0 ? system : getCACertificates('bundled')
  }
  return roots
}

interface San {
  readonly type: string
  readonly value: string
}

function wantedSans(plan: TransportPlan): readonly San[] {
  return plan.peerCertUri === '' ? plan.peerCertSans : [...plan.peerCertSans, { type: 'URI', value: plan.peerCertUri }]
}

function checkName(name: string, certificate: PeerCertificate): Error | undefined {
  // Node falls back to the common name, which names nothing since RFC 9525 §2.
  if (certificate.subjectaltname === undefined) return identityError('certificate has no subject alternative name')
  return checkServerIdentity(name, certificate)
}

/** Any one of the wanted names must be in the certificate, letter for letter. */
function checkSans(wanted: readonly San[], certificate: PeerCertificate): Error | undefined {
  if (wanted.length === 0) return undefined
  const has = parseAltNames(certificate.subjectaltname ?? '')
  const found = wanted.some(
    ({ type, value }) => (type === 'URI' || type === 'DNSName') && has.some((san) => san.type === type && san.value === value),
  )
  return found ? undefined : identityError('certificate has none of the wanted subject alternative names')
}

function identityError(text: string): Error {
  return Object.assign(new Error(text), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
}

/** Reads Node's text form `DNS:a, URI:"b, c"`, where odd values are quoted as in JSON. */
export function parseAltNames(text: string): San[] {
  const found: San[] = []
  for (const match of text.matchAll(/(DNS|URI):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)|[^,]*?:("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)) {
    const [, type, value] = match
    if (type === undefined || value === undefined) continue
    found.push({ type: type === 'DNS' ? 'DNSName' : 'URI', value: value.startsWith('"') ? String(JSON.parse(value)) : value })
  }
  return found
}
