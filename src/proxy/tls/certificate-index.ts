/** Which certificate a client is shown: by server name, exact names before wildcards, and by what the client can verify. */
import type { CertificatePlan } from '../../generation/plan.ts'
import type { ClientHello } from './client-hello.ts'

const tls13 = 0x0304

/** Signature schemes for ECDSA and Ed25519/Ed448 keys (RFC 8446 §4.2.3); what else a client names is for RSA. */
const ecdsaSchemes: ReadonlySet<number> = new Set([0x0203, 0x0303, 0x0403, 0x0503, 0x0603])
const edwardsSchemes: ReadonlySet<number> = new Set([0x0807, 0x0808])
const rsaSchemes: ReadonlySet<number> = new Set([0x0201, 0x0301, 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b])
/** Suites of TLS 1.2 and before that need an ECDSA or Edwards key: ECDHE_ECDSA with AES-CBC, AES-GCM and ChaCha20. */
const ecdsaSuites: ReadonlySet<number> = new Set([0xc007, 0xc008, 0xc009, 0xc00a, 0xc023, 0xc024, 0xc02b, 0xc02c, 0xcca9])

/** Certificates of one generation by name. */
export class CertificateIndex {
  readonly #byName = new Map<string, CertificatePlan[]>()
  readonly #defaults: readonly CertificatePlan[]

  constructor(certificates: Iterable<CertificatePlan>, defaults: readonly string[]) {
    const byId = new Map<string, CertificatePlan>()
    for (const certificate of certificates) byId.set(certificate.id, certificate)
    this.#defaults = defaults.flatMap((id) => byId.get(id) ?? [])
    for (const certificate of byId.values()) {
      if (certificate.rank < 0) continue
      for (const name of certificate.names) {
        const known = this.#byName.get(name)
        if (known === undefined) this.#byName.set(name, [certificate])
        else known.push(certificate)
      }
    }
    for (const list of this.#byName.values()) if (list.length > 1) list.sort(compareCertificates)
  }

  /** The certificate for a server name (or the local address where the client names none); null when no certificate has that name. */
  find(name: string, hello: ClientHello, nowMs: number): CertificatePlan | null {
    return choose(this.#byName.get(name), hello, nowMs) ?? choose(this.#byName.get(wildcardOf(name)), hello, nowMs)
  }

  /** The certificate for names that no other has; null when there is none. */
  findDefault(hello: ClientHello, nowMs: number): CertificatePlan | null {
    return choose(this.#defaults, hello, nowMs)
  }
}

/** `*.` in place of the left-most label; '' when there is nothing behind it. */
function wildcardOf(name: string): string {
  const dot = name.indexOf('.')
  return dot < 0 ? '' : `*${name.slice(dot)}`
}

/** Deterministic whatever the order in which plans arrive: Traefik's order of names, then the keys that are cheaper to sign with, then the place in the configuration. */
function compareCertificates(a: CertificatePlan, b: CertificatePlan): number {
  const left = a.names.join(',')
  const right = b.names.join(',')
  if (left !== right) return left > right ? -1 : 1
  if (a.keyType !== b.keyType) return a.keyType < b.keyType ? -1 : 1
  return a.rank - b.rank
}

/** The first that the client can use and that has not expired; else the first that it can use; else the first. */
function choose(list: readonly CertificatePlan[] | undefined, hello: ClientHello, nowMs: number): CertificatePlan | null {
  if (list === undefined) return null
  let usable: CertificatePlan | null = null
  if (list.length === 1) return list[0] ?? null
  for (const certificate of list) {
    if (!canUse(hello, certificate.keyType)) continue
    if (certificate.notAfterMs > nowMs) return certificate
    usable ??= certificate
  }
  return usable ?? list[0] ?? null
}

function canUse(hello: ClientHello, keyType: CertificatePlan['keyType']): boolean {
  const { signatureSchemes, versions, cipherSuites } = hello
  const schemes = keyType === 'rsa' ? rsaSchemes : keyType === 'ecdsa' ? ecdsaSchemes : edwardsSchemes
  // RFC 5246 §7.4.1.4.1: a client that names none can do SHA-1 with the keys of its suites.
  if (signatureSchemes.length > 0 && !signatureSchemes.some((scheme) => schemes.has(scheme))) return false
  if (versions.includes(tls13)) return true
  return keyType === 'rsa' || cipherSuites.some((suite) => ecdsaSuites.has(suite))
}
