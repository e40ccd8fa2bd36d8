/** Security header fields of the `headers` middleware, and its check of the host. */
import { randomBytes } from 'node:crypto'
import type { HeadersOptions } from '../../../../config/routing/middlewares/headers.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange, ResponseHook } from '../../../http/exchange.ts'
import { fieldValue } from '../../../http/field-value.ts'
import { lowerName } from '../../../http/header-list.ts'
import { respondPlainError } from '../../../http/respond.ts'

/** Length of a nonce in bytes before it is written in Base64. */
const nonceBytes = 16

/** Sets the fields right before an answer leaves; one for connections that are secure and one for others. */
class SecurityFields implements ResponseHook {
  readonly #fields: readonly (readonly [string, string])[]
  /** Policies that hold `$NONCE`. */
  readonly #policies: readonly (readonly [string, string])[]

  constructor(options: HeadersOptions, isSecure: boolean) {
    const fields: [string, string][] = []
    const add = (name: string, text: string): void => {
      const value = fieldValue(text)
      if (value !== '') fields.push([name, value])
    }
    const asProduction = !options.isDevelopment
    const seconds = options.stsSeconds ?? 0
    if (seconds !== 0 && asProduction && (isSecure || options.forceSTSHeader))
      add(
        'Strict-Transport-Security',
        `max-age=${seconds}${options.stsIncludeSubdomains ? '; includeSubDomains' : ''}${options.stsPreload ? '; preload' : ''}`,
      )
    add('X-Frame-Options', options.customFrameOptionsValue === '' && options.frameDeny ? 'DENY' : options.customFrameOptionsValue)
    if (options.contentTypeNosniff) add('X-Content-Type-Options', 'nosniff')
    add(
      'X-XSS-Protection',
      options.customBrowserXSSValue === '' && options.browserXssFilter ? '1; mode=block' : options.customBrowserXSSValue,
    )
    if (isSecure && asProduction) add('Public-Key-Pins', options.publicKey)
    add('Content-Security-Policy', options.contentSecurityPolicy)
    add('Content-Security-Policy-Report-Only', options.contentSecurityPolicyReportOnly)
    add('Referrer-Policy', options.referrerPolicy)
    add('Permissions-Policy', options.permissionsPolicy)
    this.#fields = fields.filter(([, value]) => !value.includes('$NONCE'))
    this.#policies = fields.filter(([, value]) => value.includes('$NONCE'))
  }

  onResponse(exchange: Exchange): void {
    if (exchange.status === 101) return
    const answer = exchange.responseHeaders
    for (let index = 0; index < this.#fields.length; index += 1) {
      const field = this.#fields[index]!
      answer.set(field[0], field[1])
    }
    if (this.#policies.length === 0) return
    const nonce = `'nonce-${randomBytes(nonceBytes).toString('base64')}'`
    for (let index = 0; index < this.#policies.length; index += 1) {
      const policy = this.#policies[index]!
      answer.set(policy[0], policy[1].replaceAll('$NONCE', nonce))
    }
  }
}

/** Security options, prepared once. */
export class Security {
  readonly #onSecure: SecurityFields
  readonly #onPlain: SecurityFields
  /** Lower case; empty: every host. */
  readonly #allowedHosts: readonly string[]
  readonly #hostKeys: readonly string[]
  readonly #secureFields: readonly (readonly [string, string])[]

  constructor(options: HeadersOptions) {
    this.#onSecure = new SecurityFields(options, true)
    this.#onPlain = new SecurityFields(options, false)
    this.#allowedHosts = options.isDevelopment ? [] : options.allowedHosts.map((host) => textToBytes(host).toLowerCase())
    this.#hostKeys = options.hostsProxyHeaders.map(lowerName)
    this.#secureFields = Object.entries(options.sslProxyHeaders).map(([name, value]) => [lowerName(name), textToBytes(value)])
  }

  /** Whether any security option is set. */
  static isAskedFor(options: HeadersOptions): boolean {
    return (
      options.allowedHosts.length > 0 ||
      options.hostsProxyHeaders.length > 0 ||
      Object.keys(options.sslProxyHeaders).length > 0 ||
      options.stsSeconds !== undefined ||
      options.stsIncludeSubdomains ||
      options.stsPreload ||
      options.forceSTSHeader ||
      options.frameDeny ||
      options.customFrameOptionsValue !== '' ||
      options.contentTypeNosniff ||
      options.browserXssFilter ||
      options.customBrowserXSSValue !== '' ||
      options.contentSecurityPolicy !== '' ||
      options.contentSecurityPolicyReportOnly !== '' ||
      options.publicKey !== '' ||
      options.referrerPolicy !== '' ||
      options.permissionsPolicy !== '' ||
      options.isDevelopment
    )
  }

  /** Refuses a host that is not allowed, and sees to it that the answer gets its fields; false when it was refused. */
  apply(exchange: Exchange): boolean {
    if (this.#allowedHosts.length > 0 && !this.#allowedHosts.includes(this.#hostOf(exchange).toLowerCase())) {
      respondPlainError(exchange, 500, 'Bad Host', 'middleware_answer')
      return false
    }
    exchange.addResponseHook(this.#isSecure(exchange) ? this.#onSecure : this.#onPlain)
    return true
  }

  /** The first of the proxy's headers that says something, or else the host that the client asked for. */
  #hostOf(exchange: Exchange): string {
    for (let index = 0; index < this.#hostKeys.length; index += 1) {
      const value = exchange.headers.get(this.#hostKeys[index]!)
      if (value !== undefined && value !== '') return value
    }
    return exchange.hostRaw
  }

  #isSecure(exchange: Exchange): boolean {
    if (exchange.scheme === 'https') return true
    for (let index = 0; index < this.#secureFields.length; index += 1) {
      const field = this.#secureFields[index]!
      if ((exchange.headers.get(field[0]) ?? '') === field[1]) return true
    }
    return false
  }
}
