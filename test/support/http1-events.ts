/** Runs an HTTP/1.1 parser over segments and writes down what it yields. */
import { http1Event, type MessageParser } from '../../src/proxy/http1/message-parser.ts'
import { RequestParser } from '../../src/proxy/http1/request-parser.ts'
import { ResponseParser } from '../../src/proxy/http1/response-parser.ts'

/** A message as a parser gave it. */
export interface SeenMessage {
  head: Record<string, unknown>
  headers: [string, string][]
  body: string
  trailers: [string, string][] | null
  ended: boolean
}

/** What a parser made of its input. */
export interface SeenInput {
  messages: SeenMessage[]
  /** Text of the failure, '' when there is none. */
  failure: string
  status: number
  rest: number
}

/** Feeds all segments, then the end of the input when asked to. The memory of a segment is spoilt as soon as it is used, as a shared buffer would be. */
export function readMessages(parser: MessageParser, segments: readonly (string | Buffer)[], ends = false): SeenInput {
  const messages: SeenMessage[] = []
  for (const segment of segments) {
    const chunk = typeof segment === 'string' ? Buffer.from(segment, 'latin1') : Buffer.from(segment)
    parser.push(chunk)
    while (takeEvent(parser, parser.next(), messages));
    parser.retain()
    chunk.fill(0x23)
  }
  if (ends) takeEvent(parser, parser.endOfInput(), messages)
  return { messages, failure: parser.failure?.text ?? '', status: parser.failure?.status ?? 0, rest: parser.buffered }
}

function takeEvent(parser: MessageParser, event: number, messages: SeenMessage[]): boolean {
  const last = messages.at(-1)
  switch (event) {
    case http1Event.head:
      messages.push({ head: headOf(parser), headers: [...parser.headers], body: '', trailers: null, ended: false })
      return true
    case http1Event.body:
      if (last === undefined || last.ended) throw new Error('body without a head')
      if (parser.chunk.length === 0) throw new Error('empty body chunk')
      last.body += parser.chunk.latin1Slice()
      return true
    case http1Event.end:
      if (last === undefined || last.ended) throw new Error('end without a head')
      last.ended = true
      last.trailers = parser.trailers === null ? null : [...parser.trailers]
      return true
    default:
      return false
  }
}

function headOf(parser: MessageParser): Record<string, unknown> {
  const common = {
    minorVersion: parser.minorVersion,
    bodyLength: parser.bodyLength,
    isChunked: parser.isChunked,
    keepAlive: parser.keepAlive,
  }
  if (parser instanceof RequestParser) {
    const { method, path, query, hasQuery, host, upgrade, expectation } = parser
    return { ...common, method, path, query, hasQuery, host, upgrade, expectation }
  }
  if (parser instanceof ResponseParser) return { ...common, status: parser.status, statusText: parser.statusText }
  return common
}

/** Cuts a text into segments at these places (taken modulo its length). */
export function cut(text: string, places: readonly number[]): string[] {
  const sorted = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  const segments: string[] = []
  let from = 0
  for (const place of sorted) {
    if (place > from) segments.push(text.slice(from, place))
    from = Math.max(from, place)
  }
  if (from < text.length) segments.push(text.slice(from))
  return segments
}
