/**
 * The head of a request as a server gets it: fields in their order and as they were sent, without those that belong to the client's connection
 * (RFC 9110 §7.6.1) or describe its framing, and with what a proxy adds.
 */
import type { Exchange } from '../http/exchange.ts'
import type { HeaderList } from '../http/header-list.ts'
import type { UpstreamTarget } from './target.ts'

/** True after `requestHead` when it asked for gzip in the client's place: the answer must be unpacked. */
export let askedForGzip = false

/** The whole head, empty line included. */
export function requestHead(exchange: Exchange, target: UpstreamTarget): string {
  const path = exchange.path
  let head = `${exchange.method} ${target.targetPrefix}${path === '' ? '/' : path}`
  if (exchange.hasQuery) head += `?${exchange.rawQuery}`
  head += ` HTTP/1.1\r\nHost: ${hostFor(exchange, target)}\r\n${target.proxyFields}`
  head = addFields(head, exchange, target.passesProxyAuthorization)
  const body = exchange.body
  if (body === null) {
    const { method } = exchange
    // RFC 9110 §8.6: methods that usually have a body say that there is none.
    if (method === 'POST' || method === 'PUT' || method === 'PATCH') head += 'Content-Length: 0\r\n'
  } else if (body.length >= 0) {
    head += `Content-Length: ${body.length}\r\n`
  } else {
    head += 'Transfer-Encoding: chunked\r\n'
  }
  return `${head}\r\n`
}

/** Host that the server is told. */
export function hostFor(exchange: Exchange, target: UpstreamTarget): string {
  if (!target.passHostHeader) return target.hostHeader
  const host = exchange.upstreamHost ?? exchange.hostRaw
  return host === '' ? target.hostHeader : host
}

function addFields(start: string, exchange: Exchange, passesProxyAuthorization: boolean): string {
  const { headers } = exchange
  const { names, keys, values, lines } = headers
  const isUpgrade = exchange.upgrade !== ''
  const listed = connectionListed(headers)
  let head = start
  let wantsGzip = exchange.method !== 'HEAD' && !isUpgrade
  let forwardedFor: string | null = null
  // Lines that lie side by side as they were read are sent on as one piece.
  let from = 0
  let to = 0
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]!
    if ((isOwnField(key) && !(passesProxyAuthorization && key === 'proxy-authorization')) || (listed !== null && listed.includes(key)))
      continue
    const value = values[index]!
    // By length first: a field that is none of these costs one comparison of numbers.
    switch (key.length) {
      case 2:
        if (key !== 'te') break
        if (hasToken(value, 'trailers')) head += 'Te: trailers\r\n'
        continue
      case 5:
        if (key === 'range') wantsGzip = false
        break
      case 7:
        if (key === 'upgrade' && !isUpgrade) continue
        if (key === 'trailer' && (exchange.body === null || exchange.body.length >= 0)) continue
        break
      case 15:
        if (key === 'accept-encoding') {
          // An empty value says nothing, as Go reads it.
          if (value !== '') wantsGzip = false
        } else if (key === 'x-forwarded-for' && !exchange.suppressForwardedFor) {
          forwardedFor = forwardedFor === null ? value : `${forwardedFor}, ${value}`
          continue
        }
        break
    }
    const name = names[index]!
    const line = lines[index]!
    if (line === to && to > 0) {
      to += name.length + value.length + 4
      continue
    }
    if (to > from) head += headers.linesBetween(from, to)
    from = line
    to = line + name.length + value.length + 4
    if (line < 0) {
      from = 0
      to = 0
      head += `${name}: ${value}\r\n`
    }
  }
  if (to > from) head += headers.linesBetween(from, to)
  askedForGzip = wantsGzip
  if (!exchange.suppressForwardedFor) head += forwardedForLine(forwardedFor, exchange.connection.remoteIp)
  if (isUpgrade) head += 'Connection: Upgrade\r\n'
  return wantsGzip ? `${head}Accept-Encoding: gzip\r\n` : head
}

/** Whether a field is written by ourselves or concerns the client's connection alone; deleted ones count as such. */
function isOwnField(key: string): boolean {
  switch (key.length) {
    case 0:
      return true
    case 4:
      return key === 'host'
    case 10:
      return key === 'connection' || key === 'keep-alive'
    case 14:
      return key === 'content-length' || key === 'http2-settings'
    case 16:
      return key === 'proxy-connection'
    case 17:
      return key === 'transfer-encoding'
    case 18:
      return key === 'proxy-authenticate'
    case 19:
      return key === 'proxy-authorization'
    default:
      return false
  }
}

function forwardedForLine(before: string | null, remoteIp: string): string {
  return before === null ? `X-Forwarded-For: ${remoteIp}\r\n` : `X-Forwarded-For: ${before}, ${remoteIp}\r\n`
}

/** Lower-case names of the fields that Connection lists, null for the values that list none; identity fields of the router cannot be listed. */
export function connectionListed(headers: HeaderList): readonly string[] | null {
  const { keys, values } = headers
  let listed: string[] | null = null
  for (let index = keys.indexOf('connection'); index >= 0; index = keys.indexOf('connection', index + 1)) {
    const value = values[index] ?? ''
    if (value === 'keep-alive' || value === 'close' || value === 'Upgrade' || value === 'upgrade' || value === 'Keep-Alive') continue
    for (const part of value.toLowerCase().split(',')) {
      const name = part.trim()
      if (name === '' || name === 'upgrade' || name === 'close' || name === 'keep-alive' || name === 'te') continue
      if (name.startsWith('x-forwarded-') || name === 'x-real-ip') continue
      listed ??= []
      listed.push(name)
    }
  }
  return listed
}

/** Whether a comma-separated value has this lower-case token; parameters do not count. */
export function hasToken(value: string, token: string): boolean {
  if (value === token) return true
  return value
    .toLowerCase()
    .split(',')
    .some((part) => part.trim() === token)
}
