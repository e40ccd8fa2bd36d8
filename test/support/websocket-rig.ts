/** WebSockets of the `ws` package on both ends of a router, over HTTP/1.1 or on a stream of HTTP/2 (RFC 8441). */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'

/** The server's end of each socket, in the order in which they came. */
export class WebSocketBackend {
  readonly ends: WebSocket[] = []
  /** The connection below each. */
  readonly sockets: Socket[] = []
  readonly server: Server
  #wake: () => void = () => {}

  private constructor(server: Server) {
    this.server = server
  }

  /** Starts a server; everything it has open ends with the test. */
  static async start(t: Pick<TestContext, 'after'>, answer: (socket: WebSocket) => void = echo): Promise<WebSocketBackend> {
    const server = createServer((_request, response) => response.end('plain'))
    const backend = new WebSocketBackend(server)
    const sockets = new WebSocketServer({ server, perMessageDeflate: true })
    sockets.on('connection', (socket, request) => {
      socket.on('error', () => {})
      answer(socket)
      backend.ends.push(socket)
      backend.sockets.push(request.socket)
      backend.#wake()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
      server.closeAllConnections()
    })
    return backend
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** The server's end of the socket that came as the nth, from 0. */
  async end(index: number): Promise<WebSocket> {
    for (;;) {
      const found = this.ends[index]
      if (found !== undefined) return found
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

/** Sends everything back. */
function echo(socket: WebSocket): void {
  socket.on('message', (data, binary) => socket.send(data, { binary }))
}

/** Opens a WebSocket; rejects when it is refused. */
export type OpenWebSocket = (t: Pick<TestContext, 'after'>, port: number, path: string) => Promise<WebSocket>

/** How a WebSocket comes to an entry point. */
export const openers: Readonly<Record<string, OpenWebSocket>> = {
  'HTTP/1.1': async (t, port, path) => opened(t, new WebSocket(`ws://127.0.0.1:${port}${path}`)),
  'HTTP/2': async (t, port, path) => {
    const session = connect(`http://127.0.0.1:${port}`)
    session.on('error', () => {})
    t.after(() => session.destroy())
    await once(session, 'remoteSettings')
    return openedOn(t, session, path)
  },
}

async function opened(t: Pick<TestContext, 'after'>, socket: WebSocket): Promise<WebSocket> {
  t.after(() => socket.terminate())
  await once(socket, 'open')
  socket.on('error', () => {})
  return socket
}

/** Opens a WebSocket on a stream of a connection that is there. */
export async function openedOn(t: Pick<TestContext, 'after'>, session: ClientHttp2Session, path: string): Promise<WebSocket> {
  const fields = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': path, 'sec-websocket-version': '13' }
  const stream = session.request(fields, { endStream: false })
  const [headers]: { ':status'?: number }[] = await once(stream, 'response')
  assert.equal(headers?.[':status'], 200)
  stream.on('error', () => {})
  // What `ws` does itself once the answer to its request has come.
  const socket: unknown = Reflect.construct(WebSocket, [null, undefined, { autoPong: true, closeTimeout: 30_000 }])
  assert.ok(socket instanceof WebSocket)
  Reflect.set(socket, '_isServer', false)
  const setSocket: unknown = Reflect.get(socket, 'setSocket')
  assert.ok(typeof setSocket === 'function')
  Reflect.apply(setSocket, socket, [stream, Buffer.alloc(0), { maxPayload: 1 << 30, allowSynchronousEvents: true }])
  t.after(() => socket.terminate())
  socket.on('error', () => {})
  return socket
}
