/**
 * Decides for each ClientHello which options and which certificate the connection gets, or that it is refused, and makes the handshake. Nothing is
 * ever served by weaker options than were asked for: where options cannot be used nobody is served, and routers answer 421 on connections that were
 * made under other options than theirs (R24).
 */
import type { Socket } from 'node:net'
import type { CertificatePlan, TlsCommonPlan, TlsOptionsPlan } from '../../generation/plan.ts'
import type { CertificateIndex } from './certificate-index.ts'
import type { ClientHello } from './client-hello.ts'
import { Handshake, type HandshakeTimer, type TlsConnection } from './handshake.ts'
import { defaultTlsOptions, type HostOptions, HttpsHosts } from './https-hosts.ts'
import { type TlsContext, TlsContexts } from './tls-contexts.ts'

/** Alerts that end a handshake before OpenSSL takes part (RFC 8446 §6.2). */
export const tlsAlerts = { handshakeFailure: 40, accessDenied: 49, decodeError: 50, internalError: 80, unrecognizedName: 112 } as const

/** How a connection is to be served, or with which alert it is to be refused. */
export type TlsChoice =
  | {
      readonly refusal: null
      readonly wanted: HostOptions['wanted']
      readonly options: TlsOptionsPlan
      readonly certificate: CertificatePlan
      readonly context: TlsContext
    }
  | { readonly refusal: number; readonly wanted: HostOptions['wanted'] }

/** What a generation says of TLS. */
export interface TlsServing {
  readonly common: TlsCommonPlan
  readonly options: ReadonlyMap<string, TlsOptionsPlan>
  readonly certificates: ReadonlyMap<string, CertificatePlan>
  readonly index: CertificateIndex
  /** By entry point. */
  readonly hosts: ReadonlyMap<string, HttpsHosts>
}

/** What the acceptor leans on. */
export interface TlsAcceptorContext {
  readonly nowMs: () => number
  /** Options and certificate do not go together, or a callback failed: one connection was lost to it. */
  readonly onFault: (error: unknown, fields: Readonly<Record<string, string>>) => void
  /** A handshake was made on an entry point, or failed. */
  readonly onHandshake?: (entryPoint: string, isOk: boolean) => void
}

/** A connection whose ClientHello has been read. */
export interface TlsArrival {
  readonly socket: Socket
  /** All that has been read from it. */
  readonly head: Uint8Array
  readonly hello: ClientHello
  readonly timer: HandshakeTimer
  /** How long the handshake may take; 0: no limit. */
  readonly timeoutMs: number
  readonly entryPoint: string
}

/** Takes TLS connections of one worker. */
export class TlsAcceptor {
  readonly #context: TlsAcceptorContext
  readonly #contexts = new TlsContexts()
  #serving: TlsServing | null = null

  constructor(context: TlsAcceptorContext) {
    this.#context = context
  }

  /** Serves another generation from now on; connections that were made go on. */
  serve(serving: TlsServing): void {
    this.#serving = serving
    this.#contexts.update(serving.common, serving.options, serving.certificates)
  }

  /** What the HTTPS routers of an entry point ask for; `wanted` tells whether they name the host, so that it can be weighed against TCP routers. */
  choose(entryPoint: string, hello: ClientHello, localIp: string): TlsChoice {
    const hosts = this.#serving?.hosts.get(entryPoint)
    const { options, wanted, isPattern } = hosts === undefined ? noHosts : hosts.find(hello.serverName)
    // A pattern may take hosts that nobody thought of: clients that cannot do as its router demands are told so over HTTP, by 421.
    const name = isPattern && !this.#canSpeak(options, hello) ? defaultTlsOptions : options
    return this.#choose(name, wanted, hello, localIp)
  }

  /** A choice under a given set of options, such as those of a TCP router. */
  chooseOptions(options: string, hello: ClientHello, localIp: string): TlsChoice {
    return this.#choose(options, 'none', hello, localIp)
  }

  #canSpeak(name: string, hello: ClientHello): boolean {
    const options = this.#serving?.options.get(name)
    if (options === undefined) return true
    const [min, max] = [versionNumbers[options.minVersion], versionNumbers[options.maxVersion]]
    return hello.versions.some((version) => version >= min && version <= max)
  }

  #choose(name: string, wanted: HostOptions['wanted'], hello: ClientHello, localIp: string): TlsChoice {
    const serving = this.#serving
    const options = serving?.options.get(name)
    if (serving === null || options === undefined) return { refusal: tlsAlerts.accessDenied, wanted }
    const now = this.#context.nowMs()
    const named = serving.index.find(hello.serverName === '' ? localIp : hello.serverName, hello, now)
    if (named === null && options.sniStrict) return { refusal: tlsAlerts.unrecognizedName, wanted }
    const certificate = named ?? serving.index.findDefault(hello, now)
    if (certificate === null) return { refusal: tlsAlerts.unrecognizedName, wanted }
    try {
      return { refusal: null, wanted, options, certificate, context: this.#contexts.context(certificate, options) }
    } catch (cause) {
      this.#context.onFault(cause, { tlsOptions: name, certificate: certificate.names.join(',') })
      return { refusal: tlsAlerts.internalError, wanted }
    }
  }

  /**
   * Makes the handshake. Rejects when it fails, with the connection gone; so it is when the choice was a refusal, after its alert was sent.
   */
  async wrap(choice: TlsChoice, arrival: TlsArrival): Promise<TlsConnection> {
    const { onHandshake } = this.#context
    try {
      const connection = await this.#shakeHands(choice, arrival)
      onHandshake?.(arrival.entryPoint, true)
      return connection
    } catch (cause) {
      onHandshake?.(arrival.entryPoint, false)
      throw cause
    }
  }

  #shakeHands(choice: TlsChoice, { socket, head, hello, timer, timeoutMs }: TlsArrival): Promise<TlsConnection> {
    if (choice.refusal !== null) {
      refuseTls(socket, choice.refusal)
      return Promise.reject(new Error(`refused with TLS alert ${choice.refusal}`))
    }
    const { options, certificate, context } = choice
    return new Handshake({ socket, head, hello, options, certificate, context, timer, timeoutMs }).done
  }
}

/** Ends a connection with a fatal alert (RFC 8446 §6), so that the client can tell its user why. */
export function refuseTls(socket: Socket, alert: number): void {
  socket.on('error', ignore)
  // The version is that of the first record of any version.
  socket.end(Buffer.from([21, 3, 1, 0, 2, 2, alert]), () => socket.destroy())
}

function ignore(): void {}

/** On the wire. */
const versionNumbers = { 'TLSv1': 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 } as const

const noHosts: HostOptions = new HttpsHosts().find('')
