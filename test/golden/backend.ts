/** Servers behind the router: they note what they receive, and answer as the request or the recording says. */
import { createSocket } from 'node:dgram'
import type { Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import type { BackendSpec, Json, Reply } from './format.ts'
import { freePort } from './ports.ts'
import { headerPairs, SocketReader } from './reader.ts'
import type { HeaderPair } from './reader.ts'
import { shorten } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Takes down what a backend received. */
export type Note = (what: { [key: string]: Json }) => void

const idleTimeoutMs = 20_000
const proxyV2Signature = '\r\n\r\n\0\r\nQUIT\n'

interface Request {
  readonly method: string
  readonly target: string
  readonly version: string
  /** The last value of each header, by its name in lower case. */
  readonly last: ReadonlyMap<string, string>
}

/** One server of a group. */
export class Backend {
  readonly name: string
  port = 0
  readonly #spec: BackendSpec
  readonly #workspace: Workspace
  readonly #note: Note
  readonly #failed = new Map<number, number>()
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #udp: UdpSocket | undefined

  constructor(name: string, spec: BackendSpec, workspace: Workspace, note: Note) {
    this.name = name
    this.#spec = spec
    this.#workspace = workspace
    this.#note = note
  }

  /** Listens where the recording says, or on a port of the system's choice. */
  async start(): Promise<void> {
    const port = Number(this.#spec.port ?? 0)
    const kind = this.#spec.kind ?? 'http'
    if (kind === 'closed') {
      this.port = port || (await freePort())
      return
    }
    if (kind === 'udp') {
      this.#udp = createSocket('udp4').bind(port, '127.0.0.1')
      await once(this.#udp, 'listening')
      this.port = this.#udp.address().port
      this.#udp.on('message', (bytes, from) => {
        this.#note({ backend: this.name, udp: bytes.toString('latin1') })
        this.#udp?.send(Buffer.concat([Buffer.from(`${this.name}:`), bytes]), from.port, from.address)
      })
      return
    }
    this.#server = this.#createServer(kind === 'https' || kind === 'tls').listen(port, '127.0.0.1', 512)
    await once(this.#server, 'listening')
    const address = this.#server.address()
    this.port = address !== null && typeof address === 'object' ? address.port : 0
  }

  #createServer(secure: boolean): Server {
    const serve = (socket: Socket): void => void this.#serve(socket)
    const server = secure ? createTlsServer(this.#tlsOptions(), serve) : createServer({ allowHalfOpen: true, pauseOnConnect: true }, serve)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => this.#sockets.delete(socket))
    })
    return server
  }

  #tlsOptions(): object {
    const files = this.#workspace.certificate(this.#spec.cert ?? `${this.name}.local`)
    const options = {
      cert: readFileSync(files.certificate),
      key: readFileSync(files.key),
      ALPNProtocols: ['http/1.1'],
      allowHalfOpen: true,
    }
    if (this.#spec.clientAuth !== true) return options
    return { ...options, requestCert: true, rejectUnauthorized: true, ca: this.#workspace.authority().certificate }
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => {})
    const reader = new SocketReader(socket, idleTimeoutMs)
    try {
      if (this.#spec.expectProxy === true) await this.#proxyHeader(reader)
      if (this.#spec.kind === 'tcp' || this.#spec.kind === 'tls') await this.#tcp(socket, reader)
      else await this.#http(socket, reader)
    } catch {
      // A client that went away, or that sent what is no HTTP: nobody is there to be told.
    }
    socket.destroySoon()
  }

  async #proxyHeader(reader: SocketReader): Promise<void> {
    let head = await reader.exact(1)
    while (!head.toString('latin1').endsWith('\r\n') || proxyV2Signature.startsWith(head.toString('latin1'))) {
      if (head.length === 16 && head.toString('latin1').startsWith(proxyV2Signature)) {
        const length = head.readUInt16BE(14)
        await reader.exact(length)
        this.#note({ backend: this.name, proxy: 'v2', bytes: length })
        return
      }
      const next = await reader.exact(1)
      if (next.length === 0) return
      head = Buffer.concat([head, next])
    }
    const fields = head.toString('latin1').trim().split(/\s+/)
    this.#note({ backend: this.name, proxy: fields.slice(0, fields.length > 3 ? 4 : undefined).join(' ') })
  }

  async #tcp(socket: Socket, reader: SocketReader): Promise<void> {
    if (this.#spec.speaksFirst === true) socket.write(`${this.name} ready\n`)
    for (let first = true; ; first = false) {
      const bytes = await reader.some()
      if (bytes.length === 0) return
      if (first) this.#note({ backend: this.name, tcp: bytes.toString('latin1').slice(0, 200) })
      socket.write(first ? Buffer.concat([Buffer.from(`${this.name}:`), bytes]) : bytes)
    }
  }

  async #http(socket: Socket, reader: SocketReader): Promise<void> {
    for (let head = await reader.head(); head !== undefined; head = await reader.head()) {
      const [method = '', target = '', ...version] = (head[0] ?? '').split(' ')
      const headers = headerPairs(head.slice(1))
      const request = {
        method,
        target,
        version: version.join(' '),
        last: new Map(headers.map(([name, value]) => [name.toLowerCase(), value])),
      }
      if (request.last.get('expect')?.toLowerCase().includes('100-continue') === true) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      await this.#noteRequest(request, headers, reader)
      if (!(await this.#answer(request, this.#reply(request), socket, reader))) return
    }
  }

  async #noteRequest(request: Request, headers: readonly HeaderPair[], reader: SocketReader): Promise<void> {
    const { bytes, trailers, complete } = await reader.body(headers, false)
    if (this.#spec.quiet === true) return
    this.#note({
      backend: this.name,
      method: request.method,
      target: request.target,
      version: request.version,
      headers: this.#workspace.tidyHeaders(headers),
      body: shorten(bytes),
      ...(trailers.length > 0 && { trailers }),
      ...(!complete && { incomplete: true }),
    })
  }

  #reply(request: Request): Reply {
    const asked = request.last.get('x-reply') ?? replyParameter(request.target)
    return { ...this.#spec.reply, ...(asked === undefined ? {} : parseReply(asked)) }
  }

  /** Sends the answer; false when the connection ends with it. */
  async #answer(request: Request, wanted: Reply, socket: Socket, reader: SocketReader): Promise<boolean> {
    await sleep((wanted.delay ?? 0) * 1000)
    let reply = wanted
    const { failFirst = 0 } = reply
    const failures = this.#failed.get(failFirst) ?? 0
    if (failures < failFirst) {
      this.#failed.set(failFirst, failures + 1)
      if (reply.failStatus === undefined) return false
      reply = { ...reply, status: reply.failStatus }
    }
    if (reply.close === true) return false
    if (reply.raw !== undefined) {
      socket.write(reply.raw, 'latin1')
      return reply.thenClose === false
    }
    const upgrade = request.last.get('upgrade')
    if (upgrade !== undefined && upgrade !== '' && reply.noUpgrade !== true) {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\nX-Backend: ${this.name}\r\n\r\n`)
      for (let bytes = await reader.some(); bytes.length > 0; bytes = await reader.some()) socket.write(bytes)
      return false
    }
    for (const [status, headers] of reply.informational ?? [])
      socket.write(`HTTP/1.1 ${status} Info\r\n${headerText(headers)}\r\n`, 'latin1')
    this.#sendMessage(request, reply, socket)
    return request.last.get('connection')?.toLowerCase() !== 'close' && request.version !== 'HTTP/1.0'
  }

  #sendMessage(request: Request, reply: Reply, socket: Socket): void {
    const status = reply.status ?? 200
    const text = reply.size === undefined ? (reply.body ?? `${this.name}\n`) : 'abcdefghij'.repeat(reply.size / 10 + 1).slice(0, reply.size)
    const body = Buffer.from(text, 'latin1')
    const trailers = reply.trailers ?? []
    const headers: (readonly [string, string])[] = [...(reply.headers ?? [['Content-Type', 'text/plain; charset=utf-8'] as const])]
    headers.push(['X-Backend', this.name])
    if (reply.chunked === true) {
      headers.push(['Transfer-Encoding', 'chunked'])
      if (trailers.length > 0) headers.push(['Trailer', trailers.map(([name]) => name).join(', ')])
    } else if (status !== 204 && status !== 304) headers.push(['Content-Length', String(body.length)])
    socket.write(`HTTP/1.1 ${status} ${reply.reason ?? 'OK'}\r\n${headerText(headers)}\r\n`, 'latin1')
    if (request.method === 'HEAD' || status === 204 || status === 304) return
    if (reply.chunked !== true) {
      socket.write(body)
      return
    }
    for (let at = 0; at < body.length; at += 4096) {
      const part = body.subarray(at, at + 4096)
      socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]))
    }
    socket.write(`0\r\n${headerText(trailers)}\r\n`, 'latin1')
  }

  /** Stops listening. Open connections stay, as those of a server process that stops accepting. */
  stop(): void {
    this.#server?.close()
    this.#server = undefined
    this.#udp?.close()
    this.#udp = undefined
  }

  /** Stops listening and cuts every connection. */
  end(): void {
    this.stop()
    for (const socket of this.#sockets) socket.destroy()
  }
}

function headerText(headers: readonly (readonly [string, string])[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}

/** The `reply` parameter of a request's target, when it is readable JSON. */
function replyParameter(target: string): string | undefined {
  const question = target.indexOf('?')
  if (question < 0) return undefined
  const text = new URLSearchParams(target.slice(question + 1).split('#')[0]).get('reply') ?? undefined
  try {
    if (text !== undefined) JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}

function parseReply(text: string): Reply {
  const parsed: Reply = JSON.parse(text)
  return parsed
}
