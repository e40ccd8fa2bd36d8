/** `apiKey`: asks for a key that the client was given. */
import { hash } from 'node:crypto'
import { apiKey as apiKeyOptions, type ApiKeyOptions, digestPrefix } from '../../../../config/routing/middlewares/api-key.ts'
import { parseNamedSecrets } from '../../../../config/routing/named-secrets.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange, Middleware } from '../../../http/exchange.ts'
import { fieldValue, isFieldName } from '../../../http/field-value.ts'
import { setVouchedField } from '../../../http/managed-headers.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { respondText } from '../../../http/respond.ts'
import { CredentialSource } from '../../../identity/credential-source.ts'

/** Longest key that is looked at, in bytes. */
const keyBytesMax = 4096

/** Lets requests with a known key pass. */
export const apiKey = defineMiddleware<ApiKeyOptions>({
  key: apiKeyOptions.key,
  create: (options) => new ApiKey(options).middleware,
})

class ApiKey {
  /** Names by the digest of the key: what is looked up is a digest, so how long it takes tells nothing of the keys (R41). */
  readonly #names = new Map<string, string>()
  readonly #source: CredentialSource
  readonly #challenge: string
  readonly #headerField: string
  readonly #removeKey: boolean

  constructor(options: ApiKeyOptions) {
    const keys = parseNamedSecrets(options.keys)
    if ('error' in keys) throw new Error(keys.error)
    for (const { name, secret } of keys) {
      const digest = secret.startsWith(digestPrefix) ? secret.slice(digestPrefix.length).toLowerCase() : digestOf(textToBytes(secret))
      this.#names.set(digest, fieldValue(name))
    }
    this.#source = new CredentialSource(options)
    const realm = fieldValue(options.realm === '' ? 'traefik' : options.realm).replace(/["\\]/g, '\\$&')
    this.#challenge = `${options.scheme === '' ? 'ApiKey' : fieldValue(options.scheme)} realm="${realm}"`
    this.#headerField = isFieldName(options.headerField) ? options.headerField : ''
    this.#removeKey = options.removeKey
  }

  readonly middleware: Middleware = (next) => (exchange) => {
    const key = this.#source.find(exchange)
    const name = key === null || key === '' || key.length > keyBytesMax ? undefined : this.#names.get(digestOf(key))
    if (name === undefined) return this.#refuse(exchange)
    exchange.username = name
    if (this.#headerField !== '') setVouchedField(exchange.headers, this.#headerField, name)
    if (this.#removeKey) this.#source.remove(exchange)
    return next(exchange)
  }

  #refuse(exchange: Exchange): undefined {
    exchange.username = ''
    exchange.responseHeaders.set('Content-Type', 'text/plain')
    exchange.responseHeaders.set('WWW-Authenticate', this.#challenge)
    respondText(exchange, 401, '401 Unauthorized\n', 'unauthorized')
    return undefined
  }
}

function digestOf(bytes: string): string {
  return hash('sha256', Buffer.from(bytes, 'latin1'), 'hex')
}
