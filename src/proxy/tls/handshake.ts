/**
 * A TLS handshake on an accepted connection, by `tls.TLSSocket` on top of its socket. What Node does for connections of a `tls.Server` by itself (to
 * judge the client's certificate) is done here, and fails closed.
 */
import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { CertificatePlan, TlsOptionsPlan } from '../../generation/plan.ts'
import type { TlsFacts } from '../http/exchange.ts'
import type { ClientHello } from './client-hello.ts'
import type { TlsContext } from './tls-contexts.ts'

/** A connection after its handshake. */
export interface TlsConnection {
  readonly socket: TLSSocket
  readonly facts: TlsFacts
  /** '' when none was agreed on. */
  readonly alpn: string
}

/** Calls once after some milliseconds, unless what it returns is called before. */
export interface HandshakeTimer {
  after(ms: number, call: () => void): () => void
}

/** What a handshake is made of. */
export interface HandshakeInput {
  readonly socket: Socket
  /** What has been read from it: the ClientHello, and perhaps more. */
  readonly head: Uint8Array
  readonly hello: ClientHello
  readonly options: TlsOptionsPlan
  readonly certificate: CertificatePlan
  readonly context: TlsContext
  readonly timer: HandshakeTimer
  readonly timeoutMs: number
}

/** A handshake under way. */
export class Handshake {
  readonly done: Promise<TlsConnection>
  readonly #input: HandshakeInput
  readonly #secured: TLSSocket
  readonly #resolve: (connection: TlsConnection) => void
  readonly #reject: (cause: Error) => void
  readonly #cancelTimer: () => void
  readonly #onError = (cause: Error): void => this.#fail(cause)
  readonly #onClose = (): void => this.#fail(new Error('connection closed during the TLS handshake'))

  constructor(input: HandshakeInput) {
    this.#input = input
    const { promise, resolve, reject } = Promise.withResolvers<TlsConnection>()
    this.done = promise
    this.#resolve = resolve
    this.#reject = reject
    const { socket, head, options, context, certificate, timer, timeoutMs } = input
    const { clientAuth } = options
    // An error of the connection below has no listener of Node's own before the handshake.
    socket.on('error', ignore)
    if (head.length > 0) socket.unshift(head)
    this.#secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: context.secureContext,
      ...(context.alpn.length > 0 ? { ALPNProtocols: context.alpn } : {}),
      requestCert: clientAuth !== 'none',
      // To OpenSSL this only means that there must be a certificate; whether it can be trusted is judged below.
      rejectUnauthorized: clientAuth === 'requireAny' || clientAuth === 'requireAndVerify',
    })
    if (certificate.ocspStaple !== '') staple(this.#secured, certificate.ocspStaple)
    this.#cancelTimer = timeoutMs > 0 ? timer.after(timeoutMs, () => this.#fail(new Error('TLS handshake timed out'))) : ignore
    this.#secured.on('error', this.#onError)
    this.#secured.on('_tlsError', this.#onError)
    this.#secured.on('close', this.#onClose)
    this.#secured.once('secure', () => this.#secure())
  }

  #secure(): void {
    const secured = this.#secured
    const problem = clientProblem(secured, this.#input.options)
    if (problem !== null) {
      this.#cancelTimer()
      this.#reject(new Error(problem))
      // OpenSSL cannot be asked for an alert any more; a reset tells the client that this is no orderly end. Not in this turn: OpenSSL is still at work
      // here, and Node aborts the process when the connection below it goes now.
      setImmediate(() => {
        this.#input.socket.resetAndDestroy()
        this.#secured.destroy()
      })
      return
    }
    this.#cancelTimer()
    secured.off('close', this.#onClose)
    secured.off('error', this.#onError)
    // From here on a fault of TLS ends the connection as one of the socket does.
    secured.off('_tlsError', this.#onError)
    secured.on('_tlsError', () => secured.destroy())
    secured.on('error', ignore)
    const alpn = secured.alpnProtocol
    this.#resolve({ socket: secured, facts: factsOf(secured, this.#input), alpn: typeof alpn === 'string' ? alpn : '' })
  }

  #fail(cause: Error): void {
    this.#cancelTimer()
    this.#reject(cause)
    this.#secured.destroy()
  }
}

function ignore(): void {}

/** The handle below the TLS socket: Node's own, so what is believed of it is checked at each use. */
function callHandle(secured: TLSSocket, method: string, ...args: readonly unknown[]): { readonly result: unknown } | null {
  const handle: unknown = Reflect.get(secured, '_handle')
  if (typeof handle !== 'object' || handle === null) return null
  const call: unknown = Reflect.get(handle, method)
  return typeof call === 'function' ? { result: Reflect.apply(call, handle, args) } : null
}

/** Why the client's certificate does not satisfy the options; null when it does. */
function clientProblem(secured: TLSSocket, { clientAuth }: TlsOptionsPlan): string | null {
  if (clientAuth === 'none' || clientAuth === 'request') return null
  const certificate = secured.getPeerX509Certificate()
  if (certificate === undefined) return clientAuth === 'verifyIfGiven' ? null : 'client sent no certificate'
  if (clientAuth === 'requireAny') return null
  const verified = callHandle(secured, 'verifyError')
  if (verified === null) return 'client certificate cannot be verified on this Node'
  if (verified.result === null || verified.result === undefined) return null
  return `client certificate: ${verified.result instanceof Error ? verified.result.message : 'not trusted'}`
}

/** Without the method no response is stapled, which clients can live with. */
function staple(secured: TLSSocket, ocspStaple: string): void {
  callHandle(secured, 'setOCSPResponse', Buffer.from(ocspStaple, 'base64'))
}

function factsOf(secured: TLSSocket, { hello, options }: HandshakeInput): TlsFacts {
  const certificate = options.clientAuth === 'none' ? undefined : secured.getPeerX509Certificate()
  return {
    version: (secured.getProtocol() ?? '').replace('TLSv', '').replace(/^1$/, '1.0'),
    cipher: secured.getCipher().standardName,
    serverName: hello.serverName,
    clientSubject: certificate === undefined ? '' : distinguishedName(certificate),
    policy: options.policy,
    clientCertificate: certificate ?? null,
  }
}

/** RFC 2253: the most specific part first. */
function distinguishedName(certificate: X509Certificate): string {
  return certificate.subject.split('\n').toReversed().join(',')
}
