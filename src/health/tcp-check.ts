/** One health check of a TCP server: a connection, and if wanted a text sent and the answer that must come. */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { TlsSettings } from '../generation/tls-settings.ts'
import type { TcpHealthTarget } from './targets.ts'

/** Headers of the PROXY protocol for connections of the router's own, by version: servers that expect one close others. */
const ownHeaders = {
  0: null,
  1: Buffer.from('PROXY UNKNOWN\r\n', 'latin1'),
  2: Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'),
} as const

/** Checks a server; rejects with what is wrong. */
export async function checkTcp({ check, tls }: TcpHealthTarget, signal: AbortSignal): Promise<void> {
  const plain = connectTcp({ host: check.host, port: check.port, autoSelectFamily: true })
  const sockets: Socket[] = [plain]
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const giveUp = (): void => reject(signal.reason)
  signal.addEventListener('abort', giveUp)
  const watch = (socket: Socket): void => {
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed without an answer')))
  }
  watch(plain)
  plain.once('connect', () => {
    const header = ownHeaders[check.proxyProtocol]
    if (header !== null) plain.write(header)
    if (tls === null) {
      talk(plain, check, resolve, reject)
      return
    }
    try {
      const { ALPNProtocols: _http, ...options } = new TlsSettings(tls).optionsFor(check.host)
      const secured = connectTls({ ...options, socket: plain })
      sockets.push(secured)
      watch(secured)
      secured.once('secureConnect', () => talk(secured, check, resolve, reject))
    } catch (cause) {
      reject(cause)
    }
  })
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', giveUp)
    for (const socket of sockets) socket.destroy()
  }
}

function talk(socket: Socket, { send, expect }: TcpHealthTarget['check'], resolve: () => void, reject: (cause: Error) => void): void {
  if (send !== '') socket.write(send)
  if (expect === '') {
    // The text has been handed over when the end has.
    if (send === '') resolve()
    else socket.end(resolve)
    return
  }
  const wanted = Buffer.from(expect)
  let have: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    have = Buffer.concat([have, chunk])
    const length = Math.min(have.length, wanted.length)
    if (!have.subarray(0, length).equals(wanted.subarray(0, length))) reject(new Error(`unexpected answer ${shown(have)}`))
    else if (length === wanted.length) resolve()
  })
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(0, 60).toString('latin1'))
}
