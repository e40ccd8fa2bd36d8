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
  type SecureVersion,
} from 'node:tls'
import type { TransportPlan } from './plan.ts'

const versions: ReadonlyMap<string, SecureVersion> = new Map([
  ['VersionTLS10', 'TLSv1'],
  ['VersionTLS11', 'TLSv1.1'],
  ['VersionTLS12', 'TLSv1.2'],
  ['VersionTLS13', 'TLSv1.3'],
])

/** TLS 1.3 suites cannot be chosen by configuration; OpenSSL turns the version off when none is named. */
const tls13Suites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']

/** Go's names of cipher suites and OpenSSL's. */
const cipherNames: ReadonlyMap<string, string> = new Map([
  ...tls13Suites.map((name) => [name, name] as const),
  ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
  ['TLS_RSA_WITH_AES_256_CBC_SHA', 'AES256-SHA'],
  ['TLS_RSA_WITH_AES_128_CBC_SHA256', 'AES128-SHA256'],
  ['TLS_RSA_WITH_AES_128_GCM_SHA256', 'AES128-GCM-SHA256'],
  ['TLS_RSA_WITH_AES_256_GCM_SHA384', 'AES256-GCM-SHA384'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'ECDHE-ECDSA-AES128-SHA'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE-ECDSA-AES256-SHA'],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'ECDHE-RSA-AES128-SHA'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE-RSA-AES256-SHA'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'ECDHE-ECDSA-AES128-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'ECDHE-RSA-AES128-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
])

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
  if (plan.minVersion !== '' && !versions.has(plan.minVersion)) return false
  if (plan.maxVersion !== '' && !versions.has(plan.maxVersion)) return false
  if (plan.minVersion !== '' && plan.maxVersion !== '' && plan.minVersion > plan.maxVersion) return false
  return plan.cipherSuites.every((name) => cipherNames.has(name))
}

function contextOptions(plan: TransportPlan): SecureContextOptions {
  const options: SecureContextOptions = { ca: plan.rootCas.length > 0 ? [...plan.rootCas] : systemRoots() }
  if (plan.certificates.length > 0) {
    options.cert = plan.certificates.map((certificate) => certificate.cert)
    options.key = plan.certificates.map((certificate) => certificate.key)
  }
  const min = versions.get(plan.minVersion)
  const max = versions.get(plan.maxVersion)
  if (min !== undefined) options.minVersion = min
  if (max !== undefined) options.maxVersion = max
  if (plan.cipherSuites.length > 0)
    options.ciphers = [...plan.cipherSuites.map((name) => cipherNames.get(name) ?? ''), ...tls13Suites].join(':')
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
