/** Connections of clients: from which address, with what sent first, over TLS or not; and what a failure is called in the recordings. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import type { ConnectionSpec, Json, Result, TlsSpec } from './format.ts'
import { ReadTimeoutError } from './reader.ts'
import type { Workspace } from './workspace.ts'

const connectTimeoutMs = 5000

const versions: Readonly<Record<string, SecureVersion>> = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' }

function tlsOptions(spec: TlsSpec, workspace: Workspace): ConnectionOptions {
  const old = spec.max === '1.0' || spec.max === '1.1'
  const options: ConnectionOptions = {
    rejectUnauthorized: false,
    // The curves of the client that was recorded: it had no post-quantum ones.
    ecdhCurve: 'X25519:P-256:P-384:P-521',
    minVersion: versions[old ? (spec.max ?? '') : (spec.min ?? '1.2')] ?? 'TLSv1.2',
  }
  if (spec.max !== undefined) options.maxVersion = versions[spec.max] ?? 'TLSv1.3'
  if (spec.sni !== undefined) options.servername = spec.sni
  if (spec.alpn) options.ALPNProtocols = [...spec.alpn]
  if (old) options.ciphers = 'ALL:@SECLEVEL=0'
  if (spec.ciphers !== undefined) options.ciphers = spec.ciphers
  if (spec.clientCert !== undefined) {
    const name = workspace.fillText(spec.clientCert)
    const files = name.startsWith('/') ? { certificate: name, key: name } : workspace.certificate(name)
    options.cert = readFileSync(files.certificate)
    options.key = readFileSync(files.key)
  }
  return options
}

/** Opens a connection to an entry point; the handshake is over when it returns. */
export async function connect(spec: ConnectionSpec, workspace: Workspace): Promise<Socket> {
  const options = { host: '127.0.0.1', port: workspace.port(spec.to), localAddress: spec.from ?? '127.0.0.1', allowHalfOpen: true }
  const socket = connectTcp(options)
  const signal = AbortSignal.timeout(connectTimeoutMs)
  try {
    await once(socket, 'connect', { signal })
    socket.setNoDelay(true)
    if (spec.proxy !== undefined) socket.write(workspace.fillText(spec.proxy), 'latin1')
    if (spec.tls === undefined) return socket
    const secure = connectTls({ ...tlsOptions(spec.tls, workspace), socket })
    await once(secure, 'secureConnect', { signal })
    return secure
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** What the handshake settled; undefined without TLS. */
export function tlsFacts(socket: Socket): Json | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const names = (socket.getPeerX509Certificate()?.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:'))
  const certificate = names.some((name) => name.endsWith('traefik.default'))
    ? ['<default certificate>']
    : names.map((name) => name.slice(4))
  const alpn = typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null
  return { version: socket.getProtocol(), alpn, certificate }
}

/** What an error means in a result: a timeout, a failed handshake or a failed connection. Others are faults of the replayer. */
export function failure(error: unknown): Result {
  if (error instanceof ReadTimeoutError) return { timeout: true }
  if (!(error instanceof Error)) throw error
  const code = 'code' in error ? String(error.code) : error.name
  if (code === 'ABORT_ERR') return { timeout: true }
  const isTls = /^ERR_SSL|^ERR_TLS|^EPROTO/.test(code) || error.message.includes('before secure TLS connection')
  if (isTls) return { failed: 'tls' }
  if (/^E[A-Z]+$|^ERR_STREAM/.test(code)) return { failed: 'connection' }
  throw error
}
