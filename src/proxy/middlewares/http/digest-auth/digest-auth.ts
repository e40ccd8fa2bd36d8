/** `digestAuth`: asks for a user name and a password, which is proven without being sent (RFC 7616, with MD5 and `qop=auth`). */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { parseDigestUsers } from '../../../../config/routing/digest-users.ts'
import { digestAuth as digestAuthOptions, type DigestAuthOptions } from '../../../../config/routing/middlewares/digest-auth.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange, Middleware } from '../../../http/exchange.ts'
import { fieldValue, isFieldName, isFieldValue } from '../../../http/field-value.ts'
import { setVouchedField } from '../../../http/managed-headers.ts'
import { defineMiddleware, type MiddlewareContext } from '../../../http/middleware.ts'
import { canonicalPath } from '../../../http/path.ts'
import { respondText } from '../../../http/respond.ts'
import { UsedOnce } from '../../../http/used-once.ts'
import { type DigestCredentials, readDigest } from './digest-credentials.ts'
import { Nonces } from './nonces.ts'

/** Lets known users with the right password pass, and asks others for them. */
export const digestAuth = defineMiddleware<DigestAuthOptions>({
  key: digestAuthOptions.key,
  create: (options, context) => new DigestAuth(options, context).middleware,
})

class DigestAuth {
  /** HA1 by `name:realm`, all byte strings. */
  readonly #secrets = new Map<string, string>()
  /** What unknown users are checked against, for the same work (R41). */
  readonly #decoy = randomBytes(16).toString('hex')
  readonly #nonces: Nonces
  readonly #realm: string
  /** The same in all workers: the client sends it back. */
  readonly #opaque: string
  readonly #headerField: string
  readonly #removeHeader: boolean

  constructor(options: DigestAuthOptions, context: MiddlewareContext) {
    const users = parseDigestUsers(options.users)
    if ('error' in users) throw new Error(users.error)
    for (const { name, realm, ha1 } of users) this.#secrets.set(textToBytes(`${name}:${realm}`), ha1.toLowerCase())
    const used = new UsedOnce(context.shared)
    const { clock } = context.wheel
    this.#nonces = new Nonces(used, () => clock.now())
    this.#realm = fieldValue(options.realm === '' ? 'traefik' : options.realm)
    this.#opaque = hash('sha256', Buffer.concat([used.secret, Buffer.from(this.#realm, 'latin1')]), 'base64url').slice(0, 16)
    this.#headerField = isFieldName(options.headerField) ? options.headerField : ''
    this.#removeHeader = options.removeHeader
  }

  readonly middleware: Middleware = (next) => (exchange) => {
    const credentials = readDigest(exchange.headers.get('authorization') ?? '')
    exchange.username = credentials?.username ?? ''
    if (credentials === null || !this.#isRight(exchange, credentials)) return this.#refuse(exchange, false)
    const state = this.#nonces.use(credentials.nonce, credentials.nc)
    if (state !== 'good') return this.#refuse(exchange, state === 'stale')
    if (this.#headerField !== '') setVouchedField(exchange.headers, this.#headerField, credentials.username)
    if (this.#removeHeader) exchange.headers.delete('authorization')
    return next(exchange)
  }

  /** Whether the response proves the password, for this very request. */
  #isRight(exchange: Exchange, credentials: DigestCredentials): boolean {
    const { username, realm, nonce, nc, cnonce, qop, uri, algorithm, opaque, response } = credentials
    const known = this.#secrets.get(`${username}:${this.#realm}`)
    const ha1 = known === undefined || known === '' ? this.#decoy : known
    const ha2 = md5(`${exchange.method}:${uri}`)
    const expected = md5(`${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`)
    const isProven = isEqual(expected, response.toLowerCase())
    return (
      isProven &&
      ha1 === known &&
      qop === 'auth' &&
      realm === this.#realm &&
      opaque === this.#opaque &&
      (algorithm === '' || algorithm.toUpperCase() === 'MD5') &&
      isFieldValue(username) &&
      isForRequest(exchange, uri)
    )
  }

  #refuse(exchange: Exchange, isStale: boolean): undefined {
    const realm = this.#realm.replace(/["\\]/g, '\\$&')
    const challenge = `Digest realm="${realm}", nonce="${this.#nonces.make()}", opaque="${this.#opaque}", algorithm="MD5", qop="auth"`
    exchange.responseHeaders.set('Content-Type', 'text/plain')
    exchange.responseHeaders.set('WWW-Authenticate', isStale ? `${challenge}, stale=true` : challenge)
    respondText(exchange, 401, '401 Unauthorized\n', 'unauthorized')
    return undefined
  }
}

function md5(bytes: string): string {
  return hash('md5', Buffer.from(bytes, 'latin1'), 'hex')
}

function isEqual(expected: string, given: string): boolean {
  const a = Buffer.from(expected, 'latin1')
  const b = Buffer.from(given, 'latin1')
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Whether a `uri` means what is asked for (RFC 7616 §3.4.6), so that an answer for one resource opens no other. A query may be left out. */
function isForRequest(exchange: Exchange, uri: string): boolean {
  const schemeEnd = uri.indexOf('://')
  const pathStart = schemeEnd < 0 ? 0 : uri.indexOf('/', schemeEnd + 3)
  const target = pathStart < 0 ? '/' : uri.slice(pathStart)
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  if (path !== exchange.path && canonicalPath(path, true) !== exchange.path) return false
  return question < 0 || target.slice(question + 1) === exchange.rawQuery || target.slice(question + 1) === exchange.writtenQuery
}
