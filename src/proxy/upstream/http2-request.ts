/**
 * The head of a request as an HTTP/2 server gets it: fields in their order, without those that belong to the client's connection (RFC 9110 §7.6.1,
 * RFC 9113 §8.2.2), and with what a proxy adds.
 */
import type { Exchange } from '../http/exchange.ts'
import type { HpackEncoder } from '../http2/hpack-encoder.ts'
import { connectionListed, hasToken, hostFor } from './request-head.ts'
import type { UpstreamTarget } from './target.ts'

/** A request's block, and what follows from it. */
export interface Http2RequestHead {
  readonly block: string
  /** Gzip was asked for in the client's place: the answer must be unpacked. */
  readonly asksForGzip: boolean
}

/** Makes the block of a request. */
export function http2RequestHead(encoder: HpackEncoder, exchange: Exchange, target: UpstreamTarget, scheme: string): Http2RequestHead {
  const path = `${target.targetPrefix}${exchange.path === '' ? '/' : exchange.path}`
  let block = encoder.start()
  block += encoder.field(':method', exchange.method)
  block += encoder.field(':scheme', scheme)
  block += encoder.field(':authority', hostFor(exchange, target))
  block += encoder.field(':path', exchange.hasQuery ? `${path}?${exchange.rawQuery}` : path)
  const { body } = exchange
  if (body === null) {
    const { method } = exchange
    if (method === 'POST' || method === 'PUT' || method === 'PATCH') block += encoder.field('content-length', '0')
  } else if (body.length >= 0) {
    block += encoder.field('content-length', String(body.length))
  }
  return addFields(block, encoder, exchange, target.passesProxyAuthorization)
}

function addFields(start: string, encoder: HpackEncoder, exchange: Exchange, passesProxyAuthorization: boolean): Http2RequestHead {
  const { keys, values } = exchange.headers
  const listed = connectionListed(exchange.headers)
  let block = start
  let asksForGzip = exchange.method !== 'HEAD'
  let forwardedFor: string | null = null
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]!
    if (key === '' || (listed !== null && listed.includes(key))) continue
    if (isConnectionField(key) && !(passesProxyAuthorization && key === 'proxy-authorization')) continue
    const value = values[index]!
    if (key === 'te') {
      if (hasToken(value, 'trailers')) block += encoder.field('te', 'trailers')
      continue
    }
    if (key === 'x-forwarded-for' && !exchange.suppressForwardedFor) {
      forwardedFor = forwardedFor === null ? value : `${forwardedFor}, ${value}`
      continue
    }
    // The type of gRPC says that bodies are not to be packed by anybody on the way.
    if (key === 'range' || (key === 'accept-encoding' && value !== '') || (key === 'content-type' && value.startsWith('application/grpc')))
      asksForGzip = false
    block += encoder.field(key, value)
  }
  if (!exchange.suppressForwardedFor) {
    const { remoteIp } = exchange.connection
    block += encoder.field('x-forwarded-for', forwardedFor === null ? remoteIp : `${forwardedFor}, ${remoteIp}`)
  }
  if (asksForGzip) block += encoder.field('accept-encoding', 'gzip')
  return { block, asksForGzip }
}

function isConnectionField(key: string): boolean {
  switch (key.length) {
    case 4:
      return key === 'host'
    case 7:
      return key === 'upgrade'
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
