/** Makes connections to servers: TCP (candidates of a name in order), Unix sockets, through a forward proxy, with TLS on top. */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsConnectOptions, TlsSettings } from '../../generation/tls-settings.ts'
import type { CancelTimer } from '../../std/clock.ts'
import type { ForwardProxy } from './proxy-environment.ts'

/** Longest TLS handshake, in milliseconds, as Traefik has it. */
const handshakeTimeoutMs = 10_000
/** Idle time before TCP keep-alive probes, in milliseconds. */
const keepAliveMsDefault = 30_000
/** Largest head of a proxy's answer to CONNECT, in bytes. */
const proxyHeadBytesMax = 16 * 1024

/** Where to, and how. */
export interface DialRoute {
  /** Path of a Unix socket; '' for TCP. */
  readonly socketPath: string
  readonly host: string
  readonly port: number
  readonly tls: Pick<TlsSettings, 'optionsFor'> | null
  readonly proxy: ForwardProxy | null
  /** 0: none. */
  readonly dialTimeoutMs: number
  /** Idle time before TCP keep-alive probes, in milliseconds; negative: none are sent. */
  readonly keepAliveMs?: number
  /** Sent before anything else, the handshake of TLS included. */
  readonly preamble?: Uint8Array | null
}

/** Ends a dial in either way; the error has a code as Node's errors do. */
export type Dialed = (error: NodeJS.ErrnoException | null, socket: Socket | null) => void

/** A dial under way. */
export class Dial {
  readonly #route: DialRoute
  readonly #after: (ms: number, call: () => void) => CancelTimer
  readonly #done: Dialed
  #socket: Socket | null = null
  #cancelTimer: CancelTimer | null = null
  #over = false
  readonly #onError = (error: NodeJS.ErrnoException): void => this.#fail(error)
  readonly #onClose = (): void => this.#fail(closedError('connection closed while it was made'))

  /** Starts; `done` is called once, never during this call. */
  constructor(route: DialRoute, after: (ms: number, call: () => void) => CancelTimer, done: Dialed) {
    this.#route = route
    this.#after = after
    this.#done = done
    // Shorter than any clock tells: it has passed before the system call returns.
    if (route.dialTimeoutMs > 0 && route.dialTimeoutMs < 1) this.#failSoon(timeoutError('dial'))
    else this.#connect()
  }

  /** Gives up; `done` is not called any more. */
  cancel(): void {
    this.#over = true
    this.#cancelTimer?.()
    this.#socket?.destroy()
  }

  #connect(): void {
    const { socketPath, proxy, dialTimeoutMs, keepAliveMs = keepAliveMsDefault } = this.#route
    const { host, port } = proxy ?? this.#route
    let socket: Socket
    try {
      socket =
        socketPath !== ''
          ? connectTcp({ path: socketPath })
          : connectTcp({
              host: host === '' ? 'localhost' : host,
              port,
              autoSelectFamily: true,
              noDelay: true,
              keepAlive: keepAliveMs >= 0,
              keepAliveInitialDelay: keepAliveMs,
            })
    } catch (cause) {
      // A port out of range, for one.
      this.#failSoon(cause instanceof Error ? cause : new Error(String(cause)))
      return
    }
    // Nothing may be read before its owner has taken the connection over.
    socket.pause()
    this.#socket = socket
    this.#watch(socket)
    if (dialTimeoutMs > 0) this.#cancelTimer = this.#after(dialTimeoutMs, () => this.#fail(timeoutError('dial')))
    socket.once('connect', () => this.#connected(socket))
  }

  #connected(socket: Socket): void {
    if (this.#over) return
    const { proxy, tls, preamble = null } = this.#route
    this.#cancelTimer?.()
    this.#cancelTimer = null
    if (preamble !== null) socket.write(preamble)
    if (proxy === null) {
      if (tls === null) this.#succeed(socket)
      else this.#secureServer(socket, tls)
      return
    }
    if (proxy.isTls)
      this.#secure(socket, { servername: proxy.host, ALPNProtocols: ['http/1.1'] }, (secured) => this.#throughProxy(secured, proxy))
    else this.#throughProxy(socket, proxy)
  }

  #throughProxy(socket: Socket, proxy: ForwardProxy): void {
    const { host, port, tls } = this.#route
    // Plain requests go to the proxy with an absolute target.
    if (tls === null) {
      this.#succeed(socket)
      return
    }
    this.#cancelTimer = this.#after(handshakeTimeoutMs, () => this.#fail(timeoutError('proxy')))
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const authorization = proxy.authorization === '' ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`
    let head = ''
    const onData = (chunk: Buffer): void => {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0 && head.length <= proxyHeadBytesMax) return
      socket.off('data', onData)
      socket.pause()
      this.#cancelTimer?.()
      if (!/^HTTP\/1\.[01] 2\d\d/.test(head)) {
        this.#fail(closedError(`proxy refused the connection: ${head.slice(0, Math.max(0, head.indexOf('\r\n')))}`))
      } else if (end < 0 || head.length > end + 4) {
        // A server speaks only after the client's hello, so bytes behind the head are not its own.
        this.#fail(closedError('proxy sent bytes behind its answer'))
      } else {
        this.#secureServer(socket, tls)
      }
    }
    socket.on('data', onData)
    socket.resume()
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`)
  }

  #secureServer(socket: Socket, tls: Pick<TlsSettings, 'optionsFor'>): void {
    let options: TlsConnectOptions
    try {
      options = tls.optionsFor(this.#route.host)
    } catch (cause) {
      this.#fail(
        Object.assign(new Error(`servers transport: ${cause instanceof Error ? cause.message : String(cause)}`), {
          code: 'ERR_TLS_INVALID_CONTEXT',
        }),
      )
      return
    }
    this.#secure(socket, options, (secured) => this.#succeed(secured))
  }

  #secure(socket: Socket, options: TlsConnectOptions, done: (secured: Socket) => void): void {
    this.#cancelTimer = this.#after(handshakeTimeoutMs, () => this.#fail(timeoutError('TLS handshake')))
    const secured = connectTls({ ...options, socket })
    secured.pause()
    this.#socket = secured
    this.#watch(secured)
    secured.once('secureConnect', () => {
      if (this.#over) return
      this.#cancelTimer?.()
      this.#cancelTimer = null
      done(secured)
    })
  }

  #watch(socket: Socket): void {
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  #succeed(socket: Socket): void {
    this.#over = true
    // The socket below TLS keeps the listeners: they do nothing any more, and an error without listener would end the process.
    socket.off('error', this.#onError)
    socket.off('close', this.#onClose)
    this.#done(null, socket)
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#over) return
    this.cancel()
    this.#done(error, null)
  }

  #failSoon(error: Error): void {
    queueMicrotask(() => this.#fail(error))
  }
}

function timeoutError(what: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${what} timed out`), { code: 'ETIMEDOUT' })
}

function closedError(text: string): NodeJS.ErrnoException {
  return Object.assign(new Error(text), { code: 'ECONNRESET' })
}
