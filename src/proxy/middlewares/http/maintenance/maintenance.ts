/** `maintenance`: answers with a page of maintenance while it is on. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isSwitchedOn } from '../../../../board/maintenance-switch.ts'
import type { MaintenanceOptions } from '../../../../config/routing/middlewares/maintenance.ts'
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { fieldValue } from '../../../http/field-value.ts'
import { lowerName } from '../../../http/header-list.ts'
import { buildIpSet, buildIpStrategy, holdsAddress } from '../../../http/ip-strategy.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { preferredType } from '../../../http/preferred-type.ts'
import { respondText, statusText } from '../../../http/respond.ts'
import { escapeHtml, pageContentTypes, type PageType, pageTypes } from '../../../http/text-page.ts'

/** Answers for a service that is being worked on, as HTML, JSON or text, whichever the client likes best; some clients pass. */
export const maintenance = defineMiddleware<MaintenanceOptions>({
  key: 'maintenance',
  create(options, { shared }) {
    const cell = new Int32Array(shared)
    const passes = buildBypass(options)
    const pages = pagesOf(options)
    const fields = fieldsOf(options)
    return (next) => (exchange) => {
      if (!isSwitchedOn(cell, options.enabled) || passes(exchange)) return next(exchange)
      const type = preferredType(exchange.headers.get('accept'), pageTypes)
      const { responseHeaders } = exchange
      responseHeaders.set('Content-Type', pageContentTypes[type])
      for (const [name, value] of fields) responseHeaders.set(name, value)
      respondText(exchange, options.status, pages[type], 'maintenance')
      return undefined
    }
  },
})

function pagesOf({ status, title, message, page }: MaintenanceOptions): Readonly<Record<PageType, string>> {
  const html = page === '' ? ownPage(escapeHtml(title), escapeHtml(message)) : page
  return {
    'text/html': textToBytes(html),
    'application/json': textToBytes(`${JSON.stringify({ status, error: statusText(status), title, message })}\n`),
    'text/plain': textToBytes(`${title}\n\n${message}\n`),
  }
}

function ownPage(title: string, message: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:20vh auto 0;padding:0 1rem}</style>
<h1>${title}</h1>
<p>${message}</p>
</html>
`
}

function fieldsOf({ headers, retryAfter }: MaintenanceOptions): readonly (readonly [string, string])[] {
  const fields: [string, string][] = [
    ['Cache-Control', 'no-store'],
    ['Vary', 'Accept'],
  ]
  if (retryAfter > 0) fields.push(['Retry-After', String(Math.ceil(retryAfter / 1000))])
  return [...fields, ...Object.entries(headers).map(([name, value]): [string, string] => [name, fieldValue(value)])]
}

/** Tells who passes: certain addresses, and who knows the value of a field, which goes no further. */
function buildBypass({ bypassRanges, ipStrategy, bypassHeader, bypassValue }: MaintenanceOptions): (exchange: Exchange) => boolean {
  const ranges = buildIpSet(bypassRanges)
  const clientAddress = buildIpStrategy(ipStrategy)
  const key = lowerName(bypassHeader)
  const wanted = digest(textToBytes(bypassValue))
  return (exchange) => {
    if (key !== '') {
      const given = exchange.headers.get(key)
      if (given !== undefined && exchange.headers.delete(key) && timingSafeEqual(digest(given), wanted)) return true
    }
    return bypassRanges.length > 0 && holdsAddress(ranges, clientAddress(exchange))
  }
}

function digest(bytes: string): Buffer {
  return createHash('sha256').update(bytes, 'latin1').digest()
}
