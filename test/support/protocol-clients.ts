/** Clients that ask the same over each protocol that an entry point speaks, one connection each. */
import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { openTls } from './tls-client.ts'

/** What is asked. */
export interface ProtocolQuestion {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Announces a body of ten bytes and sends five. */
  readonly stopsInBody?: boolean
}

/** What is answered. */
export interface ProtocolAnswer {
  /** 0 when the request was cut before its answer. */
  readonly status: number
  readonly body: string
  /** False when the answer was cut. */
  readonly isWhole: boolean
}

/** A connection. */
export interface ProtocolClient {
  ask(question?: ProtocolQuestion): Promise<ProtocolAnswer>
  /** The server has ended the connection, or said that it takes no more requests. */
  readonly over: Promise<void>
  close(): void
}

/** HTTP/1.1 as text, so that nothing is mended on its way. */
class TextClient implements ProtocolClient {
  readonly over: Promise<void>
  readonly #socket: Socket
  #received = ''
  #isOver = false
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    this.#socket = socket
    const { promise, resolve } = Promise.withResolvers<void>()
    this.over = promise
    const over = (): void => {
      this.#isOver = true
      this.#wake()
      resolve()
    }
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1')
      this.#wake()
    })
    for (const event of ['end', 'close', 'error']) socket.on(event, over)
  }

  async ask({
    method = 'GET',
    path = '/',
    host = 'a.local',
    headers = {},
    stopsInBody = false,
  }: ProtocolQuestion = {}): Promise<ProtocolAnswer> {
    this.#received = ''
    const fields = Object.entries({ ...headers, ...(stopsInBody ? { 'Content-Length': '10' } : {}) })
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.#socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n${stopsInBody ? 'hello' : ''}`)
    for (;;) {
      const match = /^HTTP\/1\.1 (\d+)[^]*?\r\n\r\n([^]*)$/.exec(this.#received)
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1] ?? Number.NaN)
      const body = match?.[2] ?? ''
      const isWhole = body.length === length || body.endsWith('\r\n0\r\n\r\n')
      if (match !== null && (isWhole || this.#isOver)) return { status: Number(match[1]), body, isWhole }
      if (this.#isOver) return { status: 0, body: '', isWhole: false }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** HTTP/2 by Node's client. */
class FrameClient implements ProtocolClient {
  readonly over: Promise<void>
  readonly #session: ClientHttp2Session
  readonly #scheme: string

  constructor(session: ClientHttp2Session, scheme: string) {
    this.#session = session
    this.#scheme = scheme
    session.on('error', () => {})
    this.over = new Promise((resolve) => {
      for (const event of ['goaway', 'close']) session.once(event, () => resolve())
    })
  }

  ask({ method = 'GET', path = '/', host = 'a.local', headers = {}, stopsInBody = false }: ProtocolQuestion = {}): Promise<ProtocolAnswer> {
    const target = method === 'CONNECT' ? {} : { ':scheme': this.#scheme, ':path': path }
    const length = stopsInBody ? { 'content-length': '10' } : {}
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const { promise, resolve } = Promise.withResolvers<ProtocolAnswer>()
    if (this.#session.closed || this.#session.destroyed) return Promise.resolve({ status: 0, body: '', isWhole: false })
    const stream = this.#session.request(
      { ':method': method, ':authority': host, ...target, ...lower, ...length },
      { endStream: !stopsInBody && method !== 'CONNECT' },
    )
    if (stopsInBody) stream.write('hello')
    let [status, body, isWhole] = [0, '', false]
    stream.setEncoding('latin1')
    stream.on('response', (fields: IncomingHttpHeaders & { ':status'?: number }) => (status = fields[':status'] ?? 0))
    stream.on('data', (text: string) => (body += text))
    stream.on('end', () => (isWhole = stream.rstCode === 0 && status !== 0))
    stream.on('error', () => {})
    stream.on('end', () => stream.close())
    stream.on('close', () => resolve({ status, body, isWhole }))
    return promise
  }

  close(): void {
    this.#session.destroy()
  }
}

async function plainSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** How each protocol is spoken on a port that takes all of them. */
export const protocols: Readonly<Record<string, { readonly scheme: string; readonly open: (port: number) => Promise<ProtocolClient> }>> = {
  'HTTP/1.1': { scheme: 'http', open: async (port) => new TextClient(await plainSocket(port)) },
  'HTTP/1.1 on TLS': {
    scheme: 'https',
    open: async (port) => new TextClient(await openTls(port, { servername: 'a.local', ALPNProtocols: ['http/1.1'] })),
  },
  'HTTP/2 on TLS': {
    scheme: 'https',
    open: async (port) => {
      const socket = await openTls(port, { servername: 'a.local', ALPNProtocols: ['h2'] })
      return new FrameClient(connectHttp2('https://a.local', { createConnection: () => socket }), 'https')
    },
  },
  'h2c': { scheme: 'http', open: async (port) => new FrameClient(connectHttp2(`http://127.0.0.1:${port}`), 'http') },
}
