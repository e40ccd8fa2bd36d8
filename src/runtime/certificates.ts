/** Reads and checks the certificates of listeners. One that cannot be used is reported and left out; it harms no other. */
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { CertificatePlan } from '../generation/plan.ts'
import { type CertificateFacts, readCertificate } from '../std/certificate-reader.ts'
import { contentOf, type ReadFile } from './file-content.ts'
import type { Merged } from './merge.ts'
import type { CertificateInfo } from './state.ts'

/** A certificate with its key, checked. */
export interface ServerCertificate {
  readonly x509: X509Certificate
  readonly facts: CertificateFacts
  readonly id: string
  readonly names: readonly string[]
  /** PEM, the certificate first. */
  readonly chain: string
  readonly privateKey: string
}

/** What is made of a generation's certificates. */
export interface CertificatesResult {
  readonly plans: readonly CertificatePlan[]
  /** For the API, by identity. */
  readonly infos: ReadonlyMap<string, CertificateInfo>
  /** Identities of the default certificates; empty when none was configured. */
  readonly defaults: readonly string[]
  readonly warnings: readonly string[]
}

/** What resolving certificates leans on. */
export interface CertificatesContext {
  readonly readFile: ReadFile
  readonly read: CertificateReader
  readonly nowMs: number
  /** OCSP response to staple, in base64; '' when there is none. */
  readonly staple: (certificate: ServerCertificate) => string
}

/** Reads a certificate and its key; throws an Error that says what is wrong. */
export type CertificateReader = (chain: string, privateKey: string) => ServerCertificate

/** Name of the store that serves. */
const defaultStore = 'default'
/** Before this many milliseconds to its end a certificate is warned of. */
const expiresSoonMs = 14 * 24 * 3600_000

/** Makes a reader that remembers what it has read for as long as it is asked for. */
export function rememberingCertificateReader(): CertificateReader & { forgetUnasked(): void } {
  let known = new Map<string, ServerCertificate>()
  let asked = new Map<string, ServerCertificate>()
  const read: CertificateReader = (chain, privateKey) => {
    const key = `${chain}\0${privateKey}`
    const certificate = asked.get(key) ?? known.get(key) ?? readServerCertificate(chain, privateKey)
    asked.set(key, certificate)
    return certificate
  }
  return Object.assign(read, {
    forgetUnasked() {
      known = asked
      asked = new Map()
    },
  })
}

/** Resolves the certificates of the default store. */
export function resolveCertificates(merged: Merged, context: CertificatesContext): CertificatesResult {
  const warnings: string[] = []
  const plans = new Map<string, CertificatePlan>()
  const infos = new Map<string, CertificateInfo>()
  const take = (pair: { certFile: string; keyFile: string }, place: string, rank: number): string | null => {
    const certificate = load(pair, place, context, warnings)
    if (certificate === null) return null
    // The first of equal ones counts; one that is only the default so far becomes one for its names too.
    const known = plans.get(certificate.id)
    if (known === undefined || (known.rank < 0 && rank >= 0))
      plans.set(certificate.id, certificatePlan(certificate, rank, context.staple(certificate)))
    infos.set(certificate.id, certificateInfo(certificate, context.nowMs))
    return certificate.id
  }
  merged.tlsCertificates.forEach(({ config }, index) => {
    if (config.stores.length === 0 || config.stores.includes(defaultStore))
      take(config, `tls.certificates: ${nameOf(config.certFile)}`, index)
  })
  const store = merged.tlsClashes.has('store') ? undefined : merged.tlsStores.get(defaultStore)?.config
  if (merged.tlsClashes.has('store')) warnings.push('TLS store "default" is defined by more than one provider: none of them counts')
  if (store?.defaultGeneratedCert !== undefined)
    warnings.push('tls.stores.default.defaultGeneratedCert: certificate resolvers are not supported yet')
  const given = store?.defaultCertificate
  const id = given === undefined ? null : take(given, 'tls.stores.default.defaultCertificate', -1)
  return { plans: [...plans.values()], infos, defaults: id === null ? [] : [id], warnings }
}

/** The plan of a certificate. */
export function certificatePlan(certificate: ServerCertificate, rank: number, ocspStaple: string): CertificatePlan {
  const type = certificate.x509.publicKey.asymmetricKeyType
  return {
    id: certificate.id,
    names: certificate.names,
    certificate: certificate.chain,
    privateKey: certificate.privateKey,
    keyType: type === 'ec' ? 'ecdsa' : type === 'rsa' || type === 'rsa-pss' ? 'rsa' : 'other',
    notAfterMs: certificate.x509.validToDate.getTime(),
    rank,
    ocspStaple,
  }
}

function load(
  pair: { certFile: string; keyFile: string },
  place: string,
  context: CertificatesContext,
  warnings: string[],
): ServerCertificate | null {
  try {
    const certificate = context.read(contentOf(pair.certFile, context.readFile), contentOf(pair.keyFile, context.readFile))
    const until = certificate.x509.validToDate
    const names = certificate.names.join(', ')
    if (until.getTime() <= context.nowMs) warnings.push(`${place}: the certificate of ${names} expired on ${until.toISOString()}`)
    else if (until.getTime() - context.nowMs < expiresSoonMs)
      warnings.push(`${place}: the certificate of ${names} expires on ${until.toISOString()}`)
    return certificate
  } catch (cause) {
    warnings.push(`${place}: not used: ${cause instanceof Error ? cause.message : String(cause)}`)
    return null
  }
}

/** A file's name, or what stands for a text. */
function nameOf(entry: string): string {
  return entry.includes('-----BEGIN') ? 'a PEM text' : entry
}

function readServerCertificate(chain: string, privateKey: string): ServerCertificate {
  if (!chain.includes('-----BEGIN')) throw new Error(`certFile ${chain.slice(0, 80)} is neither a readable file nor a PEM text`)
  if (!privateKey.includes('-----BEGIN')) throw new Error('keyFile is neither a readable file nor a PEM text')
  let x509: X509Certificate
  let key: KeyObject
  try {
    x509 = new X509Certificate(chain)
  } catch (cause) {
    throw new Error('certFile holds no certificate that can be read', { cause })
  }
  try {
    key = createPrivateKey(privateKey)
  } catch (cause) {
    // What OpenSSL says might quote the key.
    throw new Error('keyFile holds no private key that can be read', { cause })
  }
  if (!x509.checkPrivateKey(key))
    throw new Error(`the private key is not that of the certificate of ${x509.subject.replaceAll('\n', ', ')}`)
  const facts = readCertificate(x509.raw)
  const id = x509.fingerprint256.replaceAll(':', '').toLowerCase()
  return { x509, facts, id, names: namesOf(facts), chain, privateKey }
}

function namesOf({ subject, dnsNames, ipAddresses }: CertificateFacts): string[] {
  const names = [subject.commonName.at(-1) ?? '', ...dnsNames, ...ipAddresses]
    .map((name) => name.toLowerCase())
    .filter((name) => name !== '')
  return [...new Set(names)].sort()
}

const keyTypes: Readonly<Record<string, string>> = { 'ec': 'ECDSA', 'rsa': 'RSA', 'rsa-pss': 'RSA', 'ed25519': 'Ed25519' }

const curveBits: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 }

const signatureNames: Readonly<Record<string, string>> = {
  'ecdsa-with-SHA1': 'ECDSA-SHA1',
  'ecdsa-with-SHA256': 'ECDSA-SHA256',
  'ecdsa-with-SHA384': 'ECDSA-SHA384',
  'ecdsa-with-SHA512': 'ECDSA-SHA512',
  'sha1WithRSAEncryption': 'SHA1-RSA',
  'sha256WithRSAEncryption': 'SHA256-RSA',
  'sha384WithRSAEncryption': 'SHA384-RSA',
  'sha512WithRSAEncryption': 'SHA512-RSA',
  'rsassaPss': 'SHA256-RSAPSS',
  'ED25519': 'Ed25519',
}

function certificateInfo({ x509, facts, id, names }: ServerCertificate, nowMs: number): CertificateInfo {
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details } = x509.publicKey
  const until = x509.validToDate.getTime()
  return {
    name: id,
    names,
    x509,
    facts,
    keyType: keyTypes[type] ?? type,
    keySize: details?.modulusLength ?? curveBits[details?.namedCurve ?? ''] ?? (type === 'ed25519' ? 256 : 0),
    signatureAlgorithm: signatureNames[x509.signatureAlgorithm ?? ''] ?? x509.signatureAlgorithm ?? '',
    publicKeyFingerprint: createHash('sha256')
      .update(x509.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
    status: until <= nowMs ? 'expired' : until - nowMs < expiresSoonMs ? 'warning' : 'enabled',
  }
}
