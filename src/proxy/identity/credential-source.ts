/** Where a client's key or token stands: in a header, a query parameter or a cookie, looked for in this order. */
import type { Exchange } from '../http/exchange.ts'
import { cookieValue, removeCookies } from './cookies.ts'
import { queryValue, removeQueryValue } from './query.ts'

/** Places to look; '' for those that are not looked at. */
export interface CredentialPlaces {
  readonly header: string
  /** Word in front of the credential in the header. */
  readonly scheme: string
  readonly query: string
  readonly cookie: string
}

/** Finds and removes credentials. */
export class CredentialSource {
  readonly #header: string
  readonly #prefix: string
  readonly #query: string
  readonly #cookie: string

  constructor({ header, scheme, query, cookie }: CredentialPlaces) {
    this.#header = header.toLowerCase()
    this.#prefix = scheme === '' ? '' : `${scheme.toLowerCase()} `
    this.#query = query
    this.#cookie = cookie
  }

  /** The credential, as a byte string; '' when there is none, null when a header that should hold one comes more than once (R19). */
  find({ headers, rawQuery }: Exchange): string | null {
    if (this.#header !== '') {
      const values = headers.getAll(this.#header)
      if (values.length > 1) return null
      const found = this.#withoutPrefix(values[0] ?? '')
      if (found !== '') return found
    }
    if (this.#query !== '') {
      const found = queryValue(rawQuery, this.#query) ?? ''
      if (found !== '') return found
    }
    return this.#cookie === '' ? '' : (cookieValue(headers, this.#cookie) ?? '')
  }

  /** Takes the credential off the request, from everywhere it may stand. */
  remove(exchange: Exchange): void {
    if (this.#header !== '') exchange.headers.delete(this.#header)
    if (this.#query !== '') removeQueryValue(exchange, this.#query)
    if (this.#cookie !== '') removeCookies(exchange.headers, (name) => name === this.#cookie)
  }

  #withoutPrefix(value: string): string {
    const prefix = this.#prefix
    if (prefix === '') return value
    if (value.length < prefix.length || value.slice(0, prefix.length).toLowerCase() !== prefix) return ''
    return value.slice(prefix.length).trim()
  }
}
