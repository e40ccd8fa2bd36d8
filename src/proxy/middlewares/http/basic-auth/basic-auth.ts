/** `basicAuth`: asks for a user name and a password. */
import { parseBasicUsers } from '../../../../config/routing/basic-users.ts'
import type { BasicAuthOptions } from '../../../../config/routing/middlewares/basic-auth.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange, Handler, Middleware } from '../../../http/exchange.ts'
import { fieldValue, isFieldName, isFieldValue } from '../../../http/field-value.ts'
import { setVouchedField } from '../../../http/managed-headers.ts'
import { defineMiddleware, type MiddlewareContext } from '../../../http/middleware.ts'
import { fail, respondText } from '../../../http/respond.ts'
import { readCredentials } from './credentials.ts'

/** Lets known users with the right password pass, and asks others for them. */
export const basicAuth = defineMiddleware<BasicAuthOptions>({
  key: 'basicAuth',
  create: (options, context) => new BasicAuth(options, context).middleware,
})

class BasicAuth {
  readonly #passwords: MiddlewareContext['passwords']
  /** Hashes by name, both as byte strings. */
  readonly #hashes = new Map<string, string>()
  /** Hashes that unknown users are checked against, for the same work (R41). */
  readonly #decoys: readonly string[]
  readonly #decoySeed: number
  readonly #challenge: string
  /** '' when the name is not passed on. */
  readonly #headerField: string
  readonly #removeHeader: boolean

  constructor(options: BasicAuthOptions, context: MiddlewareContext) {
    const users = parseBasicUsers(options.users)
    if ('error' in users) throw new Error(users.error)
    if (users.length === 0) throw new Error(`no users found in ${options.usersFile}`)
    for (const { name, hash } of users) this.#hashes.set(textToBytes(name), textToBytes(hash))
    this.#decoys = [...this.#hashes.values()]
    this.#decoySeed = Math.floor(context.random() * 0x1_0000_0000)
    this.#passwords = context.passwords
    this.#challenge = `Basic realm="${fieldValue(options.realm === '' ? 'traefik' : options.realm).replace(/["\\]/g, '\\$&')}"`
    this.#headerField = isFieldName(options.headerField) ? options.headerField : ''
    this.#removeHeader = options.removeHeader
  }

  readonly middleware: Middleware = (next) => (exchange) => {
    const credentials = readCredentials(exchange.headers.get('authorization') ?? '')
    exchange.username = credentials?.user ?? ''
    if (credentials === null) return this.#refuse(exchange)
    const { user, password } = credentials
    const known = this.#hashes.get(user)
    // An empty hash is nobody's, but costs what others cost.
    const hash = known === undefined || known === '' ? this.#decoyFor(user) : known
    const matches = this.#passwords.check(password, hash)
    const isKnown = hash === known
    if (typeof matches === 'boolean') return this.#decide(exchange, next, user, matches && isKnown)
    return matches.then(
      (later) => this.#decideLater(exchange, next, user, later && isKnown),
      () => fail(exchange, 503, 'auth_busy'),
    )
  }

  #decideLater(exchange: Exchange, next: Handler, user: string, isRight: boolean): void | Promise<void> {
    if (exchange.finished || exchange.aborted !== null) return undefined
    return this.#decide(exchange, next, user, isRight)
  }

  #decide(exchange: Exchange, next: Handler, user: string, isRight: boolean): void | Promise<void> {
    if (!isRight || !isFieldValue(user)) return this.#refuse(exchange)
    if (this.#headerField !== '') setVouchedField(exchange.headers, this.#headerField, user)
    if (this.#removeHeader) exchange.headers.delete('authorization')
    return next(exchange)
  }

  #refuse(exchange: Exchange): undefined {
    exchange.responseHeaders.set('Content-Type', 'text/plain')
    exchange.responseHeaders.set('WWW-Authenticate', this.#challenge)
    respondText(exchange, 401, '401 Unauthorized\n', 'unauthorized')
    return undefined
  }

  /** The same hash for the same name each time, so that trying again tells nothing; which one is not to be foreseen. */
  #decoyFor(user: string): string {
    let sum = this.#decoySeed
    for (let index = 0; index < user.length; index += 1) sum = Math.imul(sum ^ user.charCodeAt(index), 0x01000193) >>> 0
    return this.#decoys[sum % this.#decoys.length] ?? ''
  }
}
