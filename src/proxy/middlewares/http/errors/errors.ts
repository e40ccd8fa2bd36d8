/** `errors`: replaces answers of certain statuses by pages. */
import type { ErrorsOptions } from '../../../../config/routing/middlewares/errors.ts'
import { inStatusRanges, type StatusRanges, statusRangesOf } from '../../../../std/status-ranges.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange, Handler } from '../../../http/exchange.ts'
import { HeaderList, lowerName } from '../../../http/header-list.ts'
import { type AnswerGate, AnswerRelay, innerExchange, runInner, takeFacts } from '../../../http/inner-exchange.ts'
import { defineMiddleware, type MiddlewareContext } from '../../../http/middleware.ts'
import { hasMalformedEscape, isWrittenPath } from '../../../http/path.ts'
import { requestUri } from '../../../http/redirect.ts'
import { OwnPages } from './own-page.ts'

/** An answer that is replaced. */
export interface CaughtAnswer {
  /** Status of the page. */
  readonly status: number
  readonly originalStatus: number
  /** What was asked for, as later middlewares have left it. */
  readonly url: string
  /** The exchange that had the answer. */
  readonly exchange: Exchange
}

/** Drops answers of the listed statuses and answers with a page instead: one that a service is asked for, or one of the configuration. */
export const errors = defineMiddleware<ErrorsOptions>({
  key: 'errors',
  create(options, context) {
    const replacement = new Replacement(options, context)
    return (next) => (exchange) => {
      runInner(exchange, exchange.body, next, new Catcher(exchange, replacement))
    }
  },
})

/** What is caught, and what is answered instead. */
class Replacement {
  readonly #ranges: StatusRanges
  readonly #onlyOwn: boolean
  readonly #rewrites: readonly { readonly ranges: StatusRanges; readonly status: number }[]
  readonly #pages: OwnPages | null
  readonly #service: () => Handler
  readonly #query: string
  /** Lower-case names of the fields that the service of the pages gets; null: all. */
  readonly #fields: ReadonlySet<string> | null

  constructor(options: ErrorsOptions, context: MiddlewareContext) {
    this.#ranges = statusRangesOf(options.status)
    this.#onlyOwn = options.onlyOwn
    this.#rewrites = Object.entries(options.statusRewrites).map(([text, status]) => ({ ranges: statusRangesOf([text]), status }))
    this.#pages = options.pages === undefined ? null : new OwnPages(options.pages)
    this.#service = () => context.service(options.service)
    const query = textToBytes(options.query)
    this.#query = query.startsWith('/') ? query : `/${query}`
    this.#fields = options.errorRequestHeaders.length === 0 ? null : new Set(options.errorRequestHeaders.map(lowerName))
  }

  catches(inner: Exchange): boolean {
    return inStatusRanges(this.#ranges, inner.status) && (!this.#onlyOwn || inner.reason !== null)
  }

  answer(outer: Exchange, inner: Exchange): void {
    const originalStatus = inner.status
    const status = this.#rewrites.find(({ ranges }) => inStatusRanges(ranges, originalStatus))?.status ?? originalStatus
    const url = `${inner.scheme}://${inner.hostRaw}${requestUri(inner)}`
    const caught: CaughtAnswer = { status, originalStatus, url, exchange: inner }
    takeFacts(outer, inner)
    if (this.#pages === null) this.#askService(outer, caught)
    else this.#pages.answer(outer, caught)
  }

  #askService(outer: Exchange, caught: CaughtAnswer): void {
    const relay = new AnswerRelay(outer, new PageGate(caught))
    const page = innerExchange(caught.exchange, null, relay)
    const filled = this.#query
      .replaceAll('{status}', String(caught.status))
      .replaceAll('{originalStatus}', String(caught.originalStatus))
      .replaceAll('{url}', queryEscape(caught.url))
    setTarget(page, filled)
    page.method = 'GET'
    page.upgrade = ''
    page.suppressForwardedFor = true
    if (this.#fields !== null) page.headers = only(page.headers, this.#fields)
    relay.run(page, this.#service())
  }
}

/** Looks at what comes. */
class Catcher implements AnswerGate {
  readonly passesInformational = true
  readonly #outer: Exchange
  readonly #replacement: Replacement

  constructor(outer: Exchange, replacement: Replacement) {
    this.#outer = outer
    this.#replacement = replacement
  }

  admits(inner: Exchange): boolean {
    return !this.#replacement.catches(inner)
  }

  onDropped(inner: Exchange): void {
    this.#replacement.answer(this.#outer, inner)
  }
}

/** Lets the page pass, with the status of the answer that it replaces. */
class PageGate implements AnswerGate {
  readonly passesInformational = true
  readonly #caught: CaughtAnswer

  constructor(caught: CaughtAnswer) {
    this.#caught = caught
  }

  admits(page: Exchange): boolean {
    const { status, exchange } = this.#caught
    page.status = status
    page.statusText = ''
    // Without it no client could ask for the password.
    if (status === 401 && !page.responseHeaders.has('www-authenticate')) {
      for (const value of exchange.responseHeaders.getAll('www-authenticate')) page.responseHeaders.add('WWW-Authenticate', value)
    }
    return true
  }

  onDropped(): void {}
}

/** Sets path and query; a fragment is nothing for servers. */
function setTarget(exchange: Exchange, target: string): void {
  const [uri = ''] = target.split('#', 1)
  const query = uri.indexOf('?')
  const path = query < 0 ? uri : uri.slice(0, query)
  exchange.path = isWrittenPath(path) && !hasMalformedEscape(path) ? path : escaped(path)
  exchange.hasQuery = query >= 0
  exchange.rawQuery = query < 0 ? '' : uri.slice(query + 1).replaceAll(/[^!-~]/g, encodeByte)
}

function escaped(path: string): string {
  return path.replaceAll(/%(?![0-9a-fA-F]{2})|[^!$&'()*+,\-./0-9:;=@A-Z_a-z~%]/g, encodeByte)
}

/** A text as one value of a query, as Go writes it. */
function queryEscape(bytes: string): string {
  return bytes.replaceAll(/[^\w.~-]/g, (sign) => (sign === ' ' ? '+' : encodeByte(sign)))
}

function encodeByte(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function only(headers: HeaderList, keys: ReadonlySet<string>): HeaderList {
  const kept = new HeaderList()
  for (const [name, value] of headers) if (keys.has(lowerName(name))) kept.add(name, value)
  return kept
}
