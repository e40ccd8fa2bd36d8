/**
 * Requests on a real connection through an entry point's pipeline and middlewares, up to the head that a server would get. In the place of the
 * server stands a handler that notes the head and answers as the test says.
 */
import assert from 'node:assert/strict'
import { type EntryPoint, entryPoint } from '../../src/config/install/entry-points.ts'
import { httpMiddlewares as middlewareOptions } from '../../src/config/routing/middlewares.ts'
import { decodeTree } from '../../src/config/schema/decode.ts'
import type { TSchema } from '../../src/config/schema/kit.ts'
import type { EntryPointPlan, GlobalPlan } from '../../src/generation/plan.ts'
import { buildEntryPointPipeline } from '../../src/proxy/http/entry-point.ts'
import type { Exchange, Handler } from '../../src/proxy/http/exchange.ts'
import type { MiddlewareContext, PasswordChecker } from '../../src/proxy/http/middleware.ts'
import { respondText } from '../../src/proxy/http/respond.ts'
import { httpMiddlewares } from '../../src/proxy/middlewares/http/middlewares.ts'
import { requestHead } from '../../src/proxy/upstream/request-head.ts'
import { parseServerUrl } from '../../src/proxy/upstream/server-url.ts'
import { UpstreamTarget } from '../../src/proxy/upstream/target.ts'
import { Http1Rig } from './http1-rig.ts'
import { testMiddlewareContext } from './middleware-context.ts'
import { testTransport } from './upstream-rig.ts'

/** A message as it stood on the wire. */
export interface Message {
  /** Request line, or status line. */
  readonly line: string
  /** Lower-case names, in order. */
  readonly fields: readonly (readonly [string, string])[]
  readonly body: string
}

/** What came of a request. */
export interface Answer extends Message {
  readonly status: number
  /** What a server would have got; null when the request did not get that far. */
  readonly seen: Message | null
  readonly exchange: Exchange | null
}

/** How a rig differs from a plain entry point with nothing in front of the server. */
export interface RigSetup {
  /** Options of the entry point, as configured. */
  readonly entryPoint?: unknown
  /** Middlewares, as configured: `{ addPrefix: { prefix: '/a' } }`. */
  readonly middlewares?: readonly Readonly<Record<string, unknown>>[]
  /** Stands between the pipeline and the server, in place of middlewares. */
  readonly route?: (exchange: Exchange, forward: Handler) => void | Promise<void>
  /** Makes the server's answer; 200 with `ok` when absent. */
  readonly reply?: Handler
  readonly passwords?: PasswordChecker
  /** What middlewares are built with, in place of the usual. */
  readonly context?: Partial<MiddlewareContext>
  readonly isTls?: boolean
}

const testGlobal: GlobalPlan = {
  hostname: 'box',
  accessLog: null,
  passRequestTrailers: false,
  hostResolver: null,
  lifeCycle: { terminatingStatus: 503 },
}

/** An entry point's plan from its options as configured. */
export function testEntryPoint(options: unknown = {}): EntryPointPlan {
  const { value, problems } = decodeTree(entryPoint, options, { source: 'file' })
  assert.deepEqual(problems, [])
  const config: EntryPoint = value
  return { name: 'web', host: '', port: 80, protocol: 'tcp', reusePort: false, descriptors: [], config, counters: 0, connections: 0 }
}

/** Checks the options of a middleware as the control plane does; Traefik's text about what is wrong with them, or the decoded options. */
export function checkMiddleware(configured: Readonly<Record<string, unknown>>): { readonly error?: string; readonly options: unknown } {
  const [[key, given] = ['', undefined]] = Object.entries(configured)
  const kind = middlewareOptions.find((each) => each.key === key)
  assert.ok(kind !== undefined, key)
  const schema: TSchema = kind.options
  const { value, problems } = decodeTree(schema, given, { source: 'file' })
  const errors = problems.filter((problem) => problem.severity === 'error')
  assert.deepEqual(errors, [], key)
  const checked: { check?(options: never): string | undefined } = kind
  const error = checked.check?.(value as never)
  return error === undefined ? { options: value } : { error, options: value }
}

function buildChain(setup: RigSetup, target: Handler): Handler {
  let handler = target
  for (const configured of (setup.middlewares ?? []).toReversed()) {
    const { error, options } = checkMiddleware(configured)
    assert.equal(error, undefined)
    const [key = ''] = Object.keys(configured)
    const module = httpMiddlewares.find((each) => each.key === key)
    assert.ok(module !== undefined, key)
    const kind: { sharedBytes?(options: unknown): number } | undefined = middlewareOptions.find((each) => each.key === key)
    const context = testMiddlewareContext({
      name: `${key}@test`,
      shared: new SharedArrayBuffer(kind?.sharedBytes?.(options) ?? 0),
      ...(setup.passwords === undefined ? {} : { passwords: setup.passwords }),
      service: () => target,
      ...setup.context,
    })
    handler = module.create(options, context)(handler)
  }
  return handler
}

/** Stands in the place of the server. */
class NotingServer {
  seen: Message | null = null
  readonly handler: Handler

  constructor(reply: Handler | undefined) {
    const url = 'http://10.0.0.1:81'
    const options = { preservePath: false, passHostHeader: true, transport: testTransport() }
    const target = new UpstreamTarget(url, parseServerUrl(url), null, options)
    this.handler = (exchange) => {
      this.seen = parseMessage(requestHead(exchange, target))
      if (reply !== undefined) return reply(exchange)
      respondText(exchange, 200, 'ok', null)
      return undefined
    }
  }
}

/** A listening entry point with middlewares. */
export class MiddlewareRig {
  readonly #rig: Http1Rig
  readonly #server: NotingServer

  private constructor(rig: Http1Rig, server: NotingServer) {
    this.#rig = rig
    this.#server = server
  }

  static async start(setup: RigSetup = {}): Promise<MiddlewareRig> {
    const server = new NotingServer(setup.reply)
    const { route } = setup
    const chain =
      route === undefined
        ? buildChain(setup, server.handler)
        : (exchange: Exchange): void | Promise<void> => route(exchange, server.handler)
    const handler = buildEntryPointPipeline(testEntryPoint(setup.entryPoint), testGlobal, chain)
    const rig = await Http1Rig.listen('socket', (exchange) => {
      if (setup.isTls === true) exchange.scheme = 'https'
      return handler(exchange)
    })
    return new MiddlewareRig(rig, server)
  }

  /** Sends a request with `\n` for line ends, the empty line added; the connection is closed after the answer. */
  async ask(request: string): Promise<Answer> {
    const [line = '', ...fields] = request.split('\n')
    const host = fields.some((field) => /^host:/i.test(field)) ? [] : ['Host: a.local']
    const close = fields.some((field) => /^connection:/i.test(field)) ? [] : ['Connection: close']
    return this.send(`${[line.includes(' HTTP/') ? line : `${line} HTTP/1.1`, ...host, ...fields, ...close].join('\r\n')}\r\n\r\n`)
  }

  /** Sends these very bytes and takes one answer. */
  async send(bytes: string): Promise<Answer> {
    this.#server.seen = null
    const client = this.#rig.client()
    const before = this.#rig.exchanges.length
    client.send(bytes)
    await client.until(() => client.ended || client.closed || isComplete(client.text))
    client.socket.destroy()
    const answer = parseMessage(client.text)
    return { ...answer, status: Number(answer.line.split(' ')[1]), seen: this.#server.seen, exchange: this.#rig.exchanges[before] ?? null }
  }

  close(): void {
    this.#rig.close()
  }
}

function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))
  return length !== null && text.length >= end + 4 + Number(length[1])
}

function parseMessage(text: string): Message {
  const end = text.indexOf('\r\n\r\n')
  const [line = '', ...lines] = text.slice(0, end).split('\r\n')
  const fields = lines.map((field): [string, string] => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
  })
  return { line, fields, body: text.slice(end + 4) }
}

/** Values of a field, by lower-case name. */
export function valuesOf(message: Message | null, name: string): string[] {
  return (message?.fields ?? []).filter(([key]) => key === name).map(([, value]) => value)
}

/** Fields of an answer that a test can foresee, sorted. */
export function fieldsOf(message: Message): string[] {
  const own = new Set(['date', 'connection', 'content-length'])
  return message.fields
    .filter(([name]) => !own.has(name))
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted()
}

/** Request target that a server would have got. */
export function targetOf(answer: Answer): string | null {
  return answer.seen?.line.split(' ')[1] ?? null
}
