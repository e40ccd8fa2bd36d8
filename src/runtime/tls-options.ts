/** Resolves sets of TLS options: checks every name in them, reads the authorities that they name, and makes plans that contexts can be made of. */
import { createHash, X509Certificate } from 'node:crypto'
import type { TlsConfiguration } from '../config/routing/tls.ts'
import type { ClientAuth, TlsOptionsPlan } from '../generation/plan.ts'
import { lostCipherSuites, tls13Suites, tlsCipherSuites, tlsCurves, tlsVersions } from '../generation/tls-names.ts'
import { contentOf, type ReadFile } from './file-content.ts'
import type { Merged } from './merge.ts'

/** Decoded options of one set. */
export type TlsOptionsConfig = TlsConfiguration['options'][string]

/** A set of options, or why it cannot be used, and what is wrong without being in the way. */
export interface TlsOptionsResult {
  readonly plan: TlsOptionsPlan | null
  readonly error: string | null
  readonly warnings: readonly string[]
}

/** Name of the options that hold where nothing else is said. */
export const defaultTlsOptions = 'default'

/** What configurations that say nothing get; also where there is no set named `default`. */
const builtInOptions: TlsOptionsConfig = {
  minVersion: '',
  maxVersion: '',
  cipherSuites: [],
  curvePreferences: [],
  clientAuth: { caFiles: [], clientAuthType: '' },
  sniStrict: false,
  alpnProtocols: ['h2', 'http/1.1'],
  disableSessionTickets: false,
}

/** Suites of options that name none: those with forward secrecy, as Traefik has them. */
const defaultSuites = [...tlsCipherSuites.keys()].filter((name) => !name.startsWith('TLS_RSA_') && !name.endsWith('CBC_SHA256'))

const clientAuthTypes: ReadonlyMap<string, ClientAuth> = new Map([
  ['NoClientCert', 'none'],
  ['RequestClientCert', 'request'],
  ['RequireAnyClientCert', 'requireAny'],
  ['VerifyClientCertIfGiven', 'verifyIfGiven'],
  ['RequireAndVerifyClientCert', 'requireAndVerify'],
])

/** RFC 7301 §3.1: its length stands in one byte. */
const alpnBytesMax = 255

/** Protocol of ACME challenges, which is never offered to anyone else. */
const acmeProtocol = 'acme-tls/1'

/** Resolves all sets by qualified name. `default` is always among them, be it as an error. */
export function resolveTlsOptions(merged: Merged, readFile: ReadFile): Map<string, TlsOptionsResult> {
  const results = new Map<string, TlsOptionsResult>()
  results.set(
    defaultTlsOptions,
    merged.tlsClashes.has('options')
      ? { plan: null, error: 'TLS options "default" are defined by more than one provider', warnings: [] }
      : resolveOne(defaultTlsOptions, builtInOptions, readFile),
  )
  for (const [name, { config }] of merged.tlsOptions) {
    if (name !== defaultTlsOptions || !merged.tlsClashes.has('options')) results.set(name, resolveOne(name, config, readFile))
  }
  return results
}

function resolveOne(name: string, config: TlsOptionsConfig, readFile: ReadFile): TlsOptionsResult {
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(`TLS options ${name}: ${message}`)
  try {
    return { plan: planOf(name, config, readFile, warn), error: null, warnings }
  } catch (cause) {
    if (!(cause instanceof OptionsError)) throw cause
    return { plan: null, error: `TLS options ${name}: ${cause.message}`, warnings }
  }
}

/** Why a set of options cannot be used. */
class OptionsError extends Error {}

function planOf(name: string, config: TlsOptionsConfig, readFile: ReadFile, warn: (message: string) => void): TlsOptionsPlan {
  const minVersion = versionOf('minVersion', config.minVersion, warn) ?? 'TLSv1.2'
  const maxVersion = versionOf('maxVersion', config.maxVersion, warn) ?? 'TLSv1.3'
  if (minVersion > maxVersion)
    throw new OptionsError(`minVersion ${config.minVersion || 'VersionTLS12'} is newer than maxVersion ${config.maxVersion}`)
  const clientAuth = clientAuthOf(config.clientAuth)
  const demands = {
    minVersion,
    maxVersion,
    // TLS 1.0 and 1.1 sign with SHA-1, which OpenSSL allows on level 0 only; level 1 takes the RSA keys of 1024 bits that Go takes too.
    ciphers: [...suitesOf(config.cipherSuites, warn), `@SECLEVEL=${minVersion < 'TLSv1.2' ? 0 : 1}`].join(':'),
    curves: curvesOf(config.curvePreferences),
    clientAuth,
    clientCas: casOf(config.clientAuth.caFiles, readFile),
  }
  if ((clientAuth === 'verifyIfGiven' || clientAuth === 'requireAndVerify') && demands.clientCas.length === 0) {
    throw new OptionsError(`clientAuth.clientAuthType ${config.clientAuth.clientAuthType} needs caFiles`)
  }
  const tooLong = config.alpnProtocols.find((protocol) => protocol === '' || Buffer.byteLength(protocol) > alpnBytesMax)
  if (tooLong !== undefined)
    throw new OptionsError(`alpnProtocols: ${JSON.stringify(tooLong.slice(0, 80))} has not between 1 and ${alpnBytesMax} bytes`)
  const digest = createHash('sha256').update(JSON.stringify(demands)).digest('hex').slice(0, 16)
  const offered = config.alpnProtocols.length > 0 ? config.alpnProtocols : builtInOptions.alpnProtocols
  return {
    name,
    policy: `${name}#${digest}`,
    ...demands,
    alpn: offered.filter((protocol) => protocol !== acmeProtocol),
    sniStrict: config.sniStrict,
    sessionTickets: !config.disableSessionTickets,
  }
}

function versionOf(option: string, name: string, warn: (message: string) => void): TlsOptionsPlan['minVersion'] | undefined {
  const version = tlsVersions.get(name)
  if (name !== '' && version === undefined)
    warn(`${option}: ${JSON.stringify(name)} is unknown and has no effect; one of ${[...tlsVersions.keys()].join(', ')}`)
  return version
}

function suitesOf(names: readonly string[], warn: (message: string) => void): string[] {
  const wanted = new Set(names.length > 0 ? names : defaultSuites)
  for (const name of wanted) {
    if (lostCipherSuites.has(name)) warn(`cipherSuites: ${name} is not there any more: OpenSSL has no such suite`)
    else if (!tlsCipherSuites.has(name)) throw new OptionsError(`cipherSuites: unknown suite ${name}`)
  }
  const suites = [...tlsCipherSuites].flatMap(([name, suite]) => (wanted.has(name) ? [suite] : []))
  if (suites.length === 0) throw new OptionsError('cipherSuites: none of them is there')
  return [...tls13Suites, ...new Set(suites.filter((suite) => !tls13Suites.includes(suite)))]
}

/** Curves of options that name none: Traefik's. OpenSSL's own list has groups of 112 bits too. */
const defaultCurves = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384', 'P-521']

function curvesOf(names: readonly string[]): string {
  const curves = names.map((name) => {
    const curve = tlsCurves.get(name)
    if (curve === undefined) throw new OptionsError(`curvePreferences: unknown curve ${name}`)
    return curve
  })
  return [...new Set(curves.length > 0 ? curves : defaultCurves)].join(':')
}

function clientAuthOf({ caFiles, clientAuthType }: TlsOptionsConfig['clientAuth']): ClientAuth {
  if (clientAuthType === '') return caFiles.length > 0 ? 'requireAndVerify' : 'none'
  const type = clientAuthTypes.get(clientAuthType)
  if (type === undefined) throw new OptionsError(`clientAuth.clientAuthType: unknown type ${JSON.stringify(clientAuthType)}`)
  return type
}

function casOf(entries: readonly string[], readFile: ReadFile): string[] {
  return entries.flatMap((entry) => {
    const text = contentOf(entry, readFile)
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    if (blocks.length === 0)
      throw new OptionsError(`clientAuth.caFiles: ${entry.slice(0, 80)} is neither a readable file nor a PEM text with certificates`)
    for (const block of blocks) checkCertificate(block, entry)
    return blocks
  })
}

function checkCertificate(block: string, entry: string): void {
  try {
    new X509Certificate(block)
  } catch {
    throw new OptionsError(`clientAuth.caFiles: ${entry.slice(0, 80)} holds a certificate that cannot be read`)
  }
}
