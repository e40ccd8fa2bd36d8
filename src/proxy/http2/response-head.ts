/** Heads of answers to clients, as field blocks. */
import type { Exchange } from '../http/exchange.ts'
import type { HeaderList } from '../http/header-list.ts'
import { dateValue } from '../http1/serialize.ts'
import type { HpackEncoder } from './hpack-encoder.ts'

/** Whether a field belongs to a connection of HTTP/1.1, or to framing that is written by whoever owns the connection. */
function isConnectionField(key: string): boolean {
  switch (key.length) {
    case 0:
      return true
    case 7:
      return key === 'upgrade'
    case 10:
      return key === 'connection' || key === 'keep-alive'
    case 14:
      return key === 'content-length'
    case 16:
      return key === 'proxy-connection'
    case 17:
      return key === 'transfer-encoding'
    default:
      return false
  }
}

/** The block of a final answer. */
export function finalHead(encoder: HpackEncoder, exchange: Exchange): string {
  const { status, responseHeaders } = exchange
  // 304 describes no content (RFC 9110 §15.4.5); the type may come from a middleware that sets it on every answer.
  if (status === 304) responseHeaders.delete('content-type')
  let block = headOf(encoder, status, responseHeaders)
  if (!responseHeaders.keys.includes('date')) block += encoder.field('date', dateValue(Date.now()))
  // A bodyless answer may tell the length that another one would have, but 204 must not (RFC 9110 §8.6).
  if (exchange.responseLength >= 0 && status !== 204) block += encoder.field('content-length', String(exchange.responseLength))
  return block
}

/** The block of an interim answer, or the start of another. */
export function headOf(encoder: HpackEncoder, status: number, headers: HeaderList): string {
  const { keys, values } = headers
  let block = encoder.start() + encoder.status(status)
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]!
    if (!isConnectionField(key)) block += encoder.field(key, values[index]!)
  }
  return block
}
