/** What TLS needs besides configuration and lives longer than a generation: the secret of session tickets and the certificate for hosts that have none. */
import { randomBytes } from 'node:crypto'
import { issueCertificate } from '../std/certificate-maker.ts'
import type { CancelTimer, Clock } from '../std/clock.ts'
import type { Logger } from '../std/log.ts'
import { type CertificateReader, rememberingCertificateReader, type ServerCertificate } from './certificates.ts'
import { OcspStaples, type ResponderOverrides } from './ocsp.ts'

/** How long tickets are made with one secret, in milliseconds. Sessions of the secret before it begin anew. */
export const ticketSecretLifetimeMs = 12 * 3600_000

const dayMs = 24 * 3600_000
/** How long the self-signed certificate is valid, in milliseconds. */
const selfSignedLifetimeMs = 365 * dayMs
/** Another is made this long before its end, in milliseconds. */
const selfSignedRenewalMs = 30 * dayMs
const secretBytes = 32

/** What resolving needs of it. */
export interface TlsMaterialSource {
  readonly nowMs: number
  readonly ticketSecret: string
  readonly selfSigned: ServerCertificate
  readonly readCertificate: CertificateReader
  /** OCSP response of a certificate in base64; '' when there is none. */
  staple(certificate: ServerCertificate, overrides: ResponderOverrides): string
}

/** Makes and keeps it. */
export class TlsMaterial implements TlsMaterialSource {
  readonly readCertificate: CertificateReader & { forgetUnasked(): void } = rememberingCertificateReader()
  readonly #staples: OcspStaples
  readonly #clock: Clock
  readonly #onChange: () => void
  #cancelTimer: CancelTimer | null = null
  #secret = ''
  #secretSinceMs = 0
  #selfSigned: ServerCertificate | null = null

  /** `onChange` is called when the secret is due to change, or there is something else to staple. */
  constructor(clock: Clock, logger: Logger, onChange: () => void) {
    this.#clock = clock
    this.#onChange = onChange
    this.#staples = new OcspStaples({ clock, logger, onChange })
  }

  /** Stops its timer. */
  close(): void {
    this.#cancelTimer?.()
    this.#staples.close()
  }

  get nowMs(): number {
    return this.#clock.now()
  }

  /** In hexadecimal digits; another one after `ticketSecretLifetimeMs`. */
  get ticketSecret(): string {
    const now = this.#clock.monotonicMs()
    if (this.#secret === '' || now - this.#secretSinceMs >= ticketSecretLifetimeMs) {
      this.#secret = randomBytes(secretBytes).toString('hex')
      this.#secretSinceMs = now
      this.#cancelTimer?.()
      this.#cancelTimer = this.#clock.after(ticketSecretLifetimeMs, this.#onChange)
    }
    return this.#secret
  }

  /** Kept over generations, so that who has made an exception for it need not make it again and again. */
  get selfSigned(): ServerCertificate {
    const now = this.#clock.now()
    if (this.#selfSigned === null || this.#selfSigned.x509.validToDate.getTime() - now < selfSignedRenewalMs) {
      const name = `${randomBytes(16).toString('hex')}.${randomBytes(16).toString('hex')}.traefik.default`
      const made = issueCertificate({
        commonName: 'TRAEFIK DEFAULT CERT',
        names: [name],
        notBefore: new Date(now - dayMs),
        notAfter: new Date(now + selfSignedLifetimeMs),
      })
      this.#selfSigned = this.readCertificate(made.certificate, made.key)
    }
    return this.#selfSigned
  }

  staple(certificate: ServerCertificate, overrides: ResponderOverrides): string {
    return this.#staples.staple(certificate, overrides)
  }

  /** A generation has been made: what it did not ask for is forgotten. */
  settle(): void {
    this.readCertificate.forgetUnasked()
    this.#staples.settle()
  }
}
