/** `hmac`: asks for requests that are signed with a shared secret (RFC 9421 with `hmac-sha256`, bodies by RFC 9530). */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { hmac as hmacOptions, type HmacOptions } from '../../../../config/routing/middlewares/hmac.ts'
import { parseNamedSecrets } from '../../../../config/routing/named-secrets.ts'
import { readBodyAhead } from '../../../http/body-buffer.ts'
import type { BodySource } from '../../../http/body.ts'
import type { Exchange, Handler, Middleware } from '../../../http/exchange.ts'
import { fieldValue, isFieldName } from '../../../http/field-value.ts'
import { setVouchedField } from '../../../http/managed-headers.ts'
import { defineMiddleware, type MiddlewareContext } from '../../../http/middleware.ts'
import { fail, respondText } from '../../../http/respond.ts'
import { UsedOnce } from '../../../http/used-once.ts'
import { signatureBase } from './signature-base.ts'
import { type Member, parseDictionary } from './structured-field.ts'

const macBytes = 32
/** Longest values of the fields that are read, in bytes. */
const fieldBytesMax = 8192

/** Lets signed requests pass. */
export const hmac = defineMiddleware<HmacOptions>({
  key: hmacOptions.key,
  create: (options, context) => new Hmac(options, context).middleware,
})

/** What is signed, and by whom. */
interface Signed {
  readonly keyId: string
  readonly components: readonly string[]
}

class Hmac {
  readonly #options: HmacOptions
  readonly #secrets = new Map<string, Buffer>()
  /** Stands in for the secrets of unknown keys, for the same work (R41). */
  readonly #decoy: Buffer
  readonly #used: UsedOnce
  readonly #clock: MiddlewareContext['wheel']['clock']
  readonly #accept: string
  readonly #headerField: string

  constructor(options: HmacOptions, context: MiddlewareContext) {
    const keys = parseNamedSecrets(options.keys)
    if ('error' in keys) throw new Error(keys.error)
    for (const { name, secret } of keys) this.#secrets.set(name, Buffer.from(secret, 'utf8'))
    this.#options = options
    this.#used = new UsedOnce(context.shared)
    this.#decoy = this.#used.secret
    this.#clock = context.wheel.clock
    const label = options.label === '' ? 'sig' : options.label
    const components = options.components.map((name) => `"${name}"`).join(' ')
    this.#accept = fieldValue(`${label}=(${components});created;keyid;alg="hmac-sha256"`)
    this.#headerField = isFieldName(options.headerField) ? options.headerField : ''
  }

  readonly middleware: Middleware = (next) => (exchange) => {
    exchange.username = ''
    const signed = this.#verify(exchange)
    if (signed === null) return this.#refuse(exchange)
    exchange.username = signed.keyId
    const { body } = exchange
    if (body === null || this.#options.allowUnsignedBody) return this.#admit(exchange, signed, next)
    if (!signed.components.includes('content-digest')) return this.#refuse(exchange)
    return this.#checkBody(exchange, body, signed, next)
  }

  /** Who has signed the request; null when nobody has, or it is not to be trusted. */
  #verify(exchange: Exchange): Signed | null {
    const input = this.#memberOf(exchange, 'signature-input')
    const signature = this.#memberOf(exchange, 'signature')
    if (input === null || signature === null || input.name !== signature.name) return null
    const { items, parameters, text } = input.member
    const keyId = parameters.get('keyid')
    if (items === null || typeof keyId !== 'string' || !this.#isTimely(parameters)) return null
    if ((parameters.get('alg') ?? 'hmac-sha256') !== 'hmac-sha256') return null
    if (!this.#options.components.every((component) => items.includes(component))) return null
    const base = signatureBase(exchange, items, text)
    const given = Buffer.from(signature.member.bytes, 'base64')
    if (base === null || given.length !== macBytes) return null
    const secret = this.#secrets.get(keyId)
    const mac = createHmac('sha256', secret ?? this.#decoy)
      .update(base, 'latin1')
      .digest()
    if (!timingSafeEqual(mac, given) || secret === undefined) return null
    const created = Number(parameters.get('created'))
    if (!this.#options.allowReplay && this.#used.use(mac.readInt32BE(), created, 1) !== 'fresh') return null
    return { keyId, components: items }
  }

  /** The member that counts of a field: the one with the label, or the only one. */
  #memberOf({ headers }: Exchange, field: string): { readonly name: string; readonly member: Member } | null {
    const value = headers.getAll(field).join(', ')
    if (value === '' || value.length > fieldBytesMax) return null
    const members = parseDictionary(value)
    const { label } = this.#options
    if (members === null || (label === '' && members.size !== 1)) return null
    const [name = ''] = label === '' ? members.keys() : [label]
    const member = members.get(name)
    return member === undefined ? null : { name, member }
  }

  #isTimely(parameters: Member['parameters']): boolean {
    const created = parameters.get('created')
    const expires = parameters.get('expires')
    const nowMs = this.#clock.now()
    if (typeof created !== 'number' || Math.abs(nowMs - created * 1000) > this.#options.window) return false
    return expires === undefined || (typeof expires === 'number' && expires * 1000 > nowMs)
  }

  async #checkBody(exchange: Exchange, body: BodySource, signed: Signed, next: Handler): Promise<void> {
    const { maxBodySize } = this.#options
    if (body.length > maxBodySize) {
      fail(exchange, 413, 'body_too_large')
      return
    }
    const read = await readBodyAhead(exchange, body, { bytesMax: maxBodySize, status: 400 })
    if (read === null) return
    if (read.kind === 'longer') {
      read.body.discard()
      fail(exchange, 413, 'body_too_large')
      return
    }
    exchange.body = read.body.copy()
    if (isDigestOf(exchange.headers.getAll('content-digest').join(', '), read.body.bytes())) await this.#admit(exchange, signed, next)
    else this.#refuse(exchange)
  }

  #admit(exchange: Exchange, { keyId }: Signed, next: Handler): void | Promise<void> {
    if (this.#headerField !== '') setVouchedField(exchange.headers, this.#headerField, keyId)
    if (this.#options.removeSignature) {
      exchange.headers.delete('signature')
      exchange.headers.delete('signature-input')
    }
    return next(exchange)
  }

  #refuse(exchange: Exchange): undefined {
    exchange.responseHeaders.set('Content-Type', 'text/plain')
    exchange.responseHeaders.set('WWW-Authenticate', 'Signature')
    exchange.responseHeaders.set('Accept-Signature', this.#accept)
    respondText(exchange, 401, '401 Unauthorized\n', 'unauthorized')
    return undefined
  }
}

/** Whether a Content-Digest (RFC 9530 §2) names the digest of these bytes, and no other by an algorithm that is known. */
function isDigestOf(field: string, bytes: Uint8Array): boolean {
  const members = field.length > fieldBytesMax ? null : parseDictionary(field)
  if (members === null) return false
  let isNamed = false
  for (const [name, algorithm] of [
    ['sha-256', 'sha256'],
    ['sha-512', 'sha512'],
  ] as const) {
    const member = members.get(name)
    if (member === undefined) continue
    if (member.bytes !== hash(algorithm, bytes, 'base64')) return false
    isNamed = true
  }
  return isNamed
}
