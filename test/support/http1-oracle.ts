/**
 * Node's own HTTP/1.1 parser as an oracle for ours. Both read the same bytes; whatever both accept must be the same messages, since a
 * difference is how requests are smuggled. What only one of them accepts is told by kind, so that a test can say which kinds are meant.
 */
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { defaultHttp1Limits } from '../../src/proxy/http1/limits.ts'
import { RequestParser } from '../../src/proxy/http1/request-parser.ts'
import { ResponseParser } from '../../src/proxy/http1/response-parser.ts'
import { cut, readMessages, type SeenMessage } from './http1-events.ts'

/** A message in a form that both parsers can be compared in. */
export interface PlainMessage {
  start: string
  fields: string[]
  body: string
  trailers: string[]
}

/** What a parser made of its input: the messages that were complete, and the code of the failure or ''. */
export interface Reading {
  messages: PlainMessage[]
  failure: string
}

/** Memory as a connection: what is put in comes out, what is written is dropped. */
class MemorySocket extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done()
  }
}

/** Fields that our parser takes out of the list or that say the same in another way. */
const apart = new Set(['host', 'transfer-encoding'])

function plainFields(pairs: readonly (readonly [string, string])[]): string[] {
  return pairs.filter(([name]) => !apart.has(name.toLowerCase())).map(([name, value]) => `${name}: ${value}`)
}

function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
  return pairs
}

function plain({ head, headers, body, trailers }: SeenMessage): PlainMessage {
  const { method, path, query, hasQuery, status } = head
  const start =
    status === undefined ? `${String(method)} ${String(path)}${hasQuery === true ? `?${String(query)}` : ''}` : JSON.stringify(status)
  return { start, fields: plainFields(headers), body, trailers: plainFields(trailers ?? []) }
}

/** Reads requests with our parser. */
export function readRequests(segments: readonly string[]): Reading {
  const { messages, failure } = readMessages(new RequestParser(defaultHttp1Limits), segments, true)
  return { messages: messages.filter(({ ended }) => ended).map(plain), failure }
}

/** Reads the answer to one request with our parser; informational ones are left out. */
export function readAnswer(segments: readonly string[], method: string): Reading {
  const parser = new ResponseParser()
  parser.expect(method)
  const { messages, failure } = readMessages(parser, segments, true)
  return {
    messages: messages
      .filter(({ ended }) => ended)
      .slice(0, 1)
      .map(plain),
    failure,
  }
}

/** Collects a message and tells when it is complete; one that breaks off never is. */
function collect(message: IncomingMessage, start: string, done: (message: PlainMessage) => void): void {
  let body = ''
  message.setEncoding('latin1')
  message.on('error', () => {})
  message.on('data', (chunk: string) => (body += chunk))
  message.on('end', () => {
    if (message.complete) {
      done({ start, fields: plainFields(pairsOf(message.rawHeaders)), body, trailers: plainFields(pairsOf(message.rawTrailers)) })
    }
  })
}

/** Turns of the event loop after which everything that was put into memory has been read. */
const turnsMax = 40

/** A server of Node's that is given memory instead of connections. */
export class NodeOracle {
  readonly #server: Server
  #messages: (PlainMessage | null)[] = []
  #failure = ''
  #isOver = false

  constructor() {
    const server = createServer({ requestTimeout: 0, headersTimeout: 0, maxHeaderSize: 1 << 20, requireHostHeader: false })
    this.#server = server
    const onRequest = (message: IncomingMessage): void => {
      // Each reading has a list of its own, in case an event of the one before comes late.
      const messages = this.#messages
      const index = messages.push(null) - 1
      collect(message, `${message.method} ${message.url}`, (whole) => (messages[index] = whole))
    }
    server.on('request', onRequest)
    server.on('checkContinue', onRequest)
    server.on('checkExpectation', onRequest)
    server.on('connect', () => (this.#failure = 'CONNECT'))
    server.on('clientError', (error: NodeJS.ErrnoException) => {
      this.#failure = error.code ?? 'unknown'
      this.#isOver = true
    })
  }

  /** Reads requests with Node's parser. */
  async readRequests(text: string): Promise<Reading> {
    const messages: (PlainMessage | null)[] = []
    this.#messages = messages
    this.#failure = ''
    this.#isOver = false
    const socket = new MemorySocket()
    this.#server.emit('connection', socket)
    socket.push(Buffer.from(text, 'latin1'))
    // The end comes later, since Node drops what it has not handed out when the connection ends.
    for (let turn = 0; turn < turnsMax && !this.#isOver; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      if (turn > 4 && messages.length > 0 && messages.every((message) => message !== null)) break
    }
    socket.push(null)
    await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
    const firstBroken = messages.indexOf(null)
    const complete = (firstBroken < 0 ? messages : messages.slice(0, firstBroken)).filter((message) => message !== null)
    return { messages: complete, failure: this.#failure }
  }

  /** Reads the answer to one request with Node's parser. */
  async readAnswer(text: string, method: string): Promise<Reading> {
    const socket = new MemorySocket()
    return new Promise((resolve) => {
      // A memory stands in for a socket, as Node allows.
      const asked = request({
        method,
        createConnection: () => socket as unknown as Socket,
        path: '/',
        maxHeaderSize: 1 << 20,
      })
      asked.on('error', (error: NodeJS.ErrnoException) => resolve({ messages: [], failure: error.code ?? 'unknown' }))
      asked.on('upgrade', () => resolve({ messages: [], failure: 'upgrade' }))
      asked.on('response', (message) => {
        collect(message, String(message.statusCode), (whole) => resolve({ messages: [whole], failure: '' }))
        message.on('close', () => resolve({ messages: [], failure: 'cut' }))
      })
      asked.end()
      socket.push(Buffer.from(text, 'latin1'))
      socket.push(null)
    })
  }
}

// What is fed to both.

const names = fc.constantFrom(
  'A',
  'X-Long-Name',
  'accept',
  'x_y',
  'Connection',
  'Content-Length',
  'Transfer-Encoding',
  'Expect',
  'Trailer',
  'Cookie',
)
const values = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('b', 'some longer value', '*/*', 'keep-alive', '3', '0', 'chunked', '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'close',
      'b\tc',
      ' padded ',
      '3, 3',
      '+3',
      'chunked, gzip',
      'gzip, chunked',
      '\xfc',
      'x\x0b',
      '100-continue',
      'a: b',
    ),
  },
)
const field = fc.tuple(names, values).map(([name, value]) => `${name}: ${value}\r\n`)
const chunk = fc.constantFrom('3\r\nabc\r\n', '03;x=y\r\nabc\r\n', 'A\r\n0123456789\r\n', '1;a="b;c"\r\nx\r\n')
const chunks = fc
  .tuple(fc.array(chunk, { maxLength: 3 }), fc.constantFrom('0\r\n\r\n', '0\r\nX-T: u\r\n\r\n', '000;e\r\n\r\n'))
  .map(([some, end]) => some.join('') + end)
const framed = fc.oneof(
  fc.constant('\r\n'),
  fc.constant('Content-Length: 3\r\n\r\nabc'),
  chunks.map((body) => `Transfer-Encoding: chunked\r\n\r\n${body}`),
  fc.tuple(field, chunks).map(([one, body]) => `${one}\r\n${body}`),
)
const methods = fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH')
const targets = fc.constantFrom('/', '/a/b?c=d', '/?', '/%2f', '*', '/x#y', '//h/x')
const requestText = fc
  .tuple(methods, targets, fc.constantFrom('1.1', '1.1', '1.1', '1.0'), fc.array(field, { maxLength: 4 }), framed)
  .map(([method, target, version, fields, rest]) => `${method} ${target} HTTP/${version}\r\nHost: a\r\n${fields.join('')}${rest}`)
const answerText = fc
  .tuple(
    fc.constantFrom('1.1 200 OK', '1.1 204 No', '1.1 304 Not', '1.0 200 OK', '1.1 404 Not Found', '1.1 200'),
    fc.array(field, { maxLength: 4 }),
    framed,
  )
  .map(([start, fields, rest]) => `HTTP/${start}\r\n${fields.join('')}${rest}`)

/** A change of a text at a place: bytes that parsers are known to fall out over. */
const change = fc.tuple(
  fc.nat(400),
  fc.constantFrom('', '\r', '\n', '\r\n', ' ', '\t', '\0', ':', ';', ',', '\x0b', '0', 'x', '\r\r\n', '\n\n', '\xff', 'chunked'),
  fc.nat(2),
)

function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(text, fc.array(change, { maxLength: 2 })).map(([whole, changes]) => {
    let result = whole
    for (const [place, put, taken] of changes) {
      const at = place % (result.length + 1)
      result = result.slice(0, at) + put + result.slice(at + taken)
    }
    return result
  })
}

/** Streams of one to three requests, most of them right. */
export const requestStreams = mutated(fc.array(requestText, { minLength: 1, maxLength: 3 }).map((texts) => texts.join('')))
/** Answers, most of them right. */
export const answers = mutated(answerText)
/** Places to cut at. */
export const cuts = fc.array(fc.nat(400), { maxLength: 6 })

/** Codes of Node's parser for what we take on purpose and it does not: methods and versions that it has no name for, equal lengths, blanks in chunk extensions. */
const onlyOurs = new Set([
  'HPE_INVALID_METHOD',
  'HPE_INVALID_VERSION',
  'HPE_UNEXPECTED_CONTENT_LENGTH',
  'HPE_INVALID_URL',
  'HPE_INVALID_CONSTANT',
  'HPE_CLOSED_CONNECTION',
  'HPE_STRICT',
  'CONNECT',
])

/** Differences between two readings of requests that nobody meant; '' when there are none. */
export function requestDifference(ours: Reading, theirs: Reading): string {
  const common = Math.min(ours.messages.length, theirs.messages.length)
  for (let index = 0; index < common; index += 1) {
    const [a, b] = [JSON.stringify(ours.messages[index]), JSON.stringify(theirs.messages[index])]
    if (a !== b) return `request ${index} differs:\n  ours   ${a}\n  theirs ${b}`
  }
  // We may refuse more than Node does. What we take and it refuses must be of a kind that is meant.
  if (ours.messages.length > theirs.messages.length && !onlyOurs.has(theirs.failure)) {
    return `only we take request ${common}: ${JSON.stringify(ours.messages[common])} (theirs: ${theirs.failure})`
  }
  return ''
}

/** As `requestDifference`, for answers; where either side refuses there is nothing to compare. */
export function answerDifference(ours: Reading, theirs: Reading): string {
  if (ours.messages.length === 0 || theirs.messages.length === 0) return ''
  const [a, b] = [JSON.stringify(ours.messages[0]), JSON.stringify(theirs.messages[0])]
  return a === b ? '' : `the answer differs:\n  ours   ${a}\n  theirs ${b}`
}

/** Compares both parsers over one stream of requests. */
export async function compareRequests(oracle: NodeOracle, text: string, places: readonly number[]): Promise<string> {
  return requestDifference(readRequests(cut(text, places)), await oracle.readRequests(text))
}

/** Compares both parsers over one answer. */
export async function compareAnswers(oracle: NodeOracle, text: string, places: readonly number[], method: string): Promise<string> {
  // HTTP/1.0 has no chunks: Go takes such an answer as it is, and so do we, on a connection that is not used again. Node reads chunks.
  if (text.startsWith('HTTP/1.0') && /transfer-encoding/i.test(text)) return ''
  return answerDifference(readAnswer(cut(text, places), method), await oracle.readAnswer(text, method))
}
