/** What the authentication server is told of a request. */
import type { ForwardAuthOptions } from '../../../../config/routing/middlewares/forward-auth.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { forwardedPort } from '../../../http/forwarded-fields.ts'
import { HeaderList } from '../../../http/header-list.ts'
import { looksManaged } from '../../../http/managed-headers.ts'

/** Fields of the client's connection; Proxy-Authorization is for the authentication server to judge. */
const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'content-length',
  'expect',
])

/** Makes the header of the question, by what the options say about fields of the request and of X-Forwarded. */
export class AuthRequestFields {
  /** Lower-case names; null: all. */
  readonly #names: ReadonlySet<string> | null
  readonly #trust: boolean | undefined

  constructor(options: ForwardAuthOptions) {
    const { authRequestHeaders, trustForwardHeader } = options
    this.#names = authRequestHeaders.length === 0 ? null : new Set(authRequestHeaders.map((name) => name.toLowerCase()))
    this.#trust = trustForwardHeader
  }

  /** The header for a request. */
  of(exchange: Exchange): HeaderList {
    const fields = this.#copy(exchange)
    if (this.#trust === undefined) {
      fields.set('X-Forwarded-For', exchange.connection.remoteIp)
      fields.set('X-Forwarded-Proto', exchange.scheme)
      fields.set('X-Forwarded-Method', exchange.method)
      fields.set('X-Forwarded-Host', exchange.hostRaw)
      fields.set('X-Forwarded-Uri', targetOf(exchange))
      return fields
    }
    const before = fields.getAll('x-forwarded-for')
    fields.set('X-Forwarded-For', [...before, exchange.connection.remoteIp].join(', '))
    setMissing(fields, 'X-Forwarded-Method', exchange.method)
    setMissing(fields, 'X-Forwarded-Proto', exchange.scheme)
    const proto = exchange.scheme === 'https' ? 'https' : (fields.get('x-forwarded-proto') ?? 'http')
    setMissing(fields, 'X-Forwarded-Port', forwardedPort(exchange.hostRaw, proto))
    setMissing(fields, 'X-Forwarded-Host', exchange.hostRaw)
    setMissing(fields, 'X-Forwarded-Uri', targetOf(exchange))
    return fields
  }

  #copy({ headers }: Exchange): HeaderList {
    const fields = new HeaderList()
    for (let index = 0; index < headers.length; index += 1) {
      const key = headers.keys[index] ?? ''
      if (key === '' || connectionFields.has(key)) continue
      if (this.#names !== null && !this.#names.has(key)) continue
      if (this.#trust === false && looksManaged(key)) continue
      fields.push(headers.names[index] ?? '', key, headers.values[index] ?? '')
    }
    // With a list of names, trust still means that what was told by proxies in front goes on.
    if (this.#names !== null && this.#trust === true) copyManaged(headers, fields, this.#names)
    return fields
  }
}

function copyManaged(from: HeaderList, to: HeaderList, there: ReadonlySet<string>): void {
  for (let index = 0; index < from.length; index += 1) {
    const key = from.keys[index] ?? ''
    if (isManagedName(key) && !there.has(key)) to.push(from.names[index] ?? '', key, from.values[index] ?? '')
  }
}

/** Whether it is the very name of a managed field, not one that some servers take for it. */
function isManagedName(key: string): boolean {
  return key !== '' && !key.includes('_') && !key.includes('.') && looksManaged(key)
}

function setMissing(fields: HeaderList, name: string, value: string): void {
  if (!fields.has(name.toLowerCase())) fields.add(name, value)
}

/** Path and query as they are forwarded. */
function targetOf({ path, rawQuery, hasQuery }: Exchange): string {
  const target = path === '' ? '/' : path
  return hasQuery ? `${target}?${rawQuery}` : target
}
