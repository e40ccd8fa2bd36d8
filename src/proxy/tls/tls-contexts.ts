/** OpenSSL contexts, one for each certificate and set of options that are used together; made when the first connection needs one. */
import { hkdfSync } from 'node:crypto'
import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { CertificatePlan, TlsCommonPlan, TlsOptionsPlan } from '../../generation/plan.ts'

/** How long a session may be resumed, in seconds; a full handshake is asked for after that. */
export const sessionLifetimeSeconds = 12 * 3600

/** Node's ticket keys: name, HMAC and AES key of 16 bytes each. */
const ticketKeyBytes = 48
/** No renegotiation: TLS 1.3 has none, and older clients need none. ChaCha20 first for clients without AES instructions. */
const alwaysOptions = constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_PRIORITIZE_CHACHA | constants.SSL_OP_CIPHER_SERVER_PREFERENCE

interface Made {
  readonly certificate: CertificatePlan
  readonly options: TlsOptionsPlan
  readonly context: TlsContext
}

/** What a handshake is made with. */
export interface TlsContext {
  readonly secureContext: SecureContext
  /** Protocols on offer as they stand on the wire (RFC 7301 §3.1). */
  readonly alpn: Buffer
}

/** Keeps the contexts of a worker over generations. */
export class TlsContexts {
  #made = new Map<string, Made>()
  #ticketSecret = ''

  /** Takes over a generation: contexts whose certificate or options are not in it any more are forgotten, all of them when the ticket secret changed. */
  update(common: TlsCommonPlan, options: ReadonlyMap<string, TlsOptionsPlan>, certificates: ReadonlyMap<string, CertificatePlan>): void {
    const secret = common.ticketSecret
    const kept = new Map<string, Made>()
    if (secret === this.#ticketSecret) {
      for (const [key, made] of this.#made) {
        if (options.get(made.options.name) === made.options && certificates.get(made.certificate.id) === made.certificate)
          kept.set(key, made)
      }
    }
    this.#made = kept
    this.#ticketSecret = secret
  }

  /** The context of a certificate under a set of options; throws what OpenSSL says when they do not go together. */
  context(certificate: CertificatePlan, options: TlsOptionsPlan): TlsContext {
    const key = `${certificate.id} ${options.name}`
    const known = this.#made.get(key)
    if (known !== undefined && known.certificate === certificate && known.options === options) return known.context
    const context = { secureContext: makeContext(certificate, options, this.#ticketSecret), alpn: alpnBytes(options.alpn) }
    this.#made.set(key, { certificate, options, context })
    return context
  }
}

function makeContext(certificate: CertificatePlan, options: TlsOptionsPlan, ticketSecret: string): SecureContext {
  const { policy, minVersion, maxVersion, ciphers, curves, clientCas, sessionTickets } = options
  return createSecureContext({
    cert: certificate.certificate,
    key: certificate.privateKey,
    // Without a list Node would trust its own authorities to vouch for clients.
    ca: [...clientCas],
    minVersion,
    maxVersion,
    ciphers,
    ecdhCurve: curves,
    secureOptions: sessionTickets ? alwaysOptions : alwaysOptions | constants.SSL_OP_NO_TICKET,
    sessionIdContext: policy.slice(-32),
    sessionTimeout: sessionLifetimeSeconds,
    ticketKeys: ticketKeys(ticketSecret, policy),
  })
}

function alpnBytes(protocols: readonly string[]): Buffer {
  return Buffer.concat(protocols.map((protocol) => Buffer.from(`${String.fromCharCode(protocol.length)}${protocol}`, 'latin1')))
}

/** Every worker derives the same keys; those of different policies have nothing in common, so that a session of one is nothing to another (R25). */
function ticketKeys(secret: string, policy: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'hex'), '', `tidegate session tickets: ${policy}`, ticketKeyBytes))
}
