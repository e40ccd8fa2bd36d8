/** Counterparts of TCP and UDP routers: servers that note what they get, and clients that say things and listen. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { issueCertificate } from './certificates.ts'
import { until } from './until.ts'

type Test = Pick<TestContext, 'after'>

/** A TCP server; each connection is in `connections`. */
export interface StreamServer {
  readonly address: string
  readonly port: number
  readonly connections: Talk[]
  close(): Promise<void>
}

/** One end of a connection: what came in so far, and how it ended. */
export class Talk {
  readonly socket: Socket
  #received = ''
  hasEnded = false
  isClosed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.allowHalfOpen = true
    socket.on('data', (chunk: Buffer) => (this.#received += chunk.toString('latin1')))
    socket.on('end', () => (this.hasEnded = true))
    socket.on('close', () => (this.isClosed = true))
    socket.on('error', () => {})
  }

  get received(): string {
    return this.#received
  }

  say(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Waits until so much has come, and gives all that has. */
  async hears(text: string): Promise<string> {
    await until(`hears ${JSON.stringify(text)}, not ${JSON.stringify(this.#received)}`, () => this.#received.includes(text))
    return this.#received
  }

  /** Waits for the end of the connection, and gives all that came. */
  async closed(): Promise<string> {
    await until('the connection closes', () => this.isClosed || this.hasEnded)
    return this.#received
  }
}

/** Starts a TCP server that does with its connections what it is told. */
export async function startStreamServer(t: Test, onConnection: (talk: Talk) => void = echo): Promise<StreamServer> {
  const connections: Talk[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const talk = new Talk(socket)
    connections.push(talk)
    onConnection(talk)
  })
  return listening(t, server, connections)
}

/** Starts a TLS server with a certificate for a name. */
export async function startTlsStreamServer(t: Test, name: string, onConnection: (talk: Talk) => void = echo): Promise<StreamServer> {
  const { certificate, key } = issueCertificate({ commonName: name, names: [name] })
  const connections: Talk[] = []
  const server = createTlsServer({ cert: certificate, key }, (socket) => {
    const talk = new Talk(socket)
    connections.push(talk)
    onConnection(talk)
  })
  return listening(t, server, connections)
}

async function listening(t: Test, server: ReturnType<typeof createServer>, connections: Talk[]): Promise<StreamServer> {
  // Below TLS too: a handshake that never ends must not keep the server.
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    for (const { socket } of connections) socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  t.after(close)
  return { address: `127.0.0.1:${port}`, port, connections, close }
}

function echo(talk: Talk): void {
  talk.socket.on('data', (chunk: Buffer) => talk.socket.write(chunk))
  talk.socket.on('end', () => talk.socket.end())
}

/** Connects. */
export async function dialStream(t: Test, port: number, localAddress?: string): Promise<Talk> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) })
  t.after(() => socket.destroy())
  const talk = new Talk(socket)
  await once(socket, 'connect')
  return talk
}

/** Connects with TLS, trusting whoever answers, perhaps on top of a connection; tells whose certificate it was. */
export async function dialTlsStream(
  t: Test,
  port: number,
  servername: string,
  more: { readonly over?: Socket; readonly alpn?: string[] } = {},
): Promise<{ readonly talk: Talk; readonly certificate: string }> {
  const socket: TLSSocket = connectTls({
    ...(more.over === undefined ? { port, host: '127.0.0.1' } : { socket: more.over }),
    ...(servername === '' ? {} : { servername }),
    ...(more.alpn === undefined ? {} : { ALPNProtocols: more.alpn }),
    rejectUnauthorized: false,
  })
  t.after(() => socket.destroy())
  const talk = new Talk(socket)
  await once(socket, 'secureConnect')
  return { talk, certificate: String(socket.getPeerCertificate().subject.CN) }
}

/** A UDP socket that notes what comes, with the address that it came from. */
export class UdpTalk {
  readonly socket: UdpSocket
  readonly received: { readonly bytes: Buffer; readonly address: string; readonly port: number }[] = []

  private constructor(socket: UdpSocket) {
    this.socket = socket
  }

  /** Binds, and does with each datagram what it is told. */
  static async bind(
    t: Test,
    onDatagram: (talk: UdpTalk, bytes: Buffer, port: number, address: string) => void = () => {},
    localAddress = '127.0.0.1',
  ): Promise<UdpTalk> {
    const socket = createSocket('udp4')
    const talk = new UdpTalk(socket)
    socket.on('message', (bytes, { address, port }) => {
      talk.received.push({ bytes, address, port })
      onDatagram(talk, bytes, port, address)
    })
    socket.bind(0, localAddress)
    await once(socket, 'listening')
    t.after(() => talk.close())
    return talk
  }

  get port(): number {
    return this.socket.address().port
  }

  get texts(): string[] {
    return this.received.map(({ bytes }) => bytes.toString('latin1'))
  }

  say(text: string | Buffer, port: number, address = '127.0.0.1'): void {
    this.socket.send(text, port, address)
  }

  /** Says something until there is an answer, since datagrams may be lost; gives the newest. */
  async asks(text: string | Buffer, port: number, address = '127.0.0.1'): Promise<string> {
    const before = this.received.length
    this.say(text, port, address)
    await until(`an answer to ${String(text).slice(0, 20)}`, () => this.received.length > before)
    return this.texts.at(-1) ?? ''
  }

  close(): void {
    try {
      this.socket.close()
    } catch {
      // Closed already.
    }
  }
}

/** A UDP server that answers with its name in front of what it got. */
export async function startUdpServer(t: Test, name: string): Promise<UdpTalk & { readonly address: string }> {
  const talk = await UdpTalk.bind(t, (own, bytes, port, address) =>
    own.socket.send(Buffer.concat([Buffer.from(`${name}:`), bytes]), port, address),
  )
  return Object.assign(talk, { address: `127.0.0.1:${talk.port}` })
}
