/** Clients over TLS: one connection each, HTTP/1.1 or HTTP/2, so that a test can choose server name and host apart from each other. */
import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'

/** An answer, as far as tests of TLS look at it. */
export interface SecureAnswer {
  readonly status: number
  readonly body: string
}

/** Opens a connection; rejects when the server refuses it, be it behind the handshake. */
export async function openTls(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  return socket
}

/** A connection that speaks HTTP/1.1. */
export class SecureClient {
  readonly socket: TLSSocket
  #received = ''
  #wake: () => void = () => {}
  #isOver = false

  private constructor(socket: TLSSocket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#wake()
    })
    const over = (): void => {
      this.#isOver = true
      this.#wake()
    }
    socket.on('error', over)
    socket.on('close', over)
  }

  static async open(port: number, options: ConnectionOptions): Promise<SecureClient> {
    return new SecureClient(await openTls(port, { ALPNProtocols: ['http/1.1'], ...options }))
  }

  /** Asks for `/` of a host; rejects when the connection ends before the answer. */
  async ask(host: string): Promise<SecureAnswer> {
    this.#received = ''
    this.socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    for (;;) {
      const match = /^HTTP\/1\.1 (\d+)[^]*?\r\ncontent-length: (\d+)[^]*?\r\n\r\n([^]*)$/i.exec(this.#received)
      if (match !== null && (match[3] ?? '').length >= Number(match[2])) return { status: Number(match[1]), body: match[3] ?? '' }
      if (this.#isOver) throw new Error('the connection ended before the answer')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  close(): void {
    this.socket.destroy()
  }
}

/** A connection that speaks HTTP/2. */
export class SecureHttp2Client {
  readonly #session: ClientHttp2Session

  private constructor(session: ClientHttp2Session) {
    this.#session = session
    session.on('error', () => {})
  }

  static async open(port: number, options: ConnectionOptions): Promise<SecureHttp2Client> {
    const socket = await openTls(port, { ALPNProtocols: ['h2'], ...options })
    socket.on('error', () => {})
    return new SecureHttp2Client(connectHttp2('https://unused', { createConnection: () => socket }))
  }

  /** Asks for `/` of a host; rejects when the connection ends before the answer. */
  ask(host: string): Promise<SecureAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<SecureAnswer>()
    const stream = this.#session.request({ ':authority': host, ':path': '/' })
    let status = 0
    let body = ''
    stream.setEncoding('latin1')
    stream.on('response', (headers) => (status = headers[':status'] ?? 0))
    stream.on('data', (text: string) => (body += text))
    stream.on('error', reject)
    stream.on('close', () => (status === 0 ? reject(new Error('the stream ended before the answer')) : resolve({ status, body })))
    stream.end()
    return promise
  }

  close(): void {
    this.#session.destroy()
  }
}
