/** Fetches the OCSP responses that are stapled to certificates, and renews them in time. */
import { X509Certificate } from 'node:crypto'
import type { request as HttpRequest } from 'node:http'
import type { CancelTimer, Clock } from '../std/clock.ts'
import type { Logger } from '../std/log.ts'
import { ocspRequest, readOcspResponse } from '../std/ocsp.ts'
import type { ServerCertificate } from './certificates.ts'

/** Responders that are asked in place of those that certificates name. */
export type ResponderOverrides = Readonly<Record<string, string>>

/** What it leans on. */
export interface OcspContext {
  readonly clock: Clock
  readonly logger: Logger
  /** There is another response to staple. */
  readonly onChange: () => void
}

/** How often responses are renewed, in milliseconds; earlier when they end earlier. */
const refreshMs = 3600_000
/** How soon it is tried again after a failure, in milliseconds. */
const retryMs = 5 * 60_000
/** Longest wait for a responder, in milliseconds. */
const responderTimeoutMs = 10_000
/** Largest response, in bytes. */
const responseBytesMax = 64 * 1024
/** Most responders that are asked at the same time. */
const inFlightMax = 8

interface Entry {
  readonly certificate: ServerCertificate
  readonly url: string
  /** In base64; '' when there is none. */
  staple: string
  validUntilMs: number
  cancel: CancelTimer | null
}

/** The responses of the certificates in force. */
export class OcspStaples {
  readonly #context: OcspContext
  readonly #entries = new Map<string, Entry>()
  readonly #asked = new Set<string>()
  readonly #waiting: Entry[] = []
  #inFlight = 0

  constructor(context: OcspContext) {
    this.#context = context
  }

  /** The response of a certificate in base64; '' while there is none, or when its authority has no responder. */
  staple(certificate: ServerCertificate, overrides: ResponderOverrides): string {
    const named = /^OCSP - URI:(\S+)/m.exec(certificate.x509.infoAccess ?? '')?.[1]
    if (named === undefined) return ''
    const url = overrides[named] ?? named
    const key = `${certificate.id} ${url}`
    this.#asked.add(key)
    const known = this.#entries.get(key)
    if (known !== undefined) return known.validUntilMs > this.#context.clock.now() ? known.staple : ''
    const entry: Entry = { certificate, url, staple: '', validUntilMs: 0, cancel: null }
    this.#entries.set(key, entry)
    this.#order(entry)
    return ''
  }

  /** A generation has been made: certificates that it did not ask for are forgotten. */
  settle(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#asked.has(key)) continue
      entry.cancel?.()
      this.#entries.delete(key)
    }
    this.#asked.clear()
  }

  /** Stops all timers. */
  close(): void {
    this.settle()
    this.#waiting.length = 0
  }

  #order(entry: Entry): void {
    this.#waiting.push(entry)
    this.#next()
  }

  #next(): void {
    while (this.#inFlight < inFlightMax) {
      const entry = this.#waiting.shift()
      if (entry === undefined) return
      this.#inFlight += 1
      void this.#refresh(entry).finally(() => {
        this.#inFlight -= 1
        this.#next()
      })
    }
  }

  async #refresh(entry: Entry): Promise<void> {
    const { clock, logger, onChange } = this.#context
    const { certificate, url } = entry
    let nextMs = retryMs
    try {
      const issuer = issuerOf(certificate)
      const response = await ask(url, ocspRequest(certificate.x509, issuer))
      const now = clock.now()
      const answer = readOcspResponse(response, certificate.x509, issuer, now)
      if (answer.status !== 'good') throw new Error(`its authority says that the certificate is ${answer.status}`)
      const staple = response.toString('base64')
      const changed = staple !== entry.staple
      entry.staple = staple
      entry.validUntilMs = answer.nextUpdateMs
      nextMs = Math.max(retryMs, Math.min(refreshMs, (answer.nextUpdateMs - now) / 2))
      if (changed && this.#isCurrent(entry)) onChange()
    } catch (cause) {
      logger.warn(`no OCSP response: ${cause instanceof Error ? cause.message : String(cause)}`, {
        certificate: certificate.names.join(','),
        responder: url,
      })
    }
    if (this.#isCurrent(entry)) entry.cancel = clock.after(nextMs, () => this.#order(entry))
  }

  #isCurrent(entry: Entry): boolean {
    return this.#entries.get(`${entry.certificate.id} ${entry.url}`) === entry
  }
}

function issuerOf(certificate: ServerCertificate): X509Certificate {
  const blocks = certificate.chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  for (const block of blocks.slice(1)) {
    const issuer = new X509Certificate(block)
    if (certificate.x509.checkIssued(issuer) && certificate.x509.verify(issuer.publicKey)) return issuer
  }
  throw new Error('certFile does not hold the certificate of the issuer, which is needed to ask')
}

function ask(url: string, body: Buffer): Promise<Buffer> {
  const target = URL.parse(url)
  if (target === null || (target.protocol !== 'http:' && target.protocol !== 'https:'))
    return Promise.reject(new Error('its responder has no http URL'))
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const request = requestFunction(target.protocol)(target, {
    method: 'POST',
    headers: { 'Content-Type': 'application/ocsp-request', 'Accept': 'application/ocsp-response', 'Content-Length': body.length },
    agent: false,
    signal: AbortSignal.timeout(responderTimeoutMs),
  })
  request.on('error', reject)
  request.on('response', (response) => {
    const chunks: Buffer[] = []
    let length = 0
    response.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > responseBytesMax) request.destroy(new Error(`the response is larger than ${responseBytesMax} bytes`))
      else chunks.push(chunk)
    })
    response.on('error', reject)
    response.on('end', () => {
      if (response.statusCode === 200) resolve(Buffer.concat(chunks))
      else reject(new Error(`the responder answered with status ${response.statusCode ?? 0}`))
    })
  })
  request.end(body)
  return promise
}

/** Node's HTTP client, loaded when it is first needed: most routers staple nothing, and it costs some 20 MiB of resident memory. */
function requestFunction(protocol: string): typeof HttpRequest {
  return process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http').request
}
