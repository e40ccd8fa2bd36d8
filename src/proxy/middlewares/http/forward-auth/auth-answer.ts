/** What an answer of the authentication server does to a request, or to its client. */
import type { ForwardAuthOptions } from '../../../../config/routing/middlewares/forward-auth.ts'
import { formatGoUrl, parseGoUrl } from '../../../../std/go-url.ts'
import { compileRe2, type Re2 } from '../../../../std/re2.ts'
import type { CollectedAnswer } from '../../../http/collected-answer.ts'
import type { Exchange, ResponseHook } from '../../../http/exchange.ts'
import type { HeaderList } from '../../../http/header-list.ts'
import { respondText } from '../../../http/respond.ts'

/** Fields of the connection to the authentication server. */
const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'content-length',
])

/** Hands answers on. */
export class AuthAnswers {
  readonly #address: string
  readonly #keepsLocation: boolean
  readonly #copied: readonly string[]
  /** What client fields these names stand for, in every spelling (R17). */
  readonly #copiedKeys: ReadonlySet<string>
  readonly #pattern: Re2 | null
  readonly #cookies: ReadonlySet<string>

  constructor(options: ForwardAuthOptions) {
    this.#address = options.address
    this.#keepsLocation = options.preserveLocationHeader
    this.#copied = options.authResponseHeaders.map((name) => name.trim()).filter((name) => name !== '')
    this.#copiedKeys = new Set(this.#copied.map((name) => folded(name.toLowerCase())))
    // Names of fields have no case (RFC 9110 §5.1), whatever the pattern's letters.
    this.#pattern = options.authResponseHeadersRegex === '' ? null : compileRe2(`(?i)${options.authResponseHeadersRegex}`)
    this.#cookies = new Set(options.addAuthCookiesToResponse)
  }

  /** Puts what the authentication server vouches for into the request, in place of what the client said of it. */
  apply(exchange: Exchange, answer: CollectedAnswer): void {
    const { headers } = exchange
    const pattern = this.#pattern
    if (this.#copiedKeys.size > 0 || pattern !== null) this.#removeVouched(headers)
    for (const name of this.#copied) for (const value of answer.headers.getAll(name.toLowerCase())) headers.add(name, value)
    if (pattern !== null) {
      for (const [name, value] of answer.headers)
        if (pattern.testBytes(name) && !this.#copiedKeys.has(folded(name.toLowerCase())) && !connectionFields.has(name.toLowerCase()))
          headers.add(name, value)
    }
    if (this.#cookies.size > 0) {
      const lines = answer.headers.getAll('set-cookie').filter((line) => this.#cookies.has(cookieName(line)))
      if (lines.length > 0) exchange.addResponseHook(new AuthCookies(lines))
    }
  }

  /** Gives the client the refusal. */
  refuse(exchange: Exchange, answer: CollectedAnswer): void {
    const location = answer.headers.get('location')
    const shown = location === undefined || location === '' ? null : this.#location(location)
    if (shown === undefined) {
      respondText(exchange, 500, '', 'auth_unreachable')
      return
    }
    for (const [name, value] of answer.headers) {
      const key = name.toLowerCase()
      if (!connectionFields.has(key) && (key !== 'location' || shown === null)) exchange.responseHeaders.add(name, value)
    }
    if (shown !== null) exchange.responseHeaders.set('Location', shown)
    exchange.reason ??= 'auth_refused'
    exchange.status = answer.status
    exchange.statusText = ''
    exchange.responseLength = answer.body.length
    exchange.body?.discard()
    exchange.startResponse()
    if (answer.body.length > 0) exchange.sink.write(exchange, answer.body)
    exchange.sink.end(exchange)
  }

  #removeVouched(headers: HeaderList): void {
    const { keys, names } = headers
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? ''
      if (key === '') continue
      const plain = folded(key)
      if (this.#copiedKeys.has(plain) || this.#pattern?.testBytes(names[index] ?? '') === true || this.#pattern?.testBytes(plain) === true)
        keys[index] = ''
    }
  }

  /** A Location as the client can follow it; undefined when it is none. */
  #location(location: string): string | undefined {
    const parsed = parseGoUrl(location)
    if (parsed === undefined) return undefined
    if (this.#keepsLocation || parsed.scheme !== '') return formatGoUrl(parsed)
    return URL.canParse(location, this.#address) ? new URL(location, this.#address).href : undefined
  }
}

/** Adds the cookies of the authentication server, in place of the backend's of the same names. */
class AuthCookies implements ResponseHook {
  readonly #lines: readonly string[]

  constructor(lines: readonly string[]) {
    this.#lines = lines
  }

  onResponse({ responseHeaders }: Exchange): void {
    const names = new Set(this.#lines.map(cookieName))
    const kept = responseHeaders.getAll('set-cookie').filter((line) => !names.has(cookieName(line)))
    responseHeaders.delete('set-cookie')
    for (const line of kept) responseHeaders.add('Set-Cookie', line)
    for (const line of this.#lines) responseHeaders.add('Set-Cookie', line)
  }
}

function cookieName(line: string): string {
  const equals = line.indexOf('=')
  return (equals < 0 ? line : line.slice(0, equals)).trim()
}

function folded(key: string): string {
  return key.replaceAll('_', '-').replaceAll('.', '-')
}
