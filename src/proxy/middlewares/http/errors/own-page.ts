/** Error pages that stand in the configuration, as HTML, JSON or text. */
import type { ErrorsOptions } from '../../../../config/routing/middlewares/errors.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { preferredType } from '../../../http/preferred-type.ts'
import { respondText, statusText } from '../../../http/respond.ts'
import { escapeHtml, pageContentTypes, type PageType, pageTypes } from '../../../http/text-page.ts'
import type { CaughtAnswer } from './errors.ts'

const ownPages: Readonly<Record<PageType, string>> = {
  'text/html': `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{status} {statusText}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:20vh auto 0;padding:0 1rem}</style>
<h1>{status} {statusText}</h1>
</html>
`,
  'application/json': '{"status":{status},"error":"{statusText}"}\n',
  'text/plain': '{status} {statusText}\n',
}

const escapes: Readonly<Record<PageType, (text: string) => string>> = {
  'text/html': escapeHtml,
  'application/json': (text) => JSON.stringify(text).slice(1, -1),
  'text/plain': (text) => text,
}

/** Fields of the caught answer that the client still needs to go on. */
const keptFields = ['WWW-Authenticate', 'Retry-After'] as const

/** Pages ready to be filled in. */
export class OwnPages {
  readonly #pages: Readonly<Record<PageType, string>>

  constructor({ html, json, text }: NonNullable<ErrorsOptions['pages']>) {
    this.#pages = {
      'text/html': html === '' ? ownPages['text/html'] : textToBytes(html),
      'application/json': json === '' ? ownPages['application/json'] : textToBytes(json),
      'text/plain': text === '' ? ownPages['text/plain'] : textToBytes(text),
    }
  }

  /** Answers with the page that the client likes best. */
  answer(outer: Exchange, caught: CaughtAnswer): void {
    const type = preferredType(outer.headers.get('accept'), pageTypes)
    const escape = escapes[type]
    const values: Readonly<Record<string, string>> = {
      status: String(caught.status),
      originalStatus: String(caught.originalStatus),
      statusText: statusText(caught.status),
      url: caught.url,
    }
    const page = this.#pages[type].replace(/\{(status|originalStatus|statusText|url)\}/g, (_, name: string) => escape(values[name] ?? ''))
    const { responseHeaders } = outer
    responseHeaders.set('Content-Type', pageContentTypes[type])
    responseHeaders.set('Cache-Control', 'no-store')
    responseHeaders.add('Vary', 'Accept')
    for (const name of keptFields) {
      for (const value of caught.exchange.responseHeaders.getAll(name.toLowerCase())) responseHeaders.add(name, value)
    }
    respondText(outer, caught.status, page, null)
  }
}
